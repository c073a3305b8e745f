"""Recognise columns by name: time, open, high, low, close and volume in several languages and formats."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wickwork.model.errors import InputError, did_you_mean, shown
from wickwork.model.instrument import ALIASES, Instrument

# The first that is present is taken: an opening time before a bare date beside it.
_TIMES = (
    "openedat", "opentime", "opentimeutc", "opentimestamp", "timestamp", "unix", "unixtimestamp", "unixtime", "epoch",
    "datetime", "datetimeutc", "gmttime", "utctime", "timeutc", "dateutc", "utc", "fechahora", "time", "date", "fecha",
    "tiempo", "hora", "ts", "t", "index", "indexlevel0",
)  # fmt: skip
_PRICES = {
    "open": ("open", "o", "apertura", "openprice", "abre"),
    "high": ("high", "h", "maximo", "max", "alto", "highprice"),
    "low": ("low", "l", "minimo", "min", "bajo", "lowprice"),
    "close": ("close", "c", "cierre", "closeprice", "ultimo"),
}
_VOLUMES = ("volume", "v", "vol", "volumen", "basevolume", "volumebase", "baseassetvolume", "volumefrom", "realvolume")
_TICK_VOLUMES = ("tickvol", "tickvolume")
_DAYS, _HOURS = ("date", "fecha"), ("time", "hora")
_INSTRUMENTS = ("symbol", "instrument", "ticker", "pair", "market", "simbolo", "par")
_CLOSINGS = ("closetime", "closedat", "closetimestamp", "endtime")


@dataclass(frozen=True)
class Columns:
    """The names of the columns that hold bars."""

    times: tuple[str, ...]
    """One name, or those of the day and of the time of day where the two have columns of their own."""
    values: dict[str, str]
    """For each of open, high, low, close and volume its column."""
    tick_volume: str | None
    """The column with the number of ticks, which MetaTrader writes beside a volume that may be 0 throughout."""


def find_columns(names: Iterable[str], instrument: Instrument, source: str) -> Columns:
    """Find the columns of the bars of an instrument.

    The volume is the column named so, or the one that names the base currency (`Volume BTC`); a volume in another
    currency is never taken. Raises InputError where a column is missing or two could be meant, naming those present.
    """
    names = list(names)
    times = _times(names, source)
    values = {field: name for field, words in _PRICES.items() if (name := _first(names, words, source))}
    ticks = _first(names, _TICK_VOLUMES, source)
    volume = _first(names, (*_VOLUMES, *_own_volumes(instrument)), source) or ticks
    if volume:
        values["volume"] = volume
    for field in ("time", *_PRICES, "volume"):
        if not (times if field == "time" else field in values):
            present = ", ".join(name[:40] for name in names[:20]) or "no columns"
            hint = _foreign_volume(names, instrument) if field == "volume" else ""
            hint = hint or did_you_mean(field, names)
            raise InputError(f"{source} has no column for {field}; found: {present}.{hint}")
    return Columns(times, values, ticks)


def instrument_column(names: Iterable[str]) -> str | None:
    """The column that names the instrument of each row, if there is one."""
    return next((name for name in names if plain(name) in _INSTRUMENTS), None)


def is_header(cells: Iterable[str]) -> bool:
    """True if the cells of a line name both a time and a close."""
    words = {plain(cell) for cell in cells}
    return not words.isdisjoint(_TIMES) and not words.isdisjoint(_PRICES["close"])


def names_time(cell: str) -> bool:
    """True for a name of a column of opening times."""
    return plain(cell) in _TIMES


def names_volume(cell: str) -> bool:
    """True for a name of a column of volumes."""
    return plain(cell) in (*_VOLUMES, *_TICK_VOLUMES)


def names_closing_time(cell: str) -> bool:
    """True for a name of a column of closing times."""
    return plain(cell) in _CLOSINGS


def names_close(cells: Iterable[str]) -> bool:
    """True when one of the cells names the closing price."""
    return not {plain(cell) for cell in cells}.isdisjoint(_PRICES["close"])


def plain(name: str) -> str:
    """A name in lower case, without accents, spaces and punctuation: `Máximo` becomes `maximo`."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", bare.lower())


def _times(names: Sequence[str], source: str) -> tuple[str, ...]:
    first = _first(names, _TIMES, source)
    day, hour = _first(names, _DAYS, source), _first(names, _HOURS, source)
    if day and hour and first in (day, hour):
        return day, hour
    return (first,) if first else ()


def _first(names: Sequence[str], words: Iterable[str], source: str) -> str | None:
    """The column whose name is the first possible of `words`; InputError if two columns have it."""
    for word in words:
        found = [name for name in names if plain(re.sub(r" \(\d+\)$", "", name)) == word]
        if word in found and len(word) == 1:  # Binance's streams call the opening time t and the closing time T
            return word
        if len(found) > 1:
            both = " and ".join(shown(name) for name in found[:2])
            raise InputError(f"{source} has more than one column called {word} ({both}); leave one of them out.")
        if found:
            return found[0]
    return None


def _own_volumes(instrument: Instrument) -> list[str]:
    """Names of a volume in the base currency: `Volume BTC`, `Vol. (XBT)`, `BTC volume`."""
    coins = [instrument.base, *(alias for alias, coin in ALIASES.items() if coin == instrument.base)]
    forms = ("volume{}", "vol{}", "volumen{}", "{}volume")
    return [form.format(plain(coin)) for coin in coins for form in forms]


def _foreign_volume(names: Sequence[str], instrument: Instrument) -> str:
    other = next((name for name in names if re.match(r"(vol(ume|umen)?)[^a-z]", name.lower())), None)
    return f" {shown(other)!r} is not a volume in {instrument.base}." if other else ""
