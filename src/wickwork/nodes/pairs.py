"""Two instruments traded against each other. Wire the second one from `bars_of`; the first is mostly the run's own.

The z-score of a spread is `z_score` of it.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, Series
from wickwork.nodes.relations import Joint, slide_joint

inf = float("inf")
nan = float("nan")
GROUP = "instruments"


@node(title="Spread", group=GROUP, terms=("pair", "difference of prices", "pairs trading", "basis"))
def spread(a: Series, b: Series, ratio: Series = 1.0) -> Series:
    """The price of one instrument less `ratio` times that of another: what a pair costs that is long `a` and short `b`.

    `ratio` is how many units of `b` stand against one of `a`, mostly wired from `hedge_ratio`.
    """
    return a - ratio * b


@node(title="Ratio", group=GROUP, terms=("pair", "relative price", "price relative", "cross rate"))
def ratio(a: Series, b: Series, *, logarithm: bool = False) -> Series:
    """The price of one instrument in units of another, a / b; missing where `b` is 0.

    With `logarithm` the natural logarithm of that: as far above 0 when `a` doubles against `b` as below it when it
    halves. It is missing where the ratio is not above 0.
    """
    value = a / b if b != 0.0 else nan
    if not logarithm:
        return value
    return math.log(value) if (value > 0.0) & (value < inf) else nan


class Hedge(NamedTuple):
    """How one price follows another."""

    ratio: Series
    spread: Series


@node(
    title="Hedge ratio",
    group=GROUP,
    warmup=lambda period: period,
    terms=("pairs trading", "cointegration", "rolling regression", "ordinary least squares", "ols", "beta", "residual"),
    source="ordinary least squares over a rolling window",
)
def hedge_ratio(
    memory: Joint, a: Series, b: Series, *, period: Annotated[int, Between(2, 5000)] = 60
) -> tuple[Joint, Hedge]:
    """How many units of `b` hedge one unit of `a`: the slope of the line through their last `period` prices.

    `ratio` is the slope of `a` on `b` by least squares, with an intercept. `spread` is how far `a` now lies above that
    line, in its own units: the residual of the newest bar. Where `b` does not move the ratio is 0 and the spread is the
    distance of `a` from its mean.
    """
    kept, sums, xx, _, xy = slide_joint(memory, b, a, period)
    if kept.seen < period:
        return kept, Hedge(nan, nan)
    slope = xy / xx if xx > 0.0 else 0.0 if xx == 0.0 else nan
    share = 1.0 / period
    mean_b, mean_a = kept.x0 + sums.x * share, kept.y0 + sums.y * share
    return kept, Hedge(slope, (a - mean_a) - slope * (b - mean_b))


class Filter(NamedTuple):
    """The estimate of ratio and level, the variances of both, and their covariance."""

    ratio: float = 0.0
    level: float = 0.0
    ratios: float = 0.0
    both: float = 0.0
    levels: float = 0.0


class Estimate(NamedTuple):
    """The hedge ratio, and how far the price was from what was expected before the bar."""

    ratio: Series
    spread: Series
    deviation: Annotated[Series, Between(0.0, inf)]


@node(
    title="Kalman hedge ratio",
    group=GROUP,
    terms=("kalman filter", "dynamic regression", "pairs trading", "recursive least squares", "cointegration"),
    source="Chan, Algorithmic Trading (2013), chapter 3",
)
def kalman_hedge_ratio(
    memory: Filter,
    a: Series,
    b: Series,
    *,
    change: Annotated[float, Between(1e-9, 0.1)] = 1e-4,
    noise: Annotated[float, Between(1e-9, 1e9)] = 1e-3,
) -> tuple[Filter, Estimate]:
    """How many units of `b` hedge one unit of `a`, by a Kalman filter: it moves with every bar, without a window.

    a = ratio × b + level, where ratio and level walk at random. `change` is how fast they may: each bar adds
    change / (1 − change) to both variances. `noise` is the variance of a single price around the line. Both depend on
    the units of the prices, so mostly logarithms of prices are wired. `spread` is how far `a` lies above what ratio and
    level of the bar before gave, `deviation` the standard deviation of that: spread / deviation is a z-score. The
    filter begins at 0, so its first values are far off.
    """
    step = change / (1.0 - change)
    ratios, both, levels = memory.ratios + step, memory.both, memory.levels + step
    error = a - (memory.ratio * b + memory.level)
    to_ratio, to_level = ratios * b + both, both * b + levels
    variance = b * to_ratio + to_level + noise
    if (not variance > 0.0) | (variance - variance != 0.0) | (error - error != 0.0):  # beyond all numbers
        return memory, Estimate(nan, nan, nan)
    inverse = 1.0 / variance
    gain_ratio, gain_level = to_ratio * inverse, to_level * inverse
    kept = Filter(
        memory.ratio + gain_ratio * error,
        memory.level + gain_level * error,
        ratios - gain_ratio * to_ratio,
        both - gain_ratio * to_level,
        levels - gain_level * to_level,
    )
    return kept, Estimate(kept.ratio, error, math.sqrt(variance))
