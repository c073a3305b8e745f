"""Twins of nodes/relations.py, in exact fractions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from tests.nodes.twins.common import RATIOS, Numbers, nan, twin
from tests.nodes.twins.statistic_measures import distances

RATIOS |= {"correlation", "beta", "autocorrelation"}


def products(a: Sequence[float | Fraction], b: Sequence[float | Fraction]) -> Fraction:
    """The sum of the products of the distances from the means."""
    (whole_a, unit_a), (whole_b, unit_b) = distances(a), distances(b)
    return sum(x * y for x, y in zip(whole_a, whole_b, strict=True)) * unit_a * unit_b


def pairs(a: Numbers, b: Numbers, n: int, of: Callable[[Numbers, Numbers], float]) -> Numbers:
    """The function of the last n pairs at every bar, missing before there are n."""
    return [of(a[i - n + 1 : i + 1], b[i - n + 1 : i + 1]) if i >= n - 1 else nan for i in range(len(a))]


def pearson(a: Numbers, b: Numbers) -> float:
    sizes = math.sqrt(products(a, a)) * math.sqrt(products(b, b))
    return float(products(a, b)) / sizes if sizes else 0.0


@twin
def correlation(a: Numbers, b: Numbers, *, period: int) -> Numbers:
    return pairs(a, b, period, pearson)


@twin
def covariance(a: Numbers, b: Numbers, *, period: int, sample: bool) -> Numbers:
    return pairs(a, b, period, lambda u, v: float(products(u, v) / (period - sample)))


@twin
def beta(source: Numbers, benchmark: Numbers, *, period: int) -> Numbers:
    def slope(y: Numbers, x: Numbers) -> float:
        return float(products(x, y) / products(x, x)) if products(x, x) else 0.0

    def moves(values: Numbers) -> Numbers:
        return [(now - old) / old for old, now in itertools.pairwise(values)]

    return [nan, *pairs(moves(source), moves(benchmark), period, slope)]


@twin
def autocorrelation(source: Numbers, *, period: int, lag: int) -> Numbers:
    late, early = source[lag:], source[: len(source) - lag] if len(source) > lag else []
    return [*[nan] * min(lag, len(source)), *pairs(late, early, period, pearson)]
