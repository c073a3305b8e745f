"""A strategy over a DataFrame in a run: its columns beside the bars, and the graph that reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wickwork.graph.parts import lane_parts, part_called
from wickwork.market.resample import resample
from wickwork.model.bars import Bars, Floats
from wickwork.model.errors import InputError
from wickwork.model.events import BarsClosed
from wickwork.model.instrument import Kind
from wickwork.model.timeframe import Timeframe, parse_timeframe
from wickwork.strategies.frame_signals import SIGNAL, columns_of, evaluate, graph_of
from wickwork.strategies.frames import FrameStrategy, title_of
from wickwork.strategies.load import Loaded
from wickwork.strategies.look_ahead import examine_result
from wickwork.strategies.portfolio import with_part


@dataclass(frozen=True)
class _Lanes:
    """A strategy over a DataFrame, the lanes of the run that it trades, and the timeframe at which it does."""

    part: str
    """The name of its part; empty for the only strategy of a run."""
    strategy: FrameStrategy
    lanes: tuple[int, ...]
    timeframe: Timeframe


def with_signals(loaded: Loaded, bars: Sequence[Bars]) -> tuple[Loaded, list[Bars]]:
    """The strategy with its graph, and the bars with its columns; both as they are for a strategy that is a graph.

    `bars` are those of the lanes. Raises InputError for signals that depend on later bars, unless the strategy is not
    `checked`; for instruments with different columns; and for spot instruments together with perpetuals.
    """
    traded = list(bars)
    for own in _frames_of(loaded, bars):
        columns: list[dict[str, Floats]] = []
        for lane in own.lanes:
            slow, rows = _own_bars(bars[lane], own.timeframe)
            found = evaluate(own.strategy, slow)
            columns.append(columns_of(own.strategy, found, slow))
            for finding in examine_result(own.strategy, slow, found) if own.strategy.checked else ():
                raise InputError(str(finding))
            spread = {name: _spread(values, rows, len(bars[lane])) for name, values in columns[-1].items()}
            traded[lane] = traded[lane].with_columns(spread)
        chosen = [bars[lane] for lane in own.lanes]
        graph = graph_of(own.strategy, _common(own.strategy, chosen, columns), _short(own.strategy, chosen))
        loaded = replace(loaded, graph=with_part(loaded.graph, own.part, graph) if own.part else graph)
    return loaded, _with_the_same_columns(traded) if loaded.frame_parts else traded


def prepared(loaded: Loaded, bars: Sequence[Bars]) -> Loaded:
    """The strategy with the graph of a run over such bars, whose columns are computed bar by bar.

    The first bars, four times the window, decide which columns there are. Raises as `with_signals`.
    """
    needed = (
        4 * one.strategy.window * (one.timeframe.milliseconds // bars[0].timeframe.milliseconds)
        for one in _frames_of(loaded, bars)
    )
    size = max(needed, default=0)
    return with_signals(loaded, [one.slice(0, size) for one in bars])[0] if size else loaded


def columns_read(loaded: Loaded) -> list[str]:
    """The columns from outside that its graph reads, by name."""
    return sorted(
        {str(entry.params.get("field", "")) for entry in loaded.graph.nodes.values() if entry.type == "column"}
    )


def feed_with_signals(feed: Iterable[BarsClosed], loaded: Loaded, bars: Sequence[Bars]) -> Iterator[BarsClosed]:
    """The bars of a feed with the columns that the strategy computes, each over the window that ends there.

    `bars` have the bars of the feed and those before them, by lane. A strategy that is a graph adds none. Raises
    InputError as `evaluate` and `columns_of`.
    """
    owners = _frames_of(loaded, bars)
    sources = {lane: (own.strategy, *_own_bars(bars[lane], own.timeframe)) for own in owners for lane in own.lanes}
    names = columns_read(loaded) if owners else []
    for event in feed:
        rows = [_row(*sources[lane], one, event.opened_at) if lane in sources else {} for lane, one in enumerate(bars)]
        added = {
            name: tuple(row.get(name, _before(event, name, lane)) for lane, row in enumerate(rows)) for name in names
        }
        yield replace(event, columns={**event.columns, **added})


def _before(event: BarsClosed, name: str, lane: int) -> float | None:
    """The value of a column that came with the bars."""
    return event.columns[name][lane] if name in event.columns else None


def _row(
    strategy: FrameStrategy, own: Bars, rows: NDArray[np.int64], bars: Bars, opened_at: int
) -> Mapping[str, float | None]:
    """The columns of its bar that closed with the bar that opened then, over the window that ends with it."""
    at = int(np.searchsorted(bars.opened_at, opened_at))
    if at == len(bars) or bars.opened_at[at] != opened_at:
        return {}
    found = np.flatnonzero(rows == at)
    if not len(found):
        return {}
    stop = int(found[0]) + 1
    if stop <= strategy.warmup:
        return {SIGNAL: 0.0}
    start = max(stop - strategy.window, 0)
    window = own.slice(start, stop)
    columns = columns_of(strategy, evaluate(strategy, window), window, start)
    return {name: float(values[-1]) if np.isfinite(values[-1]) else None for name, values in columns.items()}


def _frames_of(loaded: Loaded, bars: Sequence[Bars]) -> list[_Lanes]:
    """The strategies over a DataFrame of a run over these bars, one for each lane."""
    if loaded.frame_strategy is not None:
        return [_Lanes("", loaded.frame_strategy, tuple(range(len(bars))), bars[0].timeframe)]
    parts = [part for part, _ in lane_parts(loaded.graph)]
    return [
        _Lanes(
            name,
            strategy,
            tuple(lane for lane, part in enumerate(parts) if part.name == name),
            parse_timeframe(part_called(loaded.graph, name).timeframe),
        )
        for name, strategy in loaded.frame_parts.items()
    ]


def _own_bars(bars: Bars, timeframe: Timeframe) -> tuple[Bars, NDArray[np.int64]]:
    """Bars of a slower timeframe, and for each of them the number of the bar with which it appears.

    The rule is that of the node `timeframe`: the bar with which it closes, or else the next one, unless that completes
    the next slower bar; then it is −1.
    """
    if timeframe == bars.timeframe:
        return bars, np.arange(len(bars))
    own = resample(bars, timeframe)
    step, base = timeframe.milliseconds, bars.timeframe.milliseconds
    last = np.searchsorted(bars.opened_at, own.opened_at + step) - 1
    late = bars.opened_at[last] + base < own.opened_at + step
    rows = last + late
    rows[rows == len(bars)] = -1
    rows[:-1][rows[:-1] == rows[1:]] = -1
    return own, rows


def _spread(values: Floats, rows: NDArray[np.int64], size: int) -> Floats:
    """The values at the bars with which their own bars appear, NaN on the others."""
    result = np.full(size, np.nan)
    result[rows[rows >= 0]] = values[rows >= 0]
    return result


def _with_the_same_columns(bars: Sequence[Bars]) -> list[Bars]:
    """The bars with all columns that one of them has; NaN where they have none of that name."""
    names = dict.fromkeys(name for one in bars for name in one.columns)
    return [
        one.with_columns({name: np.full(len(one), np.nan) for name in names if name not in one.columns}) for one in bars
    ]


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
