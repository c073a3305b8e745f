"""Twins of nodes/channels.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import Bars, Numbers, mean, nan, ranges_of, smoothed, twin, windows
from tests.nodes.twins.volatility import deviation


@twin
def donchian(bar: Bars, *, period: int, current_bar: bool) -> tuple[Numbers, ...]:
    upper, lower = windows(bar.high, period, max), windows(bar.low, period, min)
    if not current_bar:
        upper, lower = [nan, *upper][: len(upper)], [nan, *lower][: len(lower)]
    return lower, [mean([a, b]) for a, b in zip(lower, upper, strict=True)], upper


@twin
def keltner(bar: Bars, *, period: int, multiplier: float, atr_period: int, price: str) -> tuple[Numbers, ...]:
    source = bar.close
    if price == "typical":
        source = [mean(list(p)) for p in zip(bar.high, bar.low, bar.close, strict=True)]
    need = max(period, atr_period + 1)
    late = need - period  # both averages give their first answer on the same bar
    middle = [nan] * late + smoothed(source[late:], period, 2 / (period + 1))
    ranges, late = [nan, *ranges_of(bar)], need - atr_period
    atr = [nan] * late + smoothed(ranges[late:], atr_period, 1 / atr_period)
    lower = [m - multiplier * a for m, a in zip(middle, atr, strict=False)]
    upper = [m + multiplier * a for m, a in zip(middle, atr, strict=False)]
    return lower, middle[: len(source)], upper


@twin
def envelope(source: Numbers, *, period: int, percent: float) -> tuple[Numbers, ...]:
    middle = windows(source, period, mean)
    return [m * (100 - percent) / 100 for m in middle], middle, [m * (100 + percent) / 100 for m in middle]


@twin
def squeeze(bar: Bars, *, period: int, multiplier: float, range_multiplier: float) -> Numbers:
    reach = [multiplier * s for s in windows(bar.close, period, lambda w: deviation(w, period))]
    ranges = [nan, *(range_multiplier * r for r in windows(ranges_of(bar), period, mean))]
    return [nan if math.isnan(r) else float(b < r) for b, r in zip(reach, ranges, strict=True)]


def end_of_line(values: Numbers) -> float:
    """Where the least-squares line through the values ends."""
    middle, level = (len(values) - 1) / 2, mean(values)
    spread = math.fsum((x - middle) ** 2 for x in range(len(values)))
    slope = math.fsum((x - middle) * (y - level) for x, y in enumerate(values)) / spread
    return level + slope * middle


@twin
def squeeze_momentum(bar: Bars, *, period: int) -> Numbers:
    distances = []
    for i in range(period - 1, len(bar.close)):
        now = slice(i - period + 1, i + 1)
        centre = (max(bar.high[now]) + min(bar.low[now])) / 2
        distances.append(bar.close[i] - (centre + mean(bar.close[now])) / 2)
    return [nan] * min(period - 1, len(bar.close)) + windows(distances, period, end_of_line)
