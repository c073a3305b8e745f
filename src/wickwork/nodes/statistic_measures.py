"""Statistics of the last values of one series: place, spread and shape of their distribution."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, Choice, Length, Series, Window
from wickwork.nodes.counts import count_above, count_below
from wickwork.nodes.windows import TOP, Spread, slide_spread

nan = float("nan")
BELOW = 0
NEAREST, LINEAR = range(2)


@node(
    title="Z-score",
    phrase="the {period}-bar z-score of {source}",
    group="statistics",
    warmup=lambda period: period,
    terms=("standard score", "zscore", "standardize", "normalize", "deviations from the mean"),
    source="textbook",
)
def z_score(
    memory: Spread, source: Series, *, period: Annotated[int, Between(2, 5000)] = 20, sample: bool = False
) -> tuple[Spread, Series]:
    """How many standard deviations the source is above (or below) the mean of its last `period` values.

    (source − mean) / standard deviation; the latter of a population, or divided by `period` − 1 with `sample`, as
    `standard_deviation` has it. 0 when all values are equal.
    """
    kept, _, deviation = slide_spread(memory, source, period)
    if (kept.seen < period) | (deviation - deviation != 0.0):
        return kept, nan
    if not deviation > 0.0:
        return kept, 0.0
    share = 1.0 / (period - 1.0) if sample else 1.0 / period
    # The distances of the window from the reference: the mean itself would lose the last digits of a small distance.
    middle = (kept.sum + kept.sums[kept.at]) * (1.0 / period)
    size = math.sqrt(deviation * share)
    return kept, ((source - kept.reference) - middle) / size if size > 0.0 else 0.0


@node(
    title="Variance",
    group="statistics",
    warmup=lambda period: period,
    terms=("var", "squared deviation", "dispersion"),
    source="TA-Lib VAR",
)
def variance(
    memory: Spread, source: Series, *, period: Annotated[int, Between(2, 5000)] = 20, sample: bool = False
) -> tuple[Spread, Annotated[Series, Between(0, TOP)]]:
    """The mean squared distance of the last `period` values from their mean, in the squared unit of the source.

    Divided by `period` (of a population, as TA-Lib has it), or by `period` − 1 with `sample`. Exactly 0 when all values
    are equal. Its root is `standard_deviation`.
    """
    kept, _, deviation = slide_spread(memory, source, period)
    share = 1.0 / (period - 1.0) if sample else 1.0 / period
    return kept, deviation * share if kept.seen >= period else nan


class Recent(NamedTuple):
    """Memory of nodes that go through the last `period` values at each bar."""

    values: Annotated[Window, Length(lambda period: period)]
    at: int = 0
    seen: int = 0


def keep(m: Recent, value: float, period: int) -> Recent:
    """The memory with one more value, which takes the place of the oldest."""
    m.values[m.at] = value
    return Recent(m.values, m.at + 1 if m.at + 1 < period else 0, m.seen + 1)


@node(
    title="Percentile rank",
    phrase="the {period}-bar percentile rank of {source}",
    group="statistics",
    warmup=lambda period: period + 1,
    terms=("percentrank", "percent rank", "rank", "iv rank", "quantile rank"),
    source="TA-Lib PERCENTRANK; TradingView ta.percentrank",
)
def percentile_rank(
    memory: Recent,
    source: Series,
    *,
    period: Annotated[int, Between(1, 5000)] = 100,
    counted: Annotated[int, Choice("below", "at_or_below")] = BELOW,
) -> tuple[Recent, Annotated[Series, Between(0, 100)]]:
    """How many percent of the `period` values before this one it is above: 0 for a new low, 100 for a new high.

    `counted`: the earlier values that are lower (`below`, as TA-Lib), or those that are lower or equal (`at_or_below`,
    as TradingView). Its work per bar grows with `period`.
    """
    value = nan
    if memory.seen >= period:
        if counted == BELOW:
            number = count_below(memory.values, period, source)
        else:
            number = period - count_above(memory.values, period, source)
        value = 100.0 * (number / period)
    return keep(memory, source, period), value


class Sorted(NamedTuple):
    """Memory of `median` and `quantile`: the values in the order in which they came, and in that of their size."""

    values: Annotated[Window, Length(lambda period: period)]
    ordered: Annotated[Window, Length(lambda period: period)]
    at: int = 0
    seen: int = 0


def slide_ordered(m: Sorted, value: float, period: int) -> Sorted:
    """Put the newest value into the ordered window in place of the oldest."""
    ordered = m.ordered
    count = m.seen if m.seen < period else period
    k = count
    if count == period:
        k = count_below(ordered, period, m.values[m.at])
    while (k > 0) and ordered[k - 1] > value:
        ordered[k] = ordered[k - 1]
        k -= 1
    while (k < count - 1) and ordered[k + 1] < value:
        ordered[k] = ordered[k + 1]
        k += 1
    ordered[k] = value
    m.values[m.at] = value
    return Sorted(m.values, ordered, m.at + 1 if m.at + 1 < period else 0, m.seen + 1)


@node(
    title="Median",
    group="statistics",
    warmup=lambda period: period,
    terms=("middle value", "median filter", "50th percentile"),
    source="TradingView ta.median",
)
def median(memory: Sorted, source: Series, *, period: Annotated[int, Between(1, 5000)] = 20) -> tuple[Sorted, Series]:
    """The middle one of the last `period` values by size, in the unit of the source.

    Of an even number of values the mean of the two middle ones. Single extreme values do not move it. Its work per bar
    grows with `period` where values move far.
    """
    kept = slide_ordered(memory, source, period)
    if kept.seen < period:
        return kept, nan
    low, high = kept.ordered[(period - 1) // 2], kept.ordered[period // 2]
    return kept, low + (high - low) * 0.5


@node(
    title="Quantile",
    phrase="the value that {percent} % of the last {period} values of {source} lie below",
    group="statistics",
    warmup=lambda period: period,
    terms=("percentile", "percentile nearest rank", "percentile linear interpolation", "decile", "quartile"),
    source="TA-Lib PERCENTILE; TradingView ta.percentile_nearest_rank",
)
def quantile(
    memory: Sorted,
    source: Series,
    *,
    period: Annotated[int, Between(1, 5000)] = 30,
    percent: Annotated[float, Between(0, 100)] = 50.0,
    method: Annotated[int, Choice("nearest", "linear")] = NEAREST,
) -> tuple[Sorted, Series]:
    """The value below which `percent` of the last `period` values lie, in the unit of the source.

    `nearest`: the smallest value that at least `percent` of all values do not exceed (nearest rank, as TA-Lib).
    `linear`: the place (period − 1) × percent / 100 in the ordered values, between two of them interpolated, as NumPy
    and pandas have it. Its work per bar grows with `period` where values move far.
    """
    kept = slide_ordered(memory, source, period)
    if kept.seen < period:
        return kept, nan
    if method == NEAREST:
        rank = math.ceil(percent * period / 100.0)
        return kept, kept.ordered[rank - 1 if rank > 0 else 0]
    place = (period - 1) * percent / 100.0
    lower = int(place)
    upper = lower + 1 if lower + 1 < period else lower
    return kept, kept.ordered[lower] + (kept.ordered[upper] - kept.ordered[lower]) * (place - lower)


def standardized(values: Window, period: int) -> tuple[float, float]:
    """The means of the third and fourth powers of the values, standardized.

    0 when all are equal, NaN where they are beyond all numbers. Distances are taken from a value of the window
    first, so that nothing is lost where values are large and near.
    """
    base, total, flat = values[0], 0.0, True
    for k in range(period):
        total += values[k] - base
        flat = flat & (values[k] == base)
    middle, square = total / period, 0.0
    for k in range(period):
        distance = values[k] - base - middle
        square += distance * distance
    size = math.sqrt(square / period)
    if flat | (size == 0.0):
        return 0.0, 0.0
    if size - size != 0.0:
        return nan, nan
    third, fourth = 0.0, 0.0
    for k in range(period):
        distance = (values[k] - base - middle) / size
        third += distance * distance * distance
        fourth += distance * distance * distance * distance
    return third / period, fourth / period


@node(
    title="Skewness",
    group="statistics",
    warmup=lambda period: period,
    terms=("skew", "third moment", "asymmetry"),
    source="Fisher-Pearson; SciPy skew, pandas skew",
)
def skewness(
    memory: Recent, source: Series, *, period: Annotated[int, Between(3, 5000)] = 50, sample: bool = False
) -> tuple[Recent, Series]:
    """How lopsided the last `period` values lie: above 0 when the far ones are high, below 0 when they are low.

    The mean of ((value − mean) / standard deviation)³ of the population (g₁, the default of SciPy); with `sample` it is
    adjusted for the size of the sample, × √(n (n − 1)) / (n − 2) (G₁, as pandas). 0 when all values are equal. Its work
    per bar grows with `period`.
    """
    kept = keep(memory, source, period)
    if kept.seen < period:
        return kept, nan
    third, _ = standardized(kept.values, period)
    factor = math.sqrt(period * (period - 1.0)) / (period - 2.0) if sample else 1.0
    return kept, third * factor


@node(
    title="Kurtosis",
    phrase="the {period}-bar kurtosis of {source}",
    group="statistics",
    warmup=lambda period: period,
    terms=("excess kurtosis", "fourth moment", "fat tails", "peakedness"),
    source="SciPy kurtosis, pandas kurt",
)
def kurtosis(
    memory: Recent, source: Series, *, period: Annotated[int, Between(4, 5000)] = 50, sample: bool = False
) -> tuple[Recent, Series]:
    """Excess kurtosis: how much fatter (above 0) or thinner the tails are than those of a normal distribution.

    The mean of ((value − mean) / standard deviation)⁴ of the last `period` values, a population, minus 3 (g₂, the
    default of SciPy); with `sample` ((n + 1) g₂ + 6) (n − 1) / ((n − 2) (n − 3)) (G₂, as pandas). 0 when all values are
    equal. Its work per bar grows with `period`.
    """
    kept = keep(memory, source, period)
    if kept.seen < period:
        return kept, nan
    _, fourth = standardized(kept.values, period)
    if fourth == 0.0:
        return kept, 0.0
    excess = fourth - 3.0
    if sample:
        n = float(period)
        excess = ((n + 1.0) * excess + 6.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0))
    return kept, excess
