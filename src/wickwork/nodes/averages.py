"""Moving averages made of exponential ones, and recursive smoothing filters."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Between, Choice, Length, Series, Window
from wickwork.nodes.trend import MEAN, smooth
from wickwork.nodes.windows import Period

nan = float("nan")
Seed = Annotated[int, Choice("mean", "first")]
FilterPeriod = Annotated[int, Between(2, 1000)]
"""In longer filters the weight of a new value comes near to what rounding takes from the old ones."""


def smooth_again(value: float, seen: int, times: int, source: float, count: int, weight: float) -> float:
    """The EMA of an average that is itself smoothed `times` times; unchanged until that has a first value.

    Each begins with the mean of the first `count` values of the one before it.
    """
    started = seen - times * (count - 1)
    return smooth(value, started, source, count, weight) if started >= 1 else value


class Double(NamedTuple):
    """Memory of `dema`."""

    once: float = 0.0
    twice: float = 0.0
    seen: int = 0


@node(
    title="DEMA",
    group="trend",
    warmup=lambda period, seed: 2 * period - 1 if seed == MEAN else 1,
    terms=("double exponential moving average",),
    source="TA-Lib DEMA; Mulloy 1994",
)
def dema(memory: Double, source: Series, *, period: Period = 9, seed: Seed = MEAN) -> tuple[Double, Series]:
    """Double exponential moving average: an EMA without most of its lag. Same unit as the source.

    2 × EMA − EMA of the EMA. Both are seeded as in `ema`: with the mean of their first `period` values (as TA-Lib
    does), or with the first value alone, which has a value from the first bar on.
    """
    seen, count, weight = memory.seen + 1, period if seed == MEAN else 1, 2.0 / (period + 1.0)
    once = smooth(memory.once, seen, source, count, weight)
    twice = smooth_again(memory.twice, seen, 1, once, count, weight)
    return Double(once, twice, seen), once + (once - twice) if seen > 2 * (count - 1) else nan


class Triple(NamedTuple):
    """Memory of `tema`."""

    once: float = 0.0
    twice: float = 0.0
    thrice: float = 0.0
    seen: int = 0


@node(
    title="TEMA",
    group="trend",
    warmup=lambda period, seed: 3 * period - 2 if seed == MEAN else 1,
    terms=("triple exponential moving average",),
    source="TA-Lib TEMA; Mulloy 1994",
)
def tema(memory: Triple, source: Series, *, period: Period = 9, seed: Seed = MEAN) -> tuple[Triple, Series]:
    """Triple exponential moving average: follows the price still closer than `dema`. Same unit as the source.

    3 × EMA − 3 × EMA of the EMA + EMA of the EMA of the EMA. Each is seeded as in `ema`: with the mean of its first
    `period` values (as TA-Lib does), or with the first value alone, which has a value from the first bar on.
    """
    seen, count, weight = memory.seen + 1, period if seed == MEAN else 1, 2.0 / (period + 1.0)
    once = smooth(memory.once, seen, source, count, weight)
    twice = smooth_again(memory.twice, seen, 1, once, count, weight)
    thrice = smooth_again(memory.thrice, seen, 2, twice, count, weight)
    return Triple(once, twice, thrice, seen), 3.0 * (once - twice) + thrice if seen > 3 * (count - 1) else nan


class Tillson(NamedTuple):
    """Memory of `t3`."""

    e1: float = 0.0
    e2: float = 0.0
    e3: float = 0.0
    e4: float = 0.0
    e5: float = 0.0
    e6: float = 0.0
    seen: int = 0


@node(
    title="T3",
    group="trend",
    warmup=lambda period, seed: 6 * period - 5 if seed == MEAN else 1,
    terms=("tillson", "triple exponential moving average", "t3 moving average"),
    source="TA-Lib T3; Tillson 1998",
)
def t3(
    memory: Tillson,
    source: Series,
    *,
    period: Period = 5,
    factor: Annotated[float, Between(0, 1)] = 0.7,
    seed: Seed = MEAN,
) -> tuple[Tillson, Series]:
    """Tillson's T3: six EMAs in a row, mixed so that the line is very smooth and lags little. Same unit as the source.

    With a = `factor`: −a³ × EMA6 + (3a² + 3a³) × EMA5 − (6a² + 3a + 3a³) × EMA4 + (1 + 3a + 3a² + a³) × EMA3.
    With factor 0 it is EMA3. Each EMA is seeded as in `ema`: with the mean of its first `period` values (as TA-Lib
    does), or with the first value alone, which has a value from the first bar on.
    """
    seen, count, weight = memory.seen + 1, period if seed == MEAN else 1, 2.0 / (period + 1.0)
    e1 = smooth(memory.e1, seen, source, count, weight)
    e2 = smooth_again(memory.e2, seen, 1, e1, count, weight)
    e3 = smooth_again(memory.e3, seen, 2, e2, count, weight)
    e4 = smooth_again(memory.e4, seen, 3, e3, count, weight)
    e5 = smooth_again(memory.e5, seen, 4, e4, count, weight)
    e6 = smooth_again(memory.e6, seen, 5, e5, count, weight)
    square, cube = factor * factor, factor * factor * factor
    # The factors add up to 1. As distances from EMA3 the line is exact among equal prices.
    value = e3 - cube * (e6 - e3) + 3.0 * (square + cube) * (e5 - e3) - 3.0 * (2.0 * square + factor + cube) * (e4 - e3)
    return Tillson(e1, e2, e3, e4, e5, e6, seen), value if seen > 6 * (count - 1) else nan


class ZeroLag(NamedTuple):
    """Memory of `zlema`."""

    values: Annotated[Window, Length(lambda period: (period - 1) // 2 + 1)]
    value: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="ZLEMA",
    group="trend",
    warmup=lambda period, seed: (period - 1) // 2 + (period if seed == MEAN else 1),
    terms=("zero lag exponential moving average", "zlma"),
    source="TA-Lib ZLEMA; Ehlers and Way 2010",
)
def zlema(memory: ZeroLag, source: Series, *, period: Period = 20, seed: Seed = MEAN) -> tuple[ZeroLag, Series]:
    """Zero-lag EMA: the EMA of prices that are moved ahead by what they gained during its lag. Same unit as the source.

    EMA of source + (source − its value `lag` bars ago), lag = (period − 1) / 2 rounded down. Seeded as in `ema`: with
    the mean of the first `period` of these (as TA-Lib does), or with the first of them alone.
    """
    lag, seen = (period - 1) // 2, memory.seen + 1
    memory.values[memory.at] = source
    at = memory.at + 1 if memory.at < lag else 0
    if seen <= lag:
        unlikely()
        return ZeroLag(memory.values, 0.0, at, seen), nan
    count = period if seed == MEAN else 1
    ahead = source + (source - memory.values[at])
    value = smooth(memory.value, seen - lag, ahead, count, 2.0 / (period + 1.0))
    return ZeroLag(memory.values, value, at, seen), value if seen - lag >= count else nan


class TwoPole(NamedTuple):
    """Memory of `ssf`."""

    last: float = 0.0
    older: float = 0.0
    source: float = 0.0
    first_weight: float = 0.0
    second_weight: float = 0.0
    seen: int = 0


@node(
    title="Super smoother",
    group="trend",
    warmup=lambda period: period,
    terms=("ssf", "ehlers", "super smoother filter", "two pole", "low pass"),
    source="Ehlers 2013, Cycle Analytics for Traders",
)
def ssf(memory: TwoPole, source: Series, *, period: FilterPeriod = 20) -> tuple[TwoPole, Series]:
    """Ehlers' two-pole super smoother: takes out swings shorter than `period` bars. Same unit as the source.

    c1 × (source + previous source) / 2 + c2 × last value + c3 × the one before, where a = exp(−√2 π / period),
    c2 = 2 a cos(√2 π / period), c3 = −a² and c1 = 1 − c2 − c3. The first two values are the source itself. Shown from
    `period` bars on.
    """
    seen, b, c = memory.seen + 1, memory.first_weight, memory.second_weight
    if seen == 1:
        unlikely()
        angle = math.sqrt(2.0) * math.pi / period
        decay = math.exp(-angle)
        b, c = 2.0 * decay * math.cos(angle), -decay * decay
    value = source
    if seen > 2:
        middle = 0.5 * source + 0.5 * memory.source
        # The weights add up to 1. As distances from the middle the line is exact among equal prices.
        value = middle + (b * (memory.last - middle) + c * (memory.older - middle))
    return TwoPole(value, memory.last, source, b, c, seen), value if seen >= period else nan


class ThreePole(NamedTuple):
    """Memory of `ssf3`."""

    last: float = 0.0
    older: float = 0.0
    oldest: float = 0.0
    first_weight: float = 0.0
    second_weight: float = 0.0
    third_weight: float = 0.0
    seen: int = 0


@node(
    title="Super smoother (3 poles)",
    phrase="the {period}-bar super smoother (3 poles) of {source}",
    group="trend",
    warmup=lambda period: period,
    terms=("ssf3", "ehlers", "super smoother filter", "three pole", "low pass"),
    source="Ehlers 2004, Cybernetic Analysis for Stocks and Futures",
)
def ssf3(memory: ThreePole, source: Series, *, period: FilterPeriod = 20) -> tuple[ThreePole, Series]:
    """Ehlers' three-pole super smoother: smoother than `ssf`, and later. Same unit as the source.

    c1 × source + c2, c3, c4 × the last three values, where a = exp(−π / period), b = 2 a cos(√3 π / period), c = a²,
    c2 = b + c, c3 = −(c + b c), c4 = c² and c1 = 1 − c2 − c3 − c4 (the book prints √3 as 1.738). The first three values
    are the source itself. Shown from `period` bars on.
    """
    seen, b, c, d = memory.seen + 1, memory.first_weight, memory.second_weight, memory.third_weight
    if seen == 1:
        unlikely()
        square = math.exp(-2.0 * math.pi / period)
        turn = 2.0 * math.exp(-math.pi / period) * math.cos(math.sqrt(3.0) * math.pi / period)
        b, c, d = turn + square, -(square + turn * square), square * square
    value = source
    if seen > 3:
        # The weights add up to 1. As distances from the source the line is exact among equal prices.
        value = source + (b * (memory.last - source) + c * (memory.older - source) + d * (memory.oldest - source))
    return ThreePole(value, memory.last, memory.older, b, c, d, seen), value if seen >= period else nan


class Holt(NamedTuple):
    """Memory of `hwma`."""

    level: float = 0.0
    speed: float = 0.0
    growth: float = 0.0
    seen: int = 0


Share = Annotated[float, Between(0.001, 1)]


@node(
    title="Holt-Winters average",
    phrase="the Holt-Winters average of {source}",
    group="trend",
    terms=("hwma", "holt winters moving average", "triple smoothing", "forecast"),
    source="Holt-Winters without seasons, with acceleration",
)
def hwma(
    memory: Holt, source: Series, *, level: Share = 0.2, speed: Share = 0.1, acceleration: Share = 0.1
) -> tuple[Holt, Series]:
    """Holt-Winters moving average: smooths the level of the price, its speed and its acceleration, and adds them up.

    F = (1 − level) × (F' + V' + A' / 2) + level × source, V = (1 − speed) × (V' + A') + speed × (F − F'),
    A = (1 − acceleration) × A' + acceleration × (V − V'); ' marks the bar before. The value is F + V + A / 2, in the
    unit of the source: where the price would be one bar later. Begins with F = source, V = A = 0.
    """
    if memory.seen == 0:
        return Holt(source, 0.0, 0.0, 1), source
    ahead = memory.level + memory.speed + 0.5 * memory.growth
    now = ahead + (source - ahead) * level
    moved = memory.speed + memory.growth
    fast = moved + (now - memory.level - moved) * speed
    gain = memory.growth + (fast - memory.speed - memory.growth) * acceleration
    return Holt(now, fast, gain, 1), now + fast + 0.5 * gain
