"""Twins of nodes/statistic_measures.py, in exact fractions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from tests.nodes.twins.common import RATIOS, Numbers, twin, windows

RATIOS |= {"z_score", "percentile_rank", "skewness", "kurtosis"}


def distances(values: Sequence[float | Fraction]) -> tuple[list[int], Fraction]:
    """The exact distances from the exact mean, as whole numbers of a unit, and that unit."""
    ratios = [v.as_integer_ratio() for v in values]
    scale = max(below for _, below in ratios)  # all are powers of two
    whole = [above * (scale // below) for above, below in ratios]
    return [len(whole) * v - sum(whole) for v in whole], Fraction(1, len(whole) * scale)


def moment(values: Numbers, power: int) -> Fraction:
    """The sum of a power of the distances from the mean."""
    whole, unit = distances(values)
    return sum(d**power for d in whole) * unit**power


@twin
def variance(source: Numbers, *, period: int, sample: bool) -> Numbers:
    return windows(source, period, lambda w: float(moment(w, 2) / (len(w) - sample)))


@twin
def z_score(source: Numbers, *, period: int, sample: bool) -> Numbers:
    def of(window: Numbers) -> float:
        whole, unit = distances(window)
        size = math.sqrt(moment(window, 2) / (period - sample))
        return float(whole[-1] * unit) / size if size else 0.0

    return windows(source, period, of)


@twin
def percentile_rank(source: Numbers, *, period: int, counted: str) -> Numbers:
    def of(window: Numbers) -> float:
        *earlier, now = window
        number = len([v for v in earlier if v < now or (v == now and counted == "at_or_below")])
        return 100 * number / len(earlier)

    return windows(source, period + 1, of)


@twin
def median(source: Numbers, *, period: int) -> Numbers:
    def of(window: Numbers) -> float:
        ordered = sorted(window)
        low, high = ordered[(period - 1) // 2], ordered[period // 2]
        return float((Fraction(low) + Fraction(high)) / 2)

    return windows(source, period, of)


@twin
def quantile(source: Numbers, *, period: int, percent: float, method: str) -> Numbers:
    def of(window: Numbers) -> float:
        ordered, share = sorted(window), Fraction(percent) / 100
        if method == "nearest":
            return next(v for i, v in enumerate(ordered, 1) if Fraction(i, period) >= share)
        place = share * (period - 1)
        low = Fraction(ordered[math.floor(place)])
        return float(low + (Fraction(ordered[math.ceil(place)]) - low) * (place - math.floor(place)))

    return windows(source, period, of)


@twin
def skewness(source: Numbers, *, period: int, sample: bool) -> Numbers:
    def of(window: Numbers) -> float:
        n, second = len(window), moment(window, 2) / len(window)
        if not second:
            return 0.0
        value = float(moment(window, 3) / n) / math.sqrt(second) ** 3
        return value * math.sqrt(n * (n - 1)) / (n - 2) if sample else value

    return windows(source, period, of)


@twin
def kurtosis(source: Numbers, *, period: int, sample: bool) -> Numbers:
    def of(window: Numbers) -> float:
        n, second = len(window), moment(window, 2) / len(window)
        if not second:
            return 0.0
        value = moment(window, 4) / n / second**2 - 3
        return float(((n + 1) * value + 6) * (n - 1) / ((n - 2) * (n - 3)) if sample else value)

    return windows(source, period, of)
