"""Bars of a slower timeframe. The planner inserts this node, too, where a part of a portfolio has slower bars."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, BarLength, Moment, Series, SeriesOrMissing, TimeframeParameter
from wickwork.model.timeframe import DAY, WEEK

nan = float("nan")
MONDAY = 4 * DAY  # 1970-01-05, the first Monday after the epoch
NEVER = -(1 << 53)  # a moment before all moments, exact as a float


def opening_of(moment: int, length: int) -> int:
    """When the bar of that length opened that contains the moment: `Timeframe.floor`, for compiled code."""
    origin = MONDAY if length % WEEK == 0 else 0
    return (moment - origin) // length * length + origin


def moment_in(column: float) -> int:
    """A moment as columns hold it, for compiled code; `NEVER` where it is missing."""
    return int(column) if column == column else NEVER


class Slower(NamedTuple):
    """Memory of `timeframe`: the slower bar so far."""

    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    volume: float = 0.0
    until: int = NEVER
    waiting: int = 0


@node(
    title="Timeframe",
    phrase={
        "bars": "the {to} bars",
        "open": "the {to} open",
        "high": "the {to} high",
        "low": "the {to} low",
        "close": "the {to} close",
        "volume": "the {to} volume",
    },
    group="time",
    sparse=True,
    terms=("resample", "higher timeframe", "multi timeframe", "aggregate", "mtf"),
)
def timeframe(
    memory: Slower,
    bars: Bar,
    moment: Moment,
    length: BarLength,
    *,
    to: Annotated[int, TimeframeParameter()] = "1h",  # type: ignore[assignment]  # written as text, received as ms
) -> tuple[Slower, Bar]:
    """Bars of a slower timeframe, each on one bar only: the bar with whose close it is complete.

    First open, highest high, lowest low, last close, sum of the volumes; weeks begin on Monday, UTC. A slower bar whose
    last bar is missing appears when the next bar arrives, unless that one completes another. The slower bar that was
    incomplete at the start of the data is left out. The timeframe must be a multiple of that of the bars.
    """
    nothing = Bar(nan, nan, nan, nan, nan)
    if moment < memory.until:
        opened, until, waiting = memory.open, memory.until, memory.waiting
        high = bars.high if bars.high > memory.high else memory.high
        low = bars.low if bars.low < memory.low else memory.low
        volume = memory.volume + bars.volume
        late = nothing
    else:
        begin = opening_of(moment, to)
        late = Bar(memory.open, memory.high, memory.low, memory.close, memory.volume) if memory.waiting > 0 else nothing
        opened, high, low, volume, until = bars.open, bars.high, bars.low, bars.volume, begin + to
        fits = (to % length == 0) & ((moment - begin) % length == 0)
        whole = (moment == begin) | (memory.until > NEVER)  # the first one counts only when the data contain its start
        waiting = 1 if fits & whole else 0
    if (waiting > 0) & (moment + length >= until):
        return Slower(opened, high, low, bars.close, volume, until, 0), Bar(opened, high, low, bars.close, volume)
    return Slower(opened, high, low, bars.close, volume, until, waiting), late


class Opened(NamedTuple):
    """Memory of `opening`: when the slower bar under way opened, and the one that appeared last."""

    current: int = NEVER
    appeared: int = NEVER


@node(title="Opening of the slower bar", group="internal")
def opening(
    memory: Opened,
    bars: Bar,
    tick: SeriesOrMissing,
    moment: Moment,
    length: BarLength,
    *,
    to: Annotated[int, TimeframeParameter()] = "1h",  # type: ignore[assignment]  # written as text, received as ms
) -> tuple[Opened, Series]:
    """When the slower bar opened that appeared last: `tick` has a value on the bars on which one does.

    A slower bar whose last bar is missing appears with the first bar of a later one, and the moment of that bar
    is another than that of its opening.
    """
    current, appeared = opening_of(moment, to), memory.appeared
    if tick == tick:
        appeared = current if moment + length >= current + to else memory.current
    return Opened(current, appeared), float(appeared)
