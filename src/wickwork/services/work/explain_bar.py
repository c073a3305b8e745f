"""Explaining one bar of a backtest, which is computed again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wickwork.analytics.run import Run
from wickwork.model.bars import iso
from wickwork.model.errors import Conflict, InputError
from wickwork.services.child import Tools
from wickwork.services.core import digest
from wickwork.services.work.request import prepared

_KEY = "explained"


def explain_bar(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The explanation as data, with the number of all `bars`."""
    done = _computed_again(request, tools)
    bar = _bar_at(done, request["time"]) if request["bar"] is None else request["bar"]
    return {**done.explain(bar, request["instrument"]).to_data(), "bars": done.history.feed.size}


def _computed_again(request: Mapping[str, Any], tools: Tools) -> Run:
    """The run once more; a process keeps the last one. Raises Conflict where it is not the same."""
    kept: dict[str, Run] = tools.memory.setdefault(_KEY, {})
    planned = prepared(request["run"], tools).plan()
    found = digest(dict(planned.manifest))
    if found != request["manifest_hash"]:
        raise Conflict(
            "This run cannot be computed again as it was: the bars or the version of Wickwork changed. Run it again."
        )
    if found not in kept:
        kept.clear()
        kept[found] = planned.run()
    return kept[found]


def _bar_at(done: Run, time: int) -> int:
    times = done.history.feed.opened_at
    bar = int(np.searchsorted(times, time, side="right")) - 1
    if bar < 0 or time >= int(times[bar]) + done.history.feed.timeframe.milliseconds:
        raise InputError(f"The run has no bar at {iso(time)}; its bars open from {iso(times[0])} to {iso(times[-1])}.")
    return bar
