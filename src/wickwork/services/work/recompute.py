"""Computing a backtest again from its request, which must give the same manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics.run import Run
from wickwork.graph.check import GraphFaults
from wickwork.model.errors import Conflict, InputError, NotFound
from wickwork.services.child import Tools
from wickwork.services.core import digest
from wickwork.services.work.bar_counts import INTERACTIVE_BARS
from wickwork.services.work.evaluate import wire_curves
from wickwork.services.work.request import prepared
from wickwork.services.work.window import refuse_many_points, time_window

_KEY = "recomputed"


def columns(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The curves of `wires` in a window, one for each instrument."""
    done = _again(request, tools)
    window = time_window(done.history.feed.opened_at, request.get("from"), request.get("to"))
    names, instruments = list(dict.fromkeys(request["wires"])), done.history.feed.instruments
    refuse_many_points(request["points"], len(names) * len(instruments))
    return {
        "instruments": [str(one) for one in instruments],
        "bars": window.stop - window.start,
        "first_bar": window.start,
        "wires": wire_curves(done, names, window, request["points"]),
    }


def explain(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """One bar of one instrument, explained: as data, and as `text`."""
    done = _again(request, tools)
    bar = request.get("bar")
    found = done.explain(_bar_at(done, request["time"]) if bar is None else bar, request.get("instrument"))
    return {**found.to_data(), "text": str(found)}


def _bar_at(done: Run, time: int) -> int:
    times: NDArray[np.int64] = done.history.feed.opened_at
    bar = int(np.searchsorted(times, time, side="right")) - 1
    if bar < 0 or time >= int(times[bar]) + done.history.feed.timeframe.milliseconds:
        raise InputError(f"The run has no bar at {time}; its bars open from {times[0]} to {times[-1]} (ms UTC).")
    return bar


def _again(request: Mapping[str, Any], tools: Tools) -> Run:
    """The run once more. A process keeps the last one. Raises Conflict where it is not the same."""
    kept: dict[str, Run] = tools.memory.setdefault(_KEY, {})
    wanted = request["manifest_hash"]
    try:
        planned = prepared(request["run"], tools, INTERACTIVE_BARS).plan()
    except (GraphFaults, NotFound, InputError) as error:
        raise Conflict(f"This run cannot be computed again: {error}") from None
    manifest = dict(planned.manifest)
    if digest(manifest) != wanted:
        raise Conflict(f"This run cannot be computed again as it was: {_difference(request['manifest'], manifest)}.")
    if wanted not in kept:
        kept.clear()
        kept[wanted] = planned.run()
    return kept[wanted]


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Why two manifests differ, as a part of a sentence."""
    if old.get("engine") != new["engine"]:
        return f"it was made by {old.get('engine')}, and this is {new['engine']}; run it again"
    for part in ("data", "finer_data"):
        before, after = old.get(part, []), new[part]
        for one, other in zip(before, after, strict=False):
            if one != other:
                what = f"{one['instrument']} {one['timeframe']}"
                return f"the bars of {what} were corrected, or there are more of them; run it again"
        if len(before) != len(after):
            return "there are other series of bars than there were; run it again"
    parts = [name for name in new if old.get(name) != new[name]]
    return f"{' and '.join(parts)} changed; run it again"
