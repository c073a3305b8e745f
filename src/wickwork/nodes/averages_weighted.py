"""Moving averages with a fixed pattern of weights: their work grows with the window."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Between, Length, Series, Window
from wickwork.nodes.windows import Period

nan = float("nan")
UpTo1000 = Annotated[int, Between(1, 1000)]
"""Weights of longer windows would exceed the largest number."""


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
    """Arnaud Legoux moving average: weights like a bell with its top near the newest bar. Unit of the source.

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
