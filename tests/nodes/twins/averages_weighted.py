"""Twins of nodes/averages_weighted.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import Numbers, twin, windows


def weighted(values: Numbers, weights: Numbers) -> Numbers:
    """The mean of each window with these weights, the last of them for the newest value."""
    whole = math.fsum(weights)
    return windows(values, len(weights), lambda w: math.fsum(k / whole * x for k, x in zip(weights, w, strict=True)))


@twin
def alma(source: Numbers, *, period: int, offset: float, sigma: float) -> Numbers:
    m, s = offset * (period - 1), period / sigma
    return weighted(source, [math.exp(-((k - m) ** 2) / (2 * s * s)) for k in range(period)])


@twin
def sinwma(source: Numbers, *, period: int) -> Numbers:
    return weighted(source, [math.sin(math.pi * k / (period + 1)) for k in range(1, period + 1)])


@twin
def fwma(source: Numbers, *, period: int) -> Numbers:
    numbers = [1, 1]
    while len(numbers) < period:
        numbers.append(numbers[-1] + numbers[-2])
    return weighted(source, [float(k) for k in numbers[:period]])


@twin
def pwma(source: Numbers, *, period: int) -> Numbers:
    return weighted(source, [float(math.comb(period - 1, k)) for k in range(period)])
