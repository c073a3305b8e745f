"""Twins of nodes/statistic_measures.py, in exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

from tests.nodes.twins.common import RATIOS, Numbers, twin, windows

RATIOS |= {"z_score", "percentile_rank", "skewness", "kurtosis"}


def distances(values: Numbers) -> list[Fraction]:
    """The exact distances from the exact mean."""
    exact = [Fraction(v) for v in values]
    middle = sum(exact, Fraction(0)) / len(exact)
    return [v - middle for v in exact]


def moment(values: Numbers, power: int) -> Fraction:
    """The sum of a power of the distances from the mean."""
    return sum((d**power for d in distances(values)), Fraction(0))


@twin
def variance(source: Numbers, *, period: int, sample: bool) -> Numbers:
    return windows(source, period, lambda w: float(moment(w, 2) / (len(w) - sample)))


@twin
def z_score(source: Numbers, *, period: int, sample: bool) -> Numbers:
    def of(window: Numbers) -> float:
        size = math.sqrt(moment(window, 2) / (period - sample))
        return float(distances(window)[-1]) / size if size else 0.0

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
