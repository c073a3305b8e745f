"""Twin of nodes/volume_profile.py, in exact fractions.

Rows are equal that differ by less than a billionth of the volume, prices by less than a millionth of a row.
"""

from __future__ import annotations

import math
from fractions import Fraction

from tests.nodes.twins.common import Bars, Numbers, nan, twin

DUST, BORDER = Fraction(1, 10**9), Fraction(1, 10**6)


@twin
def volume_profile(bar: Bars, *, period: int, rows: int, value_area: float) -> tuple[Numbers, ...]:
    n, late = len(bar.close), period - 1
    levels = [
        levels_of(
            [Fraction(x) for x in bar.high[i - late : i + 1]],
            [Fraction(x) for x in bar.low[i - late : i + 1]],
            [Fraction(x) for x in bar.volume[i - late : i + 1]],
            rows,
            Fraction(value_area) / 100,
        )
        for i in range(late, n)
    ]
    blank = [nan] * min(late, n)
    poc, high, low = (blank + [float(level[k]) for level in levels] for k in range(3))
    return poc, high, low


def levels_of(
    highs: list[Fraction], lows: list[Fraction], volumes: list[Fraction], rows: int, part: Fraction
) -> tuple[Fraction, Fraction, Fraction]:
    top, bottom = max(highs), min(lows)
    if top == bottom:
        return top, top, top
    height = (top - bottom) / rows
    counts = profile(highs, lows, volumes if any(volumes) else [Fraction(1)] * len(highs), rows)
    whole = sum(counts, Fraction(0))
    peak = next(k for k, c in enumerate(counts) if c >= max(counts) - whole * DUST)
    area = [peak]
    while sum((counts[k] for k in area), Fraction(0)) < whole * (part - DUST):
        sides = [k for k in (area[-1] + 1, area[0] - 1) if 0 <= k < rows]
        if len(sides) == 2 and counts[sides[0]] < counts[sides[1]] - whole * DUST:
            sides.reverse()
        area = sorted([*area, sides[0]])
    return bottom + height * (peak + Fraction(1, 2)), bottom + height * (area[-1] + 1), bottom + height * area[0]


def profile(highs: list[Fraction], lows: list[Fraction], volumes: list[Fraction], rows: int) -> list[Fraction]:
    bottom, counts = min(lows), [Fraction(0)] * rows
    height = (max(highs) - bottom) / rows
    for high, low, volume in zip(highs, lows, volumes, strict=True):
        begin, end = (low - bottom) / height, (high - bottom) / height
        if end - begin <= BORDER:
            counts[min(math.floor(begin + BORDER), rows - 1)] += volume
            continue
        for row in range(math.floor(begin), min(math.floor(end), rows - 1) + 1):
            counts[row] += volume * max(min(end, row + 1) - max(begin, row), 0) / (end - begin)
    return counts
