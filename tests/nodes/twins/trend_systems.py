"""Twins of nodes/trend_systems.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import RATIOS, Bars, Numbers, nan, ranges_of, smoothed, twin, windows

RATIOS.update({"aroon", "vortex"})


@twin
def aroon(bar: Bars, *, period: int) -> tuple[Numbers, ...]:
    def share(values: Numbers, best: float) -> float:
        latest = max(k for k, value in enumerate(values) if value == best)
        return 100 * latest / period

    up = windows(bar.high, period + 1, lambda w: share(w, max(w)))
    down = windows(bar.low, period + 1, lambda w: share(w, min(w)))
    return up, down, [a - b for a, b in zip(up, down, strict=True)]


@twin
def psar(bar: Bars, *, start: float, increment: float, maximum: float) -> tuple[Numbers, Numbers]:
    """Wilder's rules, one side at a time: a down-trend is an up-trend of prices with the opposite sign."""
    n = len(bar.close)
    line, direction = [nan] * n, [nan] * n
    if n < 2:
        return line, direction
    up, down = bar.high[1] - bar.high[0], bar.low[0] - bar.low[1]
    side = -1 if down > 0 and down > up else 1
    stop = bar.low[0] if side == 1 else bar.high[0]
    steps = 0  # new extremes since the trend began
    best = bar.high[1] if side == 1 else bar.low[1]

    def factor(steps: int) -> float:
        value = min(start, maximum)
        for _ in range(steps):
            value = min(value + increment, maximum)
        return value

    for i in range(1, n):
        both = [max(i - 1, 1), i]  # the first bar gives the stop and nothing else
        tops, bottoms = [bar.high[k] for k in both], [bar.low[k] for k in both]
        if (side == 1 and bar.low[i] <= stop) or (side == -1 and bar.high[i] >= stop):
            side, steps = -side, 0
            stop = max([best, *tops]) if side == -1 else min([best, *bottoms])
            best = bar.low[i] if side == -1 else bar.high[i]
        elif (side == 1 and bar.high[i] > best) or (side == -1 and bar.low[i] < best):
            best, steps = (bar.high[i] if side == 1 else bar.low[i]), min(steps + 1, 1000)
        line[i], direction[i] = stop, side
        stop = stop + factor(steps) * (best - stop)
        stop = min([stop, *bottoms]) if side == 1 else max([stop, *tops])
    return line, direction


@twin
def vortex(bar: Bars, *, period: int) -> tuple[Numbers, ...]:
    plus = [abs(h - lo) for h, lo in zip(bar.high[1:], bar.low, strict=False)]
    minus = [abs(lo - h) for lo, h in zip(bar.low[1:], bar.high, strict=False)]
    total = windows(ranges_of(bar), period, math.fsum)

    def share(moves: Numbers) -> Numbers:
        sums = windows(moves, period, math.fsum)
        return [nan] + [nan if math.isnan(b) else a / b if b > 0 else 0.0 for a, b in zip(sums, total, strict=True)]

    return share(plus), share(minus)


@twin
def chandelier_exit(bar: Bars, *, period: int, multiplier: float) -> tuple[Numbers, ...]:
    average = [nan, *smoothed(ranges_of(bar), period, 1 / period)]
    long = [h - multiplier * a for h, a in zip(windows(bar.high, period, max), average, strict=True)]
    return long, [lo + multiplier * a for lo, a in zip(windows(bar.low, period, min), average, strict=True)]
