"""Which column is which: the names that people and exchanges give to time, open, high, low, close and volume."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from wickwork.model.bars import COLUMNS
from wickwork.model.errors import InputError, did_you_mean

# The first that is there wins: an opening time beats a bare date beside it.
_TIMES = (
    "openedat", "opentime", "opentimestamp", "timestamp", "unix", "epoch", "datetime", "fechahora", "time", "date",
    "fecha", "tiempo", "hora", "ts", "t", "index", "indexlevel0",
)  # fmt: skip
_VALUES = {
    "open": ("open", "o", "apertura", "openprice", "abre"),
    "high": ("high", "h", "maximo", "max", "alto", "highprice"),
    "low": ("low", "l", "minimo", "min", "bajo", "lowprice"),
    "close": ("close", "c", "cierre", "closeprice", "ultimo"),
    "volume": ("volume", "v", "vol", "volumen", "basevolume"),
}
_DAYS, _HOURS = ("date", "fecha"), ("time", "hora")
_INSTRUMENTS = ("symbol", "instrument", "ticker", "pair", "market", "simbolo", "par")


def recognise(names: Iterable[str], source: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The names of the time column (two when day and hour stand apart) and of each of the five values.

    Raises InputError naming the first thing that has no column, and what there is.
    """
    found = {_plain(name): name for name in reversed(list(names))}
    times = [found[word] for word in _TIMES if word in found]
    day = next((found[word] for word in _DAYS if word in found), None)
    hour = next((found[word] for word in _HOURS if word in found), None)
    if day and hour and times[0] in (day, hour):
        times = [day, hour]
    elif times:
        times = times[:1]
    values = {}
    for field, words in _VALUES.items():
        name = next((found[word] for word in words if word in found), None)
        if name is None and field == "volume":  # `Volume BTC`, `Volume USDT`: the first is the base coin's
            name = next((name for name in names if _plain(name).startswith("vol")), None)
        if name is not None:
            values[field] = name
    for field in ("time", *COLUMNS):
        if not (times if field == "time" else field in values):
            there = ", ".join(name[:40] for name in list(names)[:20]) or "no columns"
            raise InputError(f"{source} has no column for {field}; found: {there}.{did_you_mean(field, names)}")
    return tuple(times), values


def instrument_column(names: Iterable[str]) -> str | None:
    """The column that names the instrument of each row, if there is one."""
    return next((name for name in names if _plain(name) in _INSTRUMENTS), None)


def is_header(cells: Iterable[str]) -> bool:
    """True when a line of a text file names both a time and a close."""
    words = {_plain(cell) for cell in cells}
    return not words.isdisjoint(_TIMES) and not words.isdisjoint(_VALUES["close"])


def _plain(name: str) -> str:
    """A name without accents, letter case, spaces and signs: `Máximo` is maximo, `Open time` opentime."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", bare.lower())
