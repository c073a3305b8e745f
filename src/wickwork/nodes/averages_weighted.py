"""Moving averages that weigh the values of a window: by a fixed pattern, or by volume."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Between, Length, Series, Window
from wickwork.nodes.trend import Wma, wma
from wickwork.nodes.windows import Period, slide_sum

nan = float("nan")
UpTo1000 = Annotated[int, Between(1, 1000)]
"""Weights of longer windows would exceed the largest number."""


class Hull(NamedTuple):
    """Memory of `hma`: three weighted averages, of half the period, of the period, and of what follows from them."""

    halves: Annotated[Window, Length(lambda period: period // 2)]
    wholes: Annotated[Window, Length(lambda period: period)]
    roots: Annotated[Window, Length(lambda period: math.isqrt(period))]
    half_plain: float = 0.0
    half_weighted: float = 0.0
    whole_plain: float = 0.0
    whole_weighted: float = 0.0
    plain: float = 0.0
    weighted: float = 0.0
    last: float = nan
    last_raw: float = nan
    run: int = 0
    raw_run: int = 0
    half_at: int = 0
    whole_at: int = 0
    at: int = 0
    seen: int = 0


@node(
    title="HMA",
    group="trend",
    warmup=lambda period: period + math.isqrt(period) - 1,
    terms=("hull moving average",),
    source="TA-Lib HMA; Hull 2005",
)
def hma(memory: Hull, source: Series, *, period: Annotated[int, Between(2, 5000)] = 9) -> tuple[Hull, Series]:
    """Hull moving average: smooth, and with hardly any lag. Same unit as the source.

    The WMA over √period bars of 2 × WMA(period / 2) − WMA(period); half and root are rounded down.
    """
    m = memory
    half, whole = period // 2, period
    near, fast = wma(
        Wma(m.halves, m.half_plain, m.half_weighted, m.last, m.run, m.half_at, m.seen), source, period=half
    )
    far, slow = wma(
        Wma(m.wholes, m.whole_plain, m.whole_weighted, m.last, m.run, m.whole_at, m.seen), source, period=whole
    )
    seen, value = m.seen + 1, nan
    plain, weighted, last_raw, raw_run, at = m.plain, m.weighted, m.last_raw, m.raw_run, m.at
    if seen >= period:
        raw = fast + (fast - slow)
        end, value = wma(
            Wma(m.roots, plain, weighted, last_raw, raw_run, at, seen - period), raw, period=int(math.sqrt(period))
        )
        plain, weighted, last_raw, raw_run, at = end.plain, end.weighted, raw, end.run, end.at
    return Hull(
        m.halves, m.wholes, m.roots, near.plain, near.weighted, far.plain, far.weighted, plain, weighted, source,
        last_raw, near.run, raw_run, near.at, far.at, at, seen,
    ), value  # fmt: skip


class Triangle(NamedTuple):
    """Memory of `trima` and `swma`."""

    sums: Annotated[Window, Length(lambda period: period // 2 + 1)]
    means: Annotated[Window, Length(lambda period: (period + 1) // 2)]
    part: float = 0.0
    mean_part: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    mean_at: int = 0
    seen: int = 0


def triangular(memory: Triangle, source: float, period: int) -> tuple[Triangle, float]:
    """The mean of the last `period` values with weights that rise to the middle and fall again: a mean of means."""
    inner, outer = period // 2 + 1, (period + 1) // 2
    seen = memory.seen + 1
    run = memory.run + 1 if source == memory.last else 1
    at, part, total = slide_sum(memory.sums, memory.at, memory.part, source, inner)
    mean_at, mean_part, value = memory.mean_at, memory.mean_part, nan
    if seen >= inner:
        mean_at, mean_part, total = slide_sum(memory.means, mean_at, mean_part, total * (1.0 / inner), outer)
        value = total * (1.0 / outer)
    if run >= period:
        unlikely()
        value = source
    if seen < period:
        unlikely()
        value = nan
    return Triangle(memory.sums, memory.means, part, mean_part, source, run, at, mean_at, seen), value


@node(
    title="TRIMA",
    group="trend",
    warmup=lambda period: period,
    terms=("triangular moving average", "tma"),
    source="TA-Lib TRIMA",
)
def trima(memory: Triangle, source: Series, *, period: Period = 20) -> tuple[Triangle, Series]:
    """Triangular moving average: the middle of the window weighs most, its ends least. Same unit as the source.

    The weights of the last `period` values are 1, 2, 3 … 3, 2, 1: an SMA of an SMA of about half the period.
    """
    return triangular(memory, source, period)


@node(
    title="SWMA",
    group="trend",
    warmup=lambda period: period,
    terms=("symmetrically weighted moving average", "symmetric"),
    source="TradingView ta.swma, for any period",
)
def swma(memory: Triangle, source: Series, *, period: Period = 4) -> tuple[Triangle, Series]:
    """Symmetrically weighted moving average, as short as TradingView has it. Same unit as the source.

    Weights 1, 2, 2, 1 over 4 bars, and 1, 2, 3 … 3, 2, 1 over other periods, which is what `trima` is.
    """
    return triangular(memory, source, period)


class Weighted(NamedTuple):
    """Memory of averages with fixed weights. Each value is kept twice, so that a window is always in one piece."""

    values: Annotated[Window, Length(lambda period: 2 * period)]
    weights: Annotated[Window, Length(lambda period: period)]
    at: int = 0
    seen: int = 0


def weigh(memory: Weighted, source: float, length: int) -> tuple[Weighted, float]:
    """The mean of the last `length` values with these weights, whatever their sum; the work grows with the length.

    As distances from the newest value, so that the mean is exact among equal prices.
    """
    memory.values[memory.at] = source
    memory.values[memory.at + length] = source
    begin, seen = memory.at + 1, memory.seen + 1
    kept = Weighted(memory.values, memory.weights, begin if begin < length else 0, seen)
    if seen < length:
        unlikely()
        return kept, nan
    total = 0.0
    for k in range(length):
        total += memory.weights[k] * (memory.values[begin + k] - source)
    return kept, source + total


def normalise(weights: Window, length: int) -> None:
    """Make the sum of the weights 1."""
    total = 0.0
    for k in range(length):
        total += weights[k]
    for k in range(length):
        weights[k] /= total


@node(
    title="ALMA",
    group="trend",
    warmup=lambda period: period,
    terms=("arnaud legoux moving average", "gaussian"),
    source="TradingView ta.alma; Legoux and Kouzis-Loukas 2009",
)
def alma(
    memory: Weighted,
    source: Series,
    *,
    period: Period = 9,
    offset: Annotated[float, Between(0, 1)] = 0.85,
    sigma: Annotated[float, Between(0.1, 50)] = 6.0,
) -> tuple[Weighted, Series]:
    """Arnaud Legoux moving average: weights in the form of a bell, whose top is near the newest bar. Unit of the source.

    The k-th oldest of `period` values (from 0) weighs exp(−(k − m)² / (2 s²)) with m = offset × (period − 1) and
    s = period / sigma: an offset of 1 follows the price, 0.5 is smooth; a large sigma makes the bell narrow.
    """
    if memory.seen == 0:
        unlikely()
        middle, scale = offset * (period - 1.0), sigma / period
        for k in range(period):
            distance = (k - middle) * scale
            memory.weights[k] = math.exp(-0.5 * distance * distance)
        normalise(memory.weights, period)
    return weigh(memory, source, period)


@node(
    title="SINWMA",
    group="trend",
    warmup=lambda period: period,
    terms=("sine weighted moving average", "sinwma"),
    source="pandas-ta sinwma",
)
def sinwma(memory: Weighted, source: Series, *, period: Period = 14) -> tuple[Weighted, Series]:
    """Sine-weighted moving average: the weights rise to the middle of the window and fall again. Unit of the source.

    The k-th of `period` values (from 1) weighs sin(π k / (period + 1)).
    """
    if memory.seen == 0:
        unlikely()
        for k in range(period):
            memory.weights[k] = math.sin(math.pi * (k + 1.0) / (period + 1.0))
        normalise(memory.weights, period)
    return weigh(memory, source, period)


@node(
    title="FWMA",
    group="trend",
    warmup=lambda period: period,
    terms=("fibonacci weighted moving average",),
    source="pandas-ta fwma",
)
def fwma(memory: Weighted, source: Series, *, period: UpTo1000 = 10) -> tuple[Weighted, Series]:
    """Fibonacci-weighted moving average: weights 1, 1, 2, 3, 5, 8 …, the newest value weighs most. Unit of the source.

    Each weight is the sum of the two before it. However long the period is, the newest five values have 91 % of it.
    """
    if memory.seen == 0:
        unlikely()
        older, weight = 0.0, 1.0
        for k in range(period):
            memory.weights[k] = weight
            older, weight = weight, older + weight
        normalise(memory.weights, period)
    return weigh(memory, source, period)


@node(
    title="PWMA",
    group="trend",
    warmup=lambda period: period,
    terms=("pascal weighted moving average", "binomial"),
    source="pandas-ta pwma",
)
def pwma(memory: Weighted, source: Series, *, period: UpTo1000 = 10) -> tuple[Weighted, Series]:
    """Pascal-weighted moving average: weights in the form of a bell around the middle. Same unit as the source.

    The weights are a row of Pascal's triangle, 1, 3, 3, 1 for a period of 4.
    """
    if memory.seen == 0:
        unlikely()
        weight = 1.0
        for k in range(period):
            memory.weights[k] = weight
            weight = weight * (period - 1.0 - k) / (k + 1.0)
        normalise(memory.weights, period)
    return weigh(memory, source, period)


class ByVolume(NamedTuple):
    """Memory of `vwma`."""

    products: Annotated[Window, Length(lambda period: period)]
    volumes: Annotated[Window, Length(lambda period: period)]
    values: Annotated[Window, Length(lambda period: period)]
    product: float = 0.0
    volume: float = 0.0
    value: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    seen: int = 0


@node(
    title="VWMA",
    group="trend",
    warmup=lambda period: period,
    terms=("volume weighted moving average",),
    source="TA-Lib VWMA",
)
def vwma(memory: ByVolume, source: Series, volume: Series, *, period: Period = 20) -> tuple[ByVolume, Series]:
    """Volume-weighted moving average: of the last `period` values those of bars with much volume weigh more.

    Sum of source × volume / sum of volume, in the unit of the source. While there was no volume in the window it is
    the simple mean.
    """
    seen = memory.seen + 1
    run = memory.run + 1 if source == memory.last else 1
    _, product, products = slide_sum(memory.products, memory.at, memory.product, source * volume, period)
    _, amount, amounts = slide_sum(memory.volumes, memory.at, memory.volume, volume, period)
    at, part, total = slide_sum(memory.values, memory.at, memory.value, source, period)
    value = products / amounts if amounts > 0.0 else total * (1.0 / period)
    if run >= period:
        unlikely()
        value = source
    kept = ByVolume(memory.products, memory.volumes, memory.values, product, amount, part, source, run, at, seen)
    return kept, value if seen >= period else nan
