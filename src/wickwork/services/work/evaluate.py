"""Interactive evaluation: an unsaved graph over some bars, answered while its parameters are being changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from wickwork.analytics.run import Run
from wickwork.analytics.trades import fill_table, plain
from wickwork.engine.backtest import columns_of
from wickwork.graph.check import GraphFaults
from wickwork.graph.document import from_text
from wickwork.graph.faults import MOST_SHOWN
from wickwork.services.child import Tools
from wickwork.services.core import canonical
from wickwork.services.work.bar_counts import INTERACTIVE_BARS
from wickwork.services.work.request import context_of, prepared
from wickwork.services.work.window import Window, bar_window, lowest_and_highest, refuse_many_points
from wickwork.strategies.load import Loaded, with_references


def run(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Faults, or statistics, equity, fills and the wires asked for; only of the bars of `window`, but for statistics.

    `points` is the most points of a curve: it has the lowest and the highest value of each of half as many stretches.
    """
    try:
        ready = prepared(request, tools, INTERACTIVE_BARS)
        names = list(dict.fromkeys(request.get("wires", ())))
        points = request.get("points", 2000)
        refuse_many_points(points, 1 + len(names) * len(ready.market.bars))
        done = ready.plan().run()
    except GraphFaults as error:
        return _EMPTY | {"faults": [asdict(one) for one in error.faults[:MOST_SHOWN]]}
    times = done.history.feed.opened_at
    window = bar_window(times, request.get("from_bar"), request.get("to_bar"))
    fills, left_out = _fills(done, window)
    return {
        "faults": [],
        "stats": dict(done.stats),
        "bars": len(times),
        "equity": lowest_and_highest(times, done.history.equity, window, points),
        "fills": fills,
        "fills_left_out": left_out,
        "wires": wire_curves(done, names, window, points),
    }


_MOST_FILLS = 5_000
_MOST_VALUES = 20_000_000
"""Values of wires that are in memory at once: 160 MB."""
_EMPTY: dict[str, Any] = {
    "stats": {}, "bars": 0, "equity": None, "fills": {}, "fills_left_out": 0, "wires": {},
}  # fmt: skip


def wire_curves(done: Run, names: Sequence[str], window: Window, points: int) -> dict[str, list[Any]]:
    """Wires as curves, for each a list with one of each instrument. The run is repeated once for many of them.

    Raises NotFound for a wire that there is not.
    """
    feed, columns = done.history.feed, {name: done.history.program.column(name) for name in names}
    at_once = max(_MOST_VALUES // (feed.size * len(feed.instruments)), 1)
    curves: dict[str, list[Any]] = {}
    for first in range(0, len(names), at_once):
        found = columns_of(done.history, {name: columns[name] for name in names[first : first + at_once]})
        for name, rows in found.items():
            curves[name] = [lowest_and_highest(feed.opened_at, row, window, points) for row in rows]
    return curves


def _fills(done: Run, window: Window) -> tuple[dict[str, list[Any]], int]:
    """The first fills of the window as columns, and how many more there are."""
    bars = done.ledger.fills["bar"]
    first, end = (int(np.searchsorted(bars, bar)) for bar in (window.start, window.stop))
    table = fill_table(done.ledger, done.names)
    shown = {name: values[first : min(end, first + _MOST_FILLS)] for name, values in table.items()}
    return plain(shown, as_iso=False), max(end - first - _MOST_FILLS, 0)


def faults(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The faults of a graph, without running it."""
    context = context_of(tools)
    loaded = Loaded(with_references(from_text(canonical(request["graph"])), context), context.catalogue)
    try:
        loaded.check()
    except GraphFaults as error:
        return {"faults": [asdict(one) for one in error.faults[:MOST_SHOWN]]}
    return {"faults": []}
