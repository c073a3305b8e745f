"""Sums, places of extremes and scaling over the last bars."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, Length, Series, Window
from wickwork.nodes.windows import BOTTOM, TOP, Period, slide_highest, slide_lowest, slide_sum

nan = float("nan")
Age = Annotated[Series, Between(0, 4999)]


class Summed(NamedTuple):
    """Memory of `rolling_sum`."""

    sums: Annotated[Window, Length(lambda period: period)]
    part: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="Rolling sum",
    phrase="the sum of {source} over {period} bars",
    group="maths",
    warmup=lambda period: period,
    terms=("sum", "moving sum", "total of the last bars", "math.sum"),
    source="TA-Lib SUM",
)
def rolling_sum(memory: Summed, source: Series, *, period: Period = 20) -> tuple[Summed, Series]:
    """The sum of the last `period` values, the newest among them; in the unit of the source."""
    at, part, total = slide_sum(memory.sums, memory.at, memory.part, source, period)
    seen = memory.seen + 1
    return Summed(memory.sums, part, at, seen), total if seen >= period else nan


class Candidates(NamedTuple):
    """Memory of `bars_since_highest` and `bars_since_lowest`.

    A ring of the values that may still become the extreme of the window, the present one first; each later one is
    newer and less extreme. A new value removes those that it exceeds, so that a bar costs the same for every window.
    """

    values: Annotated[Window, Length(lambda period: period)]
    bars: Annotated[Window, Length(lambda period: period)]
    first: int = 0
    size: int = 0
    seen: int = 0


def keep_candidates(m: Candidates, value: float, period: int, sign: float) -> tuple[Candidates, float]:
    """The memory after one more value, and the age of the highest (`sign` 1) or lowest (−1) one, the latest of ties."""
    first, size = m.first, m.size
    if (size > 0) & (m.bars[first] <= float(m.seen - period)):
        first, size = (first + 1 if first + 1 < period else 0), size - 1
    while size > 0:
        last = first + size - 1
        last = last if last < period else last - period
        if sign * m.values[last] > sign * value:
            break
        size -= 1
    end = first + size
    end = end if end < period else end - period
    m.values[end] = value
    m.bars[end] = float(m.seen)
    return Candidates(m.values, m.bars, first, size + 1, m.seen + 1), float(m.seen) - m.bars[first]


@node(
    title="Bars since highest",
    phrase="the number of bars since the {period}-bar high of {source}",
    group="price",
    warmup=lambda period: period,
    terms=("highestbars", "argmax", "maxindex", "age of the high", "aroon"),
    source="TA-Lib MAXINDEX",
)
def bars_since_highest(memory: Candidates, source: Series, *, period: Period = 20) -> tuple[Candidates, Age]:
    """How many bars ago the highest of the last `period` values was: 0 where it is the newest.

    Of equal ones the latest counts.
    """
    kept, age = keep_candidates(memory, source, period, 1.0)
    return kept, age if kept.seen >= period else nan


@node(
    title="Bars since lowest",
    phrase="the number of bars since the {period}-bar low of {source}",
    group="price",
    warmup=lambda period: period,
    terms=("lowestbars", "argmin", "minindex", "age of the low", "aroon"),
    source="TA-Lib MININDEX",
)
def bars_since_lowest(memory: Candidates, source: Series, *, period: Period = 20) -> tuple[Candidates, Age]:
    """How many bars ago the lowest of the last `period` values was: 0 where it is the newest.

    Of equal ones the latest counts.
    """
    kept, age = keep_candidates(memory, source, period, -1.0)
    return kept, age if kept.seen >= period else nan


class Extremes(NamedTuple):
    """Memory of `normalise`."""

    highs: Annotated[Window, Length(lambda period: period)]
    lows: Annotated[Window, Length(lambda period: period)]
    high: float = BOTTOM
    low: float = TOP
    at: int = 0
    seen: int = 0


@node(
    title="Normalise",
    phrase="the place of {source} in its range of {period} bars (0 to 1)",
    group="maths",
    warmup=lambda period: period,
    terms=("normalize", "min-max", "rescale", "0 to 1", "feature scaling", "stochastic of a series"),
)
def normalise(
    memory: Extremes, source: Series, *, period: Annotated[int, Between(2, 5000)] = 100
) -> tuple[Extremes, Annotated[Series, Between(0, 1)]]:
    """Where the value lies between the lowest (0) and the highest (1) of the last `period` values.

    (source − lowest) / (highest − lowest); 0.5 in a window of equal values.
    """
    _, high, highest = slide_highest(memory.highs, memory.at, memory.high, source, period)
    at, low, lowest = slide_lowest(memory.lows, memory.at, memory.low, source, period)
    seen = memory.seen + 1
    kept = Extremes(memory.highs, memory.lows, high, low, at, seen)
    place = (source - lowest) / (highest - lowest) if highest > lowest else 0.5
    return kept, place if seen >= period else nan
