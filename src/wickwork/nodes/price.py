"""What is read off the bars themselves."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Bar, Length, Series, Window
from wickwork.nodes.windows import BOTTOM, TOP, Period, slide_highest, slide_lowest

nan = float("nan")


@node(
    title="HL2",
    phrase="the middle of the bar (HL2)",
    group="price",
    terms=("median price", "midpoint"),
    source="TA-Lib MEDPRICE",
)
def hl2(bars: Bar) -> Series:
    """The middle of the bar: (high + low) / 2, in price units."""
    return (bars.high + bars.low) * 0.5


@node(
    title="HLC3", phrase="the typical price (HLC3)", group="price", terms=("typical price",), source="TA-Lib TYPPRICE"
)
def hlc3(bars: Bar) -> Series:
    """The typical price of the bar: (high + low + close) / 3, in price units."""
    return typical(bars)


def typical(bars: Bar) -> float:
    """(high + low + close) / 3, never outside the bar: of three equal prices it is that price to the last bit."""
    value = (bars.high + bars.low + bars.close) * (1.0 / 3.0)
    value = value if value < bars.high else bars.high
    return value if value > bars.low else bars.low


@node(
    title="OHLC4",
    phrase="the average price of the bar (OHLC4)",
    group="price",
    terms=("average price",),
    source="TA-Lib AVGPRICE",
)
def ohlc4(bars: Bar) -> Series:
    """The average of the four prices of the bar: (open + high + low + close) / 4, in price units."""
    return ((bars.open + bars.close) + (bars.high + bars.low)) * 0.25


class Previous(NamedTuple):
    """Memory of `returns` and `log_returns`."""

    value: float = nan


@node(
    title="Returns",
    phrase="the return of {source}",
    group="price",
    warmup=lambda: 2,
    terms=("percent change", "pct_change", "simple return"),
    source="TA-Lib ROCP(1)",
)
def returns(memory: Previous, source: Series) -> tuple[Previous, Series]:
    """Change since the bar before as a share: source / previous − 1, so 0.01 is one percent up.

    Missing where the previous value is 0.
    """
    return Previous(source), source / memory.value - 1.0 if memory.value != 0.0 else nan


@node(
    title="Log returns",
    phrase="the log return of {source}",
    group="price",
    warmup=lambda: 2,
    terms=("logarithmic return", "continuous return"),
    source="",
)
def log_returns(memory: Previous, source: Series) -> tuple[Previous, Series]:
    """Natural logarithm of source / previous: these add up over time as simple returns do not.

    Missing where a value is not above 0.
    """
    ratio = source / memory.value if memory.value > 0.0 else nan
    return Previous(source), math.log(ratio) if ratio > 0.0 else nan


class Highest(NamedTuple):
    """Memory of `highest`."""

    values: Annotated[Window, Length(lambda period: period)]
    part: float = BOTTOM
    at: int = 0
    seen: int = 0


class Lowest(NamedTuple):
    """Memory of `lowest`."""

    values: Annotated[Window, Length(lambda period: period)]
    part: float = TOP
    at: int = 0
    seen: int = 0


@node(
    title="Highest",
    phrase="the highest {source:bare} in the last {period} bars",
    group="price",
    warmup=lambda period: period,
    terms=("max", "rolling maximum", "donchian", "breakout", "resistance"),
    source="TA-Lib MAX",
)
def highest(memory: Highest, source: Series, *, period: Period = 20) -> tuple[Highest, Series]:
    """The highest of the last `period` values, the newest among them."""
    at, part, best = slide_highest(memory.values, memory.at, memory.part, source, period)
    seen = memory.seen + 1
    if seen < period:
        unlikely()
        best = nan
    return Highest(memory.values, part, at, seen), best


@node(
    title="Lowest",
    phrase="the lowest {source:bare} in the last {period} bars",
    group="price",
    warmup=lambda period: period,
    terms=("min", "rolling minimum", "donchian", "breakdown", "support"),
    source="TA-Lib MIN",
)
def lowest(memory: Lowest, source: Series, *, period: Period = 20) -> tuple[Lowest, Series]:
    """The lowest of the last `period` values, the newest among them."""
    at, part, best = slide_lowest(memory.values, memory.at, memory.part, source, period)
    seen = memory.seen + 1
    if seen < period:
        unlikely()
        best = nan
    return Lowest(memory.values, part, at, seen), best
