"""Twins of nodes/volatility.py."""

from __future__ import annotations

import decimal
import math

from tests.nodes.twins.common import Bars, Numbers, mean, nan, ranges_of, smoothed, twin, windows


@twin
def true_range(bar: Bars) -> Numbers:
    return [nan, *ranges_of(bar)]


@twin
def atr(bar: Bars, *, period: int) -> Numbers:
    return [nan, *smoothed(ranges_of(bar), period, 1 / period)]


def deviation(values: Numbers, degrees: int) -> float:
    """In exact decimals, because the squares of near equal prices leave nothing of floats."""
    if min(values) == max(values):  # a third has no end in decimals either
        return 0.0
    with decimal.localcontext(prec=60):
        exact = [decimal.Decimal(v) for v in values]
        middle = sum(exact, decimal.Decimal(0)) / len(exact)
        squares = sum(((v - middle) ** 2 for v in exact), decimal.Decimal(0))
        return float((squares / degrees).sqrt())


@twin
def standard_deviation(source: Numbers, *, period: int, sample: bool) -> Numbers:
    return windows(source, period, lambda w: deviation(w, period - 1 if sample else period))


@twin
def bollinger(source: Numbers, *, period: int, multiplier: float) -> tuple[Numbers, ...]:
    middle = windows(source, period, mean)
    reach = [multiplier * s for s in windows(source, period, lambda w: deviation(w, period))]
    lower = [m - r for m, r in zip(middle, reach, strict=True)]
    upper = [m + r for m, r in zip(middle, reach, strict=True)]
    width = [2 * r / m for m, r in zip(middle, reach, strict=True)]
    percent = [
        nan if math.isnan(r) else 0.5 + (x - m) / (2 * r) if r > 0 else 0.5
        for x, m, r in zip(source, middle, reach, strict=True)
    ]
    return lower, middle, upper, width, percent
