"""Twins of nodes/standard_error.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import Numbers, mean, nan, twin, windows


def line(values: Numbers) -> tuple[float, float]:
    """Slope and middle of the least-squares line."""
    places = [k - (len(values) - 1) / 2 for k in range(len(values))]
    level = mean(values)
    moment = math.fsum(x * (y - level) for x, y in zip(places, values, strict=True))
    return moment / math.fsum(x * x for x in places), level


def end(values: Numbers) -> float:
    slope, level = line(values)
    return level + slope * (len(values) - 1) / 2


def error(values: Numbers) -> float:
    slope, level = line(values)
    middle = (len(values) - 1) / 2
    return math.sqrt(
        math.fsum((y - level - slope * (k - middle)) ** 2 for k, y in enumerate(values)) / (len(values) - 2)
    )


@twin
def standard_error_bands(source: Numbers, *, period: int, multiplier: float, smooth: int) -> tuple[Numbers, ...]:
    blank = [nan] * min(period - 1, len(source))
    middle = blank + windows(windows(source, period, end)[len(blank) :], smooth, mean)
    reach = [multiplier * e for e in blank + windows(windows(source, period, error)[len(blank) :], smooth, mean)]
    lower = [m - r for m, r in zip(middle, reach, strict=True)]
    return lower, middle, [m + r for m, r in zip(middle, reach, strict=True)]
