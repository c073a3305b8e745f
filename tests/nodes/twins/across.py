"""Twins of nodes/across.py: the values of the instruments that take part at one bar in, their results out."""

from __future__ import annotations

import statistics
from fractions import Fraction

from tests.nodes.twins.common import Numbers, nan, twin


@twin
def rank(source: Numbers, *, ascending: bool) -> Numbers:
    return [sorted(source, reverse=not ascending).index(value) + 1.0 for value in source]


@twin
def percentile_rank_across(source: Numbers) -> Numbers:
    if len(source) == 1:
        return [50.0]
    lower = [sum(other < value for other in source) for value in source]
    equal = [source.count(value) - 1 for value in source]
    return [100.0 * (a + b / 2) / (len(source) - 1) for a, b in zip(lower, equal, strict=True)]


@twin
def z_score_across(source: Numbers) -> Numbers:
    deviation = statistics.pstdev(map(Fraction, source))
    mean = statistics.mean(map(Fraction, source))
    return [float((Fraction(value) - mean) / Fraction(deviation)) if deviation else 0.0 for value in source]


def _first(source: Numbers, many: int, *, highest: bool) -> Numbers:
    places = sorted(range(len(source)), key=lambda i: (-source[i] if highest else source[i], i))[:many]
    return [float(i in places) for i in range(len(source))]


@twin
def top(source: Numbers, *, n: int) -> Numbers:
    return _first(source, n, highest=True)


@twin
def bottom(source: Numbers, *, n: int) -> Numbers:
    return _first(source, n, highest=False)


@twin
def breadth(condition: Numbers) -> Numbers:
    return [100.0 * condition.count(1.0) / len(condition)] * len(condition)


@twin
def count_across(condition: Numbers) -> Numbers:
    return [float(condition.count(1.0))] * len(condition)


@twin
def sum_across(source: Numbers) -> Numbers:
    return [float(sum(map(Fraction, source)))] * len(source)


@twin
def mean_across(source: Numbers) -> Numbers:
    return [float(statistics.mean(map(Fraction, source)))] * len(source)


@twin
def median_across(source: Numbers) -> Numbers:
    return [statistics.median(source)] * len(source)


@twin
def highest_across(source: Numbers) -> Numbers:
    return [max(source)] * len(source)


@twin
def lowest_across(source: Numbers) -> Numbers:
    return [min(source)] * len(source)


@twin
def relative_to_mean(source: Numbers, *, measure: str) -> Numbers:
    mean = statistics.mean(map(Fraction, source))
    gaps = [Fraction(value) - mean for value in source]
    if measure == "difference":
        return list(map(float, gaps))
    return [float(100 * gap / abs(mean)) if mean else nan for gap in gaps]


@twin
def target_weights(chosen: Numbers, value: Numbers, *, weighting: str, total: float, maximum: float) -> Numbers:
    def share(value: float) -> Fraction:
        if weighting == "equal":
            return Fraction(1)
        if weighting == "inverse":
            return 1 / Fraction(value) if value > 0 else Fraction(0)
        return Fraction(value)

    shares = [share(v) if c else Fraction(0) for c, v in zip(chosen, value, strict=True)]
    sizes = sum(map(abs, shares))
    weights = [float(Fraction(total) * one / sizes) if sizes else 0.0 for one in shares]
    return [max(-maximum, min(maximum, one)) for one in weights]
