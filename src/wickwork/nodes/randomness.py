"""How far a series is from a random walk: disorder, persistence, and return to its mean."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, Length, Series, Window
from wickwork.nodes.statistic_measures import Recent, keep
from wickwork.nodes.windows import BOTTOM, TOP

nan = float("nan")


class Histogram(NamedTuple):
    """Memory of `entropy`: the values of the window, and how many lie in each bin."""

    values: Annotated[Window, Length(lambda period: period)]
    counts: Annotated[Window, Length(lambda bins: bins)]
    at: int = 0
    seen: int = 0


class Disorder(NamedTuple):
    """Outputs of `entropy`."""

    bits: Annotated[Series, Between(0, 16)]
    share: Annotated[Series, Between(0, 1)]


@node(
    title="Entropy",
    phrase={
        "bits": "the {period}-bar entropy of {source} in bits",
        "share": "the {period}-bar entropy of {source} as a share of the most possible",
    },
    group="statistics",
    warmup=lambda period: period,
    terms=("shannon entropy", "disorder", "information", "randomness", "noise"),
    source="Shannon 1948",
)
def entropy(
    memory: Histogram,
    source: Series,
    *,
    period: Annotated[int, Between(2, 5000)] = 50,
    bins: Annotated[int, Between(2, 1000)] = 10,
) -> tuple[Histogram, Disorder]:
    """How evenly the last `period` values (mostly `returns`) are spread over their range.

    The range from the lowest to the highest of them is divided into `bins` of equal width, the highest value being in
    the last; p is the share of the values in a bin. `bits` = −Σ p log₂ p, from 0 (all in one bin) to log₂(bins);
    `share` = bits / log₂(bins), from 0 to 1. Both are 0 when all values are equal. Its work per bar grows with `period`
    and `bins`.
    """
    values, counts = memory.values, memory.counts
    values[memory.at] = source
    kept = Histogram(values, counts, memory.at + 1 if memory.at + 1 < period else 0, memory.seen + 1)
    if kept.seen < period:
        return kept, Disorder(nan, nan)
    low, high = TOP, BOTTOM
    for k in range(period):
        low = values[k] if values[k] < low else low
        high = values[k] if values[k] > high else high
    width = high - low
    if not width > 0.0:
        return kept, Disorder(0.0, 0.0)
    if width > TOP:  # beyond the numbers
        return kept, Disorder(nan, nan)
    for k in range(bins):
        counts[k] = 0.0
    for k in range(period):
        place = int((values[k] - low) / width * bins)
        counts[place if place < bins else bins - 1] += 1.0
    bits = 0.0
    for k in range(bins):
        if counts[k] > 0.0:
            share = counts[k] / period
            bits -= share * (math.log(share) / math.log(2.0))
    bits = bits if bits > 0.0 else 0.0
    share = bits / (math.log(float(bins)) / math.log(2.0))
    return kept, Disorder(bits, share if share < 1.0 else 1.0)


@node(
    title="Hurst exponent",
    phrase="the {period}-bar Hurst exponent of {source}",
    group="statistics",
    warmup=lambda period: period,
    terms=("hurst", "persistence", "long memory", "mean reversion", "trending", "fractal"),
    source="generalized Hurst exponent of order 2 (Di Matteo 2007)",
)
def hurst(
    memory: Recent,
    source: Series,
    *,
    period: Annotated[int, Between(10, 5000)] = 100,
    longest_lag: Annotated[int, Between(2, 1000)] = 16,
) -> tuple[Recent, Annotated[Series, Between(0, 1)]]:
    """Whether prices trend (above 0.5), return to their mean (below 0.5), or walk at random (about 0.5).

    From the variance of lags: of the last `period` values the mean squared difference over the lags 1, 2, 4, 8 … up to
    `longest_lag` (and at most half of the window); of the logarithms, half the slope of these means on the lags, kept
    within 0 and 1. The source is the price, or better its logarithm, not its returns. 0.5 where there is a lag over
    which nothing changed. Its work per bar grows with `period`.
    """
    kept = keep(memory, source, period)
    if kept.seen < period:
        return kept, nan
    longest = longest_lag if longest_lag < period // 2 else period // 2
    count, x, y, xx, xy = 0.0, 0.0, 0.0, 0.0, 0.0
    lag = 1
    while lag <= longest:
        square = 0.0
        for k in range(period - lag):
            late = kept.at + k + lag
            early = kept.at + k
            step = kept.values[late if late < period else late - period]
            step -= kept.values[early if early < period else early - period]
            square += step * step
        if not 0.0 < square <= TOP:
            return kept, 0.5
        u, v = math.log(float(lag)), math.log(square / (period - lag))
        count, x, y, xx, xy = count + 1.0, x + u, y + v, xx + u * u, xy + u * v
        lag *= 2
    slope = (count * xy - x * y) / (count * xx - x * x) * 0.5
    slope = slope if slope < 1.0 else 1.0
    return kept, slope if slope > 0.0 else 0.0


@node(
    title="Half-life",
    phrase="the {period}-bar half-life of {source} in bars",
    group="statistics",
    warmup=lambda period: period,
    terms=("half life", "mean reversion", "ornstein uhlenbeck", "speed of reversion", "pairs trading"),
    source="Chan 2013",
)
def half_life(
    memory: Recent,
    source: Series,
    *,
    period: Annotated[int, Between(3, 5000)] = 100,
    longest: Annotated[float, Between(1, 1e6)] = 1000.0,
) -> tuple[Recent, Annotated[Series, Between(0, 1e6)]]:
    """How many bars a series takes to come half the way back to its mean.

    −ln 2 / slope, where the slope is that of a least-squares line of the changes from bar to bar on the values before
    them, over the last `period` values. `longest` where it would be longer, where the window shows no return to a mean
    (the slope is not below 0), and where the values do not move. Its work per bar grows with `period`.
    """
    kept = keep(memory, source, period)
    if kept.seen < period:
        return kept, nan
    base = kept.values[kept.at]  # the oldest
    x, y = 0.0, 0.0
    for k in range(1, period):
        before, now = _pair(kept.values, kept.at, k, period)
        x += before - base
        y += now - before
    x, y = x / (period - 1.0), y / (period - 1.0)
    xx, xy = 0.0, 0.0
    for k in range(1, period):
        before, now = _pair(kept.values, kept.at, k, period)
        distance = before - base - x
        xx += distance * distance
        xy += distance * (now - before - y)
    if (xx - xx != 0.0) | (xy - xy != 0.0):  # beyond all numbers
        return kept, nan
    slope = xy / xx if xx > 0.0 else 0.0
    bars = -math.log(2.0) / slope if slope < 0.0 else longest
    return kept, bars if bars < longest else longest


def _pair(values: Window, oldest: int, k: int, period: int) -> tuple[float, float]:
    """The value k bars after the oldest, behind the one before it."""
    now = oldest + k
    before = now - 1
    return values[before if before < period else before - period], values[now if now < period else now - period]
