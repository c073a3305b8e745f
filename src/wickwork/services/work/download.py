"""The download of bars from an exchange into the store."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wickwork.market.download.backfill import Progress, backfill
from wickwork.market.download.connection import Connection, connect, find, timeframe_of
from wickwork.market.download.request import RequestFailed, Timing
from wickwork.market.store import Store
from wickwork.model.errors import InputError, WickworkError
from wickwork.model.instrument import Instrument, Kind, parse_instrument
from wickwork.model.timeframe import parse_timeframe
from wickwork.services.child import Tools
from wickwork.services.work.request import context_of

ADDRESS = "WICKWORK_EXCHANGE_ADDRESS"
"""The environment variable with which an operator names a mirror or a test server."""
_FOREVER = 2**62
_MOST_FINDINGS = 50


def run(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Download what is missing of `instruments` of `venue` in `timeframe` from `start` to before `end` (ms UTC).

    Without `start` a series is filled from its first stored bar on. Returns what was added to each series, or why not.
    Raises WickworkError where no series could be downloaded; what arrived until then is stored.
    """
    store = context_of(tools).store
    connections: dict[Kind, Connection] = {}
    names: list[str] = request["instruments"]
    done: list[dict[str, Any]] = []
    for number, name in enumerate(names):
        instrument = replace(parse_instrument(name), venue=request["venue"])
        reached = Progress(0, 0, 0, None)

        def show(progress: Progress, number: int = number, name: str = name) -> None:
            nonlocal reached
            reached = progress
            part = progress.answered / progress.total if progress.total else 1.0
            tools.progress((number + part) / len(names), f"{name}: {progress.answered:,} of {progress.total:,} bars")

        error = ""
        try:
            if instrument.kind not in connections:
                tools.progress(number / len(names), f"requesting the instruments of {request['venue']}")
                life = Timing(lambda: int(time.time() * 1000), time.sleep, random.random)
                address = os.environ.get(ADDRESS, "")
                connections[instrument.kind] = connect(request["venue"], instrument.kind, life, _pause(tools), address)
            _download(store, connections[instrument.kind], instrument, request, show, tools)
        except WickworkError as failed:
            error = str(failed)
            tools.log(f"{name}: {error}")
            done.append(_described(name, reached, error))
            if isinstance(failed, RequestFailed):
                done += [_described(one, Progress(0, 0, 0, None), "it was not begun.") for one in names[number + 1 :]]
                break
            continue
        done.append(_described(name, reached, error))
    failures = [one for one in done if one["error"]]
    if len(failures) == len(done) and not any(one["added"] for one in done):
        raise WickworkError(f"{failures[0]['instrument']}: {failures[0]['error']}")
    return {"venue": request["venue"], "timeframe": request["timeframe"], "series": done}


def _download(
    store: Store,
    connection: Connection,
    instrument: Instrument,
    request: Mapping[str, Any],
    show: Any,
    tools: Tools,
) -> None:
    found, frame = find(connection, instrument), timeframe_of(connection, parse_timeframe(request["timeframe"]))
    start, stop = request.get("start"), request.get("end")
    if start is None:
        stored = store.find(found, frame)
        if stored is None:
            raise InputError(f"The store has no {frame} bars of {found} of {found.venue} yet; give `start`.")
        start = stored.first
    span = start, _FOREVER if stop is None else stop
    backfill(store, connection, found, frame, span, on_progress=show, on_pause=_pause(tools))


def _pause(tools: Tools) -> Any:
    return lambda seconds, why: tools.log(f"waiting for {seconds:.0f} s: {why}")


def _described(name: str, progress: Progress, error: str) -> dict[str, Any]:
    return {
        "instrument": name,
        "added": progress.added,
        "findings": [one.sentence for one in progress.findings[:_MOST_FINDINGS]],
        "error": error or None,
    }
