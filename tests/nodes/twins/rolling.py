"""Twins of nodes/rolling.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import RATIOS, Numbers, twin, windows

RATIOS.add("normalise")


@twin
def rolling_sum(source: Numbers, *, period: int) -> Numbers:
    return windows(source, period, math.fsum)


@twin
def bars_since_highest(source: Numbers, *, period: int) -> Numbers:
    return windows(source, period, lambda last: last[::-1].index(max(last)))


@twin
def bars_since_lowest(source: Numbers, *, period: int) -> Numbers:
    return windows(source, period, lambda last: last[::-1].index(min(last)))


@twin
def normalise(source: Numbers, *, period: int) -> Numbers:
    def place(last: Numbers) -> float:
        low, high = min(last), max(last)
        return 0.5 if low == high else (last[-1] - low) / (high - low)

    return windows(source, period, place)
