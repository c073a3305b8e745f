"""PVE's envelope around a graph: the symbol, timeframe and dates for which the strategy was made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from wickwork.compat.pve.values import plain
from wickwork.model.errors import InputError
from wickwork.model.instrument import parse_instrument
from wickwork.model.timeframe import parse_timeframe

TIMEFRAMES = ("1min", "3min", "5min", "15min", "30min", "1h")
"""The timeframes of PVE."""


def suggested_run(envelope: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The run that PVE's envelope names, and notes about what of it could not be read."""
    found: dict[str, str] = {}
    notes = []
    for key, ours, read in (
        ("symbol", "instrument", _perpetual),
        ("timeframe", "timeframe", lambda text: str(parse_timeframe(text))),
        ("startDate", "start", _date),
        ("endDate", "end", _date),
    ):
        given = envelope.get(key)
        if given is None or given == "":
            continue
        try:
            found[ours] = plain(read(given if isinstance(given, str) else str(given)))
        except (InputError, ValueError):
            notes.append(
                f"The file's {key} cannot be read and is not in the suggested run: {plain(str(given))[:60]!r}."
            )
            continue
        notes.append(f"The file's {key} {plain(str(given))} is {ours} {found[ours]} of the suggested run.")
    return found, notes


def _perpetual(text: str) -> str:
    return str(parse_instrument(text if re.search(r"[./:-]", text) else f"{text}.P"))


def _date(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def write_run(now: Mapping[str, str], then: Mapping[str, str], data: Any, problems: list[str]) -> Any:
    """The file with a changed suggested run in its envelope; a bare file gets one. `then` is the run that it names.

    Adds to the problems what PVE does not have: instruments but linear perpetuals, timeframes but its six.
    """
    if dict(now) == dict(then):
        return data
    if "graph" not in data:
        data = {"graph": data}
    for ours, (theirs, form) in FORMS.items():
        if ours not in now:
            data.pop(theirs, None)
        elif now[ours] != then.get(ours):
            given = form(now[ours])
            if given:
                data[theirs] = given
            else:
                problems.append(f"suggested_run.{ours} = {now[ours]}: PVE has no such {theirs}")
    return data


def _symbol(text: str) -> str:
    instrument = parse_instrument(text)
    symbol = f"{instrument.base}{instrument.quote}"
    is_linear = instrument.settle == instrument.quote
    return symbol if is_linear and _perpetual(symbol) == str(instrument) else ""


def timeframe_text(text: str) -> str:
    """A timeframe in PVE's words, `3min` for 3m; empty for one that PVE does not have."""
    canonical = str(parse_timeframe(text))
    return next((one for one in TIMEFRAMES if str(parse_timeframe(one)) == canonical), "")


FORMS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "instrument": ("symbol", _symbol),
    "timeframe": ("timeframe", timeframe_text),
    "start": ("startDate", str),
    "end": ("endDate", str),
}
"""What the suggested run has, the key of the envelope, and its form there; empty for what PVE does not have."""
