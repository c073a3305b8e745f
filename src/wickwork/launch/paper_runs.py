"""A run on paper over historical bars that arrive by a clock: its start, and the bars that it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wickwork.engine.bot import Bot
from wickwork.engine.fast_clock import FastClock
from wickwork.engine.journal_entries import Start, start_of
from wickwork.engine.runs import Run
from wickwork.engine.window import Universe
from wickwork.graph.check import ValidatedGraph
from wickwork.graph.parts import lanes_of
from wickwork.launch.markets import Market
from wickwork.market.stream import stream
from wickwork.model.bars import Bars
from wickwork.model.events import BarsClosed
from wickwork.model.funding import FundingRates
from wickwork.sim.terms import Terms
from wickwork.strategies.frame_run import feed_with_signals
from wickwork.strategies.load import Loaded


@dataclass(frozen=True)
class SideSeries:
    """What comes with the bars of single instruments, by their names."""

    funding: Mapping[str, FundingRates] = field(default_factory=dict)
    marks: Mapping[str, Bars] = field(default_factory=dict)


def with_lanes(market: Market, strategy: Loaded) -> Market:
    """The bars of each lane of a portfolio; of a single strategy those of each instrument."""
    return replace(market, bars=lanes_of(strategy.graph, market.bars))


def start_on_paper(
    files: Sequence[str],
    validated: ValidatedGraph,
    market: Market,
    series: SideSeries,
    terms: Terms,
    *,
    reported: bool = False,
) -> Start:
    """What the run is, as given. `files` are the Python files of the strategy and of its nodes."""
    finer = market.finer[0].timeframe if market.finer else None
    return start_of(
        validated,
        Universe(
            tuple(b.instrument for b in market.bars),
            market.bars[0].timeframe,
            finer,
            tuple(sorted(series.funding)),
            tuple(sorted(series.marks)),
        ),
        terms,
        source=market.bars[0].source,
        synthetic=market.synthetic,
        first=min(int(b.opened_at[0]) for b in market.bars),
        files=tuple(files),
        reported=reported,
    )


def bars_after(run: Run, bot: Bot, market: Market, series: SideSeries, strategy: Loaded) -> Iterator[BarsClosed]:
    """The bars that a bot has not taken yet, with the columns that the strategy computes."""
    finer = {b.instrument: b for b in market.finer if b.timeframe == run.start.universe.finer}
    feed = stream(market.bars, finer, after=bot.window.opened_at, funding=series.funding, marks=series.marks)
    return feed_with_signals(feed, strategy, market.bars)


def clock_after(run: Run, bot: Bot, speed: float) -> FastClock:
    """A clock that goes on at the close of the last bar, `speed` times as fast as the world."""
    opened = bot.window.opened_at
    begin = run.start.first if opened is None else opened + run.start.universe.timeframe.milliseconds
    return FastClock(begin, speed)
