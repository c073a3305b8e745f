"""Twins of nodes/randomness.py."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction

from tests.nodes.twins.common import RATIOS, Numbers, twin, windows
from tests.nodes.twins.relations import products

RATIOS |= {"entropy", "hurst", "half_life"}


@twin
def entropy(source: Numbers, *, period: int, bins: int) -> tuple[Numbers, ...]:
    def of(window: Numbers) -> float:
        low, high = min(window), max(window)
        if low == high:
            return 0.0
        places = Counter(min(int((v - low) / (high - low) * bins), bins - 1) for v in window)
        return math.fsum(-n / period * math.log2(n / period) for n in places.values())

    bits = windows(source, period, of)
    return bits, [b / math.log2(bins) for b in bits]


def slope_of(x: Numbers, y: Numbers) -> float:
    """The slope of the line of least squares."""
    return float(products(x, y) / products(x, x))


@twin
def hurst(source: Numbers, *, period: int, longest_lag: int) -> Numbers:
    lags = [2**k for k in range(12) if 2**k <= min(longest_lag, period // 2)]

    def of(window: Numbers) -> float:
        means = []
        for lag in lags:
            squares = [(window[i] - window[i - lag]) ** 2 for i in range(lag, period)]
            means.append(math.fsum(squares) / len(squares))
        if min(means) == 0:
            return 0.5
        slope = slope_of([math.log(lag) for lag in lags], [math.log(mean) for mean in means]) / 2
        return min(max(slope, 0.0), 1.0)

    return windows(source, period, of)


@twin
def half_life(source: Numbers, *, period: int, longest: float) -> Numbers:
    def of(window: Numbers) -> float:
        before = window[:-1]
        steps = [Fraction(b) - Fraction(a) for a, b in itertools.pairwise(window)]
        if min(before) == max(before):
            return longest
        slope = products(before, steps) / products(before, before)
        return min(-math.log(2) / float(slope), longest) if slope < 0 else longest

    return windows(source, period, of)
