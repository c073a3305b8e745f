"""A strategy over a DataFrame in a run: its columns beside the bars, and the graph that reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from wickwork.model.bars import Bars, Floats
from wickwork.model.errors import InputError
from wickwork.model.events import BarsClosed
from wickwork.model.instrument import Kind
from wickwork.strategies.frame_signals import SIGNAL, columns_of, evaluate, graph_of
from wickwork.strategies.frames import FrameStrategy, title_of
from wickwork.strategies.load import Loaded
from wickwork.strategies.look_ahead import examine_result


def with_signals(loaded: Loaded, bars: Sequence[Bars]) -> tuple[Loaded, list[Bars]]:
    """The strategy with its graph, and the bars with its columns; both as they are for a strategy that is a graph.

    Raises InputError for signals that depend on later bars, unless the strategy is not `checked`; for instruments with
    different columns; and for spot instruments together with perpetuals.
    """
    strategy = loaded.frame_strategy
    if strategy is None:
        return loaded, list(bars)
    columns: list[dict[str, Floats]] = []
    for one in bars:
        found = evaluate(strategy, one)
        columns.append(columns_of(strategy, found, one))
        for finding in examine_result(strategy, one, found) if strategy.checked else ():
            raise InputError(str(finding))
    names = _common(strategy, bars, columns)
    traded = [one.with_columns(added) for one, added in zip(bars, columns, strict=True)]
    return replace(loaded, graph=graph_of(strategy, names, _short(strategy, bars))), traded


def prepared(loaded: Loaded, bars: Sequence[Bars]) -> Loaded:
    """The strategy with the graph of a run over such bars, whose columns are computed bar by bar.

    The first bars, four times the window, decide which columns there are. Raises as `with_signals`.
    """
    strategy = loaded.frame_strategy
    if strategy is None:
        return loaded
    first = [one.slice(0, 4 * strategy.window) for one in bars]
    return with_signals(loaded, first)[0]


def columns_read(loaded: Loaded) -> list[str]:
    """The columns from outside that its graph reads, by name."""
    return sorted(
        {str(entry.params.get("field", "")) for entry in loaded.graph.nodes.values() if entry.type == "column"}
    )


def feed_with_signals(
    feed: Iterable[BarsClosed], strategy: FrameStrategy, bars: Sequence[Bars], names: Sequence[str]
) -> Iterator[BarsClosed]:
    """The bars of a feed with the columns `names` of the strategy, each computed over the window that ends there.

    `bars` have the bars of the feed and those before them, by instrument in the order of the feed. Raises InputError
    as `evaluate` and `columns_of`.
    """
    for event in feed:
        rows = [_row(strategy, one, event.opened_at) for one in bars]
        added = {name: tuple(None if row is None else row.get(name) for row in rows) for name in names}
        yield replace(event, columns={**event.columns, **added})


def _row(strategy: FrameStrategy, bars: Bars, opened_at: int) -> Mapping[str, float | None] | None:
    """The columns at the bar that opened then, over the window that ends with it; None without such a bar."""
    stop = int(np.searchsorted(bars.opened_at, opened_at, side="right"))
    if not stop or bars.opened_at[stop - 1] != opened_at:
        return None
    if stop <= strategy.warmup:
        return {SIGNAL: 0.0}
    start = max(stop - strategy.window, 0)
    window = bars.slice(start, stop)
    columns = columns_of(strategy, evaluate(strategy, window), window, start)
    return {name: float(values[-1]) if np.isfinite(values[-1]) else None for name, values in columns.items()}


def _common(strategy: FrameStrategy, bars: Sequence[Bars], columns: Sequence[Mapping[str, Floats]]) -> list[str]:
    """The names of the columns, which must be those of every instrument."""
    for one, own in zip(bars, columns, strict=True):
        if set(own) != set(columns[0]):
            raise InputError(
                f"{title_of(strategy)} gives the columns {', '.join(columns[0])} for {bars[0].instrument} and "
                f"{', '.join(own)} for {one.instrument}; give the same for all."
            )
    return list(columns[0])


def _short(strategy: FrameStrategy, bars: Sequence[Bars]) -> bool:
    """Whether a signal of −1 opens short positions."""
    kinds = {one.instrument.kind for one in bars}
    if len(kinds) > 1:
        raise InputError(
            f"{title_of(strategy)} trades spot instruments together with perpetuals, where −1 has two meanings; run it "
            "over either."
        )
    return kinds == {Kind.PERPETUAL}
