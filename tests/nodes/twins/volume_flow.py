"""Twins of nodes/volume_flow.py."""

from __future__ import annotations

import itertools
import math

from tests.nodes.twins.common import RATIOS, Bars, Numbers, mean, nan, smoothed, twin, windows

RATIOS |= {"chaikin_money_flow", "negative_volume_index", "positive_volume_index"}


def flows(bar: Bars) -> Numbers:
    rows = zip(bar.high, bar.low, bar.close, bar.volume, strict=True)
    return [v * ((c - lo) - (h - c)) / (h - lo) if h > lo else 0.0 for h, lo, c, v in rows]


@twin
def accumulation_distribution(bar: Bars) -> Numbers:
    return [math.fsum(flows(bar)[: i + 1]) for i in range(len(bar.close))]


@twin
def chaikin_oscillator(bar: Bars, *, fast: int, slow: int) -> Numbers:
    line = accumulation_distribution(bar)
    quick, calm = (smoothed(line, 1, 2 / (n + 1)) for n in (fast, slow))
    late = max(fast, slow) - 1
    return [q - c if i >= late else nan for i, (q, c) in enumerate(zip(quick, calm, strict=True))]


@twin
def chaikin_money_flow(bar: Bars, *, period: int) -> Numbers:
    pairs = zip(windows(flows(bar), period, math.fsum), windows(bar.volume, period, math.fsum), strict=True)
    return [f / v if v != 0 else 0.0 for f, v in pairs]


@twin
def force_index(bar: Bars, *, period: int) -> Numbers:
    forces = [(b - a) * v for (a, b), v in zip(itertools.pairwise(bar.close), bar.volume[1:], strict=True)]
    return [nan, *smoothed(forces, period, 2 / (period + 1))]


@twin
def ease_of_movement(bar: Bars, *, period: int, divisor: float) -> Numbers:
    middle = [(h + lo) / 2 for h, lo in zip(bar.high, bar.low, strict=True)]
    eases = []
    for i in range(1, len(middle)):
        box = bar.volume[i] / divisor / (bar.high[i] - bar.low[i]) if bar.high[i] > bar.low[i] else 0.0
        eases.append((middle[i] - middle[i - 1]) / box if box else 0.0)
    return [nan, *windows(eases, period, mean)]


@twin
def price_volume_trend(bar: Bars) -> Numbers:
    moves = [(b / a - 1) * v for (a, b), v in zip(itertools.pairwise(bar.close), bar.volume[1:], strict=True)]
    return [math.fsum(moves[:i]) for i in range(len(bar.close))]


def index(bar: Bars, sign: int) -> Numbers:
    """The product of the price relatives of the bars whose volume grew (1) or shrank (−1)."""
    answer = [1000.0]
    for i in range(1, len(bar.close)):
        counts = sign * bar.volume[i] > sign * bar.volume[i - 1]
        answer.append(answer[-1] * bar.close[i] / bar.close[i - 1] if counts else answer[-1])
    return answer


@twin
def negative_volume_index(bar: Bars) -> Numbers:
    return index(bar, -1)


@twin
def positive_volume_index(bar: Bars) -> Numbers:
    return index(bar, 1)
