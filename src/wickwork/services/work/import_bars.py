"""The import of an uploaded file of bars."""

from __future__ import annotations

import re
import shutil
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from wickwork.market.sources.formats import format_of
from wickwork.market.sources.importing import Imported, import_file
from wickwork.market.sources.reading import NaiveTimes, read_without_warning
from wickwork.model.errors import InputError, WickworkError
from wickwork.model.instrument import Instrument, parse_instrument
from wickwork.model.timeframe import parse_timeframe
from wickwork.services.child import Tools
from wickwork.services.core import uploads_of
from wickwork.services.work.memory import at_most
from wickwork.services.work.request import context_of

MOST_MEMORY = 3_000_000_000
"""Bytes that reading a file may take."""
_MOST_FINDINGS = 100
_NAME = re.compile(r"[^/\\\0]{1,150}")


def check(request: Mapping[str, Any], tools: Tools) -> None:
    """Raise InputError where a file of that name, or with these options, could not be imported."""
    del tools
    format_of(Path(_named(request)))
    _owner(request)
    if request["timeframe"]:
        parse_timeframe(request["timeframe"])


def run(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Import the uploaded file `name` of the folder `upload`, which is deleted then; return what was stored of it."""
    folder = uploads_of(tools.place.home) / request["upload"]
    path = folder / _named(request)
    tools.progress(0.0, "reading")
    try:
        if not path.is_file():
            raise InputError("The uploaded file is not there any more; upload it again.")
        with at_most(MOST_MEMORY), warnings.catch_warnings():
            warnings.simplefilter("ignore", NaiveTimes)  # the result has it
            frame = parse_timeframe(request["timeframe"]) if request["timeframe"] else None
            owner = _owner(request)
            if request["venue"] and owner is None:
                owner = replace(read_without_warning(path).instrument, venue=request["venue"].lower())
            done = import_file(context_of(tools).store, path, owner, frame, now=int(time.time() * 1000))
    except MemoryError:
        raise InputError("The file needs more memory than an import may take; divide it into smaller ones.") from None
    except WickworkError as error:
        raise type(error)(str(error).replace(f"{folder}/", "")) from None
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)
    return _described(done)


def _named(request: Mapping[str, Any]) -> str:
    """The name of the file. Raises InputError for what is no name of a file in a folder."""
    name = request["name"]
    if not _NAME.fullmatch(name) or not name.isprintable() or name.startswith("."):
        raise InputError(f"{name!r:.60} cannot be the name of a file of bars; rename it to one such as BTCUSDT_1h.csv.")
    return str(name)


def _owner(request: Mapping[str, Any]) -> Instrument | None:
    if not request["instrument"]:
        return None
    found = parse_instrument(request["instrument"])
    return replace(found, venue=request["venue"].lower()) if request["venue"] else found


def _described(done: Imported) -> dict[str, Any]:
    return {
        "file": done.path.name,
        "instrument": str(done.instrument),
        "venue": done.instrument.venue if done.instrument else "",
        "timeframe": str(done.timeframe),
        **asdict(done.appended),
        "findings": [asdict(one) for one in done.findings[:_MOST_FINDINGS]],
        "findings_left_out": max(len(done.findings) - _MOST_FINDINGS, 0),
        "times_without_zone": done.naive_times,
    }
