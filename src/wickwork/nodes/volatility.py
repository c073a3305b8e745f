"""How much prices move."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Series
from wickwork.nodes.trend import smooth
from wickwork.nodes.windows import TOP, Period, Spread, slide_spread

nan = float("nan")


def range_of(bars: Bar, close: float) -> float:
    """The true range of a bar, given the close before it."""
    high = bars.high if bars.high > close else close
    low = bars.low if bars.low < close else close
    return high - low


class Close(NamedTuple):
    """Memory of `true_range`."""

    close: float = nan


@node(
    title="True range",
    phrase="the true range",
    group="volatility",
    warmup=lambda: 2,
    terms=("tr", "trange"),
    source="TA-Lib TRANGE; Wilder 1978",
)
def true_range(memory: Close, bars: Bar) -> tuple[Close, Annotated[Series, Between(0, TOP)]]:
    """The range of the bar together with the gap to the close before it, in price units.

    max(high, previous close) − min(low, previous close). The first bar has no previous close and no value.
    """
    return Close(bars.close), range_of(bars, memory.close) if memory.close == memory.close else nan


class Atr(NamedTuple):
    """Memory of `atr`."""

    close: float = nan
    value: float = 0.0
    seen: int = 0


@node(
    title="ATR",
    group="volatility",
    warmup=lambda period: period + 1,
    terms=("average true range", "volatility"),
    source="TA-Lib ATR; Wilder 1978",
)
def atr(memory: Atr, bars: Bar, *, period: Period = 14) -> tuple[Atr, Annotated[Series, Between(0, TOP)]]:
    """Average true range: the Wilder average of the true range, in price units.

    Seeded with the mean of the first `period` true ranges; the very first bar has none.
    """
    if memory.seen == 0:
        return Atr(bars.close, 0.0, 1), nan
    value = smooth(memory.value, memory.seen, range_of(bars, memory.close), period, 1.0 / period)
    return Atr(bars.close, value, memory.seen + 1), value if memory.seen >= period else nan


@node(
    title="Standard deviation",
    group="volatility",
    warmup=lambda period: period,
    terms=("stddev", "stdev", "sigma", "volatility"),
    source="TA-Lib STDDEV",
)
def standard_deviation(
    memory: Spread, source: Series, *, period: Annotated[int, Between(2, 5000)] = 20, sample: bool = False
) -> tuple[Spread, Annotated[Series, Between(0, TOP)]]:
    """How far the last `period` values typically lie from their mean, in the unit of the source.

    The root of the mean squared distance: divided by `period` (of a population, as TA-Lib and Bollinger have it), or
    by `period` − 1 with `sample` (as pandas has it). Exactly 0 when all values are equal.
    """
    kept, _, deviation = slide_spread(memory, source, period)
    share = 1.0 / (period - 1.0) if sample else 1.0 / period
    return kept, math.sqrt(deviation * share) if kept.seen >= period else nan


class Bands(NamedTuple):
    """Outputs of `bollinger`."""

    lower: Series
    middle: Series
    upper: Series
    width: Series
    percent: Series


@node(
    title="Bollinger bands",
    phrase={
        "lower": "the lower Bollinger band ({period} bars, {multiplier} deviations) of {source}",
        "middle": "the middle of the Bollinger bands ({period} bars) of {source}",
        "upper": "the upper Bollinger band ({period} bars, {multiplier} deviations) of {source}",
        "width": ("the width of the Bollinger bands ({period} bars, {multiplier} deviations) of {source}"),
        "percent": ("the place in the Bollinger bands (%B; {period} bars, {multiplier} deviations) of {source}"),
    },
    group="volatility",
    warmup=lambda period: period,
    terms=("bb", "bbands", "percent b", "band width", "squeeze"),
    source="TA-Lib BBANDS; Bollinger 2001",
)
def bollinger(
    memory: Spread,
    source: Series,
    *,
    period: Annotated[int, Between(2, 5000)] = 20,
    multiplier: Annotated[float, Between(0, 100)] = 2.0,
) -> tuple[Spread, Bands]:
    """A simple moving average with a band of `multiplier` standard deviations (of a population) on each side.

    `lower`, `middle` and `upper` have the unit of the source; `width` = (upper − lower) / middle; `percent` =
    (source − lower) / (upper − lower) is 0 on the lower band, 1 on the upper one, and 0.5 when all values are equal.
    """
    kept, middle, deviation = slide_spread(memory, source, period)
    if kept.seen < period:
        return kept, Bands(nan, nan, nan, nan, nan)
    reach = multiplier * math.sqrt(deviation * (1.0 / period))
    lower, upper = middle - reach, middle + reach
    width = (upper - lower) / middle if middle != 0.0 else nan
    percent = (source - lower) / (upper - lower) if upper > lower else 0.5
    return kept, Bands(lower, middle, upper, width, percent)
