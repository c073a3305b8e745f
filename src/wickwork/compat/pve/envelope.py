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


def write_run(now: Mapping[str, str], then: Mapping[str, str], data: Any) -> Any:
    """The file with a changed suggested run in its envelope; a bare file gets one. `then` is the run that it names."""
    if dict(now) == dict(then):
        return data
    if "graph" not in data:
        data = {"graph": data}
    forms: Mapping[str, tuple[str, Callable[[str], str]]] = {
        "instrument": ("symbol", _symbol),
        "timeframe": ("timeframe", timeframe_text),
        "start": ("startDate", str),
        "end": ("endDate", str),
    }
    for ours, (theirs, form) in forms.items():
        if ours not in now:
            data.pop(theirs, None)
        elif now[ours] != then.get(ours):
            data[theirs] = form(now[ours])
    return data


def timeframe_text(text: str) -> str:
    """A timeframe in PVE's words: `3min` for 3m."""
    return f"{text}in" if text.endswith("m") else text


def _symbol(text: str) -> str:
    instrument = parse_instrument(text)
    return f"{instrument.base}{instrument.quote}"
