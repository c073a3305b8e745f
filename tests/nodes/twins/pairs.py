"""Twins of nodes/pairs.py, in exact fractions."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction

from tests.nodes.twins.common import AMPLIFIED, RATIOS, Numbers, nan, twin
from tests.nodes.twins.relations import products

RATIOS.add("ratio")
AMPLIFIED["kalman_hedge_ratio"] = 1e3  # after a jump of one price alone it expects a price that is as far off


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


@twin
def kalman_hedge_ratio(a: Numbers, b: Numbers, *, change: float, noise: float) -> tuple[Numbers, Numbers, Numbers]:
    """Matrices of 80 digits: the state (ratio, level), its covariance P, the row x = (b, 1)."""
    ratios, errors, deviations = [], [], []
    with localcontext() as context:
        context.prec = 80
        state, p = [Decimal(0)] * 2, [[Decimal(0)] * 2, [Decimal(0)] * 2]
        walk = Decimal(change) / (1 - Decimal(change))
        for now, other in zip(map(Decimal, a), map(Decimal, b), strict=True):
            x = [other, Decimal(1)]
            p = [[p[i][k] + (walk if i == k else 0) for k in (0, 1)] for i in (0, 1)]
            error = now - sum(s * one for s, one in zip(state, x, strict=True))
            column = [sum(p[i][k] * x[k] for k in (0, 1)) for i in (0, 1)]
            variance = sum(x[i] * column[i] for i in (0, 1)) + Decimal(noise)
            gain = [one / variance for one in column]
            state = [s + g * error for s, g in zip(state, gain, strict=True)]
            p = [[p[i][k] - gain[i] * column[k] for k in (0, 1)] for i in (0, 1)]
            ratios.append(float(state[0]))
            errors.append(float(error))
            deviations.append(float(variance.sqrt()))
    return ratios, errors, deviations
