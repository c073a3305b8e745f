"""Interactive evaluation: an unsaved graph over some bars, answered while its parameters are being changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics.run import Run
from wickwork.analytics.trades import fill_table, plain
from wickwork.graph.check import GraphFaults
from wickwork.graph.document import from_text
from wickwork.graph.faults import MOST_SHOWN
from wickwork.services.child import Tools
from wickwork.services.core import canonical
from wickwork.services.work.request import context_of, prepared
from wickwork.services.work.window import Window, bar_window, lowest_and_highest
from wickwork.strategies.load import Loaded, with_references


def run(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Faults, or statistics, equity, fills and the wires asked for; only of the bars of `window`, but for statistics.

    `points` is the most points of a curve: it has the lowest and the highest value of each of half as many stretches.
    """
    try:
        done = prepared(request, tools).plan().run()
    except GraphFaults as error:
        return _EMPTY | {"faults": [asdict(one) for one in error.faults[:MOST_SHOWN]]}
    window = bar_window(done.history.feed.opened_at, request.get("from_bar"), request.get("to_bar"))
    points = request.get("points", 2000)
    times = done.history.feed.opened_at
    wires = {name: _wire(done, name, window, points) for name in request.get("wires", ())}
    fills = plain(fill_table(done.ledger, done.names), as_iso=False)
    inside = [i for i, at in enumerate(fills["filled_at"]) if window.opened <= at <= window.last]
    return {
        "faults": [],
        "stats": dict(done.stats),
        "bars": len(times),
        "equity": lowest_and_highest(times, done.history.equity, window, points),
        "fills": {name: [values[i] for i in inside[:_MOST_FILLS]] for name, values in fills.items()},
        "fills_left_out": max(len(inside) - _MOST_FILLS, 0),
        "wires": wires,
    }


_MOST_FILLS = 5_000
_EMPTY: dict[str, Any] = {
    "stats": {}, "bars": 0, "equity": None, "fills": {}, "fills_left_out": 0, "wires": {},
}  # fmt: skip


def _wire(done: Run, name: str, window: Window, points: int) -> list[Any]:
    """A wire of each instrument as a curve."""
    values: NDArray[np.float64] = np.atleast_2d(done.columns[name])
    return [lowest_and_highest(done.history.feed.opened_at, row, window, points) for row in values]


def faults(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The faults of a graph, without running it."""
    context = context_of(tools)
    loaded = Loaded(with_references(from_text(canonical(request["graph"])), context), context.catalogue)
    try:
        loaded.check()
    except GraphFaults as error:
        return {"faults": [asdict(one) for one in error.faults[:MOST_SHOWN]]}
    return {"faults": []}
