"""Slower bars of another instrument, on the clock of a part of a portfolio that reads them."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.slower import NEVER, opening_of
from wickwork.graph.types import Bar, BarLength, Moment, SeriesOrMissing, TimeframeParameter

nan = float("nan")
NOTHING = Bar(nan, nan, nan, nan, nan)


class Gathered(NamedTuple):
    """Memory of `slower_other`: the slower bar made of the bars so far, and when it opened."""

    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    volume: float = 0.0
    opened: int = NEVER
    whole: int = 0
    current: int = NEVER
    """When the slower bar opened that the newest bar of the run belongs to."""


@node(title="Slower bars of another instrument", group="internal")
def slower_other(
    memory: Gathered,
    bars: Bar,
    open: SeriesOrMissing,  # noqa: A002 - the name of the column
    high: SeriesOrMissing,
    low: SeriesOrMissing,
    close: SeriesOrMissing,
    volume: SeriesOrMissing,
    tick: SeriesOrMissing,
    moment: Moment,
    length: BarLength,
    *,
    to: Annotated[int, TimeframeParameter()] = "1h",  # type: ignore[assignment]  # written as text, received as ms
) -> tuple[Gathered, Bar]:
    """The other's slower bar for each slower bar of the part, which appears where `tick` has a value.

    It is made of those of its bars that are there by then, whichever others are missing, so it is never late. It is
    missing where there is none at all, and for the one inside of which the other's data begin.
    """
    current = opening_of(moment, to)
    found = NOTHING
    on_time = moment + length >= current + to
    gathered = Bar(memory.open, memory.high, memory.low, memory.close, memory.volume)
    opened, whole = memory.opened, memory.whole
    if (tick == tick) & (not on_time) & (whole > 0) & (opened == memory.current):
        found = gathered
    if close == close:
        if opened == current:
            higher, lower = max(gathered.high, high), min(gathered.low, low)
            gathered = Bar(gathered.open, higher, lower, close, gathered.volume + volume)
        else:
            whole = 1 if (moment == current) | (opened > NEVER) else 0
            gathered, opened = Bar(open, high, low, close, volume), current
    if (tick == tick) & on_time & (whole > 0) & (opened == current):
        found = gathered
    return (
        Gathered(gathered.open, gathered.high, gathered.low, gathered.close, gathered.volume, opened, whole, current),
        found,
    )
