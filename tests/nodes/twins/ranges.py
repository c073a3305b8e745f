"""Twins of nodes/ranges.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import RATIOS, Bars, Numbers, nan, ranges_of, smoothed, twin, windows

RATIOS.update({"choppiness", "mass_index"})


@twin
def choppiness(bar: Bars, *, period: int) -> Numbers:
    total = [nan, *windows(ranges_of(bar), period, math.fsum)]
    answer = [nan] * len(total)
    for i in range(period, len(total)):
        now = slice(i - period + 1, i + 1)
        extent = max(bar.high[now]) - min(bar.low[now])
        answer[i] = 100 * math.log10(total[i] / extent) / math.log10(period) if extent > 0 else 100.0
    return answer


@twin
def mass_index(bar: Bars, *, ema_period: int, period: int) -> Numbers:
    weight, blank = 2 / (ema_period + 1), min(ema_period - 1, len(bar.close))
    single = smoothed([h - lo for h, lo in zip(bar.high, bar.low, strict=True)], ema_period, weight)[blank:]
    double = smoothed(single, ema_period, weight)
    ratios = [a / b if b > 1e-280 else 1.0 for a, b in zip(single, double, strict=True)][blank:]
    return [nan] * min(2 * blank, len(bar.close)) + windows(ratios, period, math.fsum)
