"""Twins of nodes/pairs.py, in exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

from tests.nodes.twins.common import RATIOS, Numbers, nan, twin
from tests.nodes.twins.relations import products

RATIOS.add("ratio")


@twin
def spread(a: Numbers, b: Numbers, ratio: Numbers) -> Numbers:
    return [x - k * y for x, y, k in zip(a, b, ratio, strict=True)]


@twin
def ratio(a: Numbers, b: Numbers, *, logarithm: bool) -> Numbers:
    ratios = [x / y if y else nan for x, y in zip(a, b, strict=True)]
    return [math.log(one) if one > 0 else nan for one in ratios] if logarithm else ratios


@twin
def hedge_ratio(a: Numbers, b: Numbers, *, period: int) -> tuple[Numbers, Numbers]:
    slopes, residuals = [nan] * len(a), [nan] * len(a)
    for i in range(period - 1, len(a)):
        y, x = a[i - period + 1 : i + 1], b[i - period + 1 : i + 1]
        squares = products(x, x)
        slope = products(x, y) / squares if squares else Fraction(0)
        means = sum(map(Fraction, y)) / period, sum(map(Fraction, x)) / period
        slopes[i] = float(slope)
        residuals[i] = float(Fraction(a[i]) - means[0] - slope * (Fraction(b[i]) - means[1]))
    return slopes, residuals
