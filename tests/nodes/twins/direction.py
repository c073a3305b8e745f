"""Twins of nodes/direction.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import Bars, Numbers, mean, nan, ranges_of, smoothed, twin


@twin
def supertrend(bar: Bars, *, period: int, multiplier: float) -> tuple[Numbers, Numbers]:
    average = [nan, *smoothed(ranges_of(bar), period, 1 / period)]
    line, direction = [nan] * len(average), [nan] * len(average)
    upper = lower = 0.0
    trend = 1.0
    for i in range(period, len(average)):
        middle = (bar.high[i] + bar.low[i]) / 2
        above, below = middle + multiplier * average[i], middle - multiplier * average[i]
        if i == period:
            upper, lower = above, below
        else:
            before = bar.close[i - 1]
            upper = above if before > upper else min(above, upper)
            lower = below if before < lower else max(below, lower)
            if trend == 1.0 and bar.close[i] < lower:
                trend = -1.0
            elif trend == -1.0 and bar.close[i] > upper:
                trend = 1.0
        line[i], direction[i] = (lower if trend == 1.0 else upper), trend
    return line, direction


@twin
def adx(bar: Bars, *, period: int) -> tuple[Numbers, ...]:
    n = len(bar.close)
    plus, minus = [0.0], [0.0]
    for i in range(1, n):
        up, down = bar.high[i] - bar.high[i - 1], bar.low[i - 1] - bar.low[i]
        plus.append(up if up > down and up > 0 else 0.0)
        minus.append(down if down > up and down > 0 else 0.0)
    ranges = [0.0, *ranges_of(bar)]

    def summed(values: Numbers) -> Numbers:
        """Wilder's sum: that of the first period − 1 values, from then on a period-th is forgotten at each step."""
        answer = [nan] * n
        for i in range(period - 1, n):
            answer[i] = math.fsum(values[:period]) if i == period - 1 else answer[i - 1] * (1 - 1 / period) + values[i]
        return answer

    def share(part: float, whole: float) -> float:
        return nan if math.isnan(whole) else 100 * part / whole if whole > 1e-280 else 0.0

    whole = summed(ranges)
    rise = [share(a, b) for a, b in zip(summed(plus), whole, strict=True)]
    fall = [share(a, b) for a, b in zip(summed(minus), whole, strict=True)]
    strength = [share(abs(a - b), a + b) for a, b in zip(rise, fall, strict=True)]
    answer = [nan] * n
    for i in range(2 * period - 1, n):
        if i == 2 * period - 1:
            answer[i] = mean(strength[period : 2 * period])
        elif rise[i] + fall[i] > 1e-280:
            answer[i] = (answer[i - 1] * (period - 1) + strength[i]) / period
        else:
            answer[i] = answer[i - 1]
    blank = [nan] * min(n, 2 * period - 1)
    return answer, blank + rise[len(blank) :], blank + fall[len(blank) :]
