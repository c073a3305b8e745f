"""Twins of nodes/volatility_measures.py."""

from __future__ import annotations

import itertools
import math

from tests.nodes.twins.common import RATIOS, Bars, Numbers, mean, nan, ranges_of, smoothed, twin, windows
from tests.nodes.twins.volatility import deviation

YEAR = 365 * 24 * 60 * 60 * 1000
RATIOS.update({"natr", "historical_volatility", "parkinson", "garman_klass", "ulcer_index", "chaikin_volatility"})


@twin
def natr(bar: Bars, *, period: int) -> Numbers:
    average = [nan, *smoothed(ranges_of(bar), period, 1 / period)]
    return [100 * a / c for a, c in zip(average, bar.close, strict=True)]


@twin
def historical_volatility(source: Numbers, length: int, *, period: int, bars_per_year: float, sample: bool) -> Numbers:
    bars_per_year = bars_per_year or YEAR / length
    moves = [math.log(b / a) for a, b in itertools.pairwise(source)]
    degrees = period - 1 if sample else period
    return [nan, *(100 * s * math.sqrt(bars_per_year) for s in windows(moves, period, lambda w: deviation(w, degrees)))]


@twin
def parkinson(bar: Bars, length: int, *, period: int, bars_per_year: float) -> Numbers:
    bars_per_year = bars_per_year or YEAR / length
    squares = [math.log(h / lo) ** 2 for h, lo in zip(bar.high, bar.low, strict=True)]
    return windows(squares, period, lambda w: 100 * math.sqrt(bars_per_year * mean(w) / (4 * math.log(2))))


@twin
def garman_klass(bar: Bars, length: int, *, period: int, bars_per_year: float) -> Numbers:
    bars_per_year = bars_per_year or YEAR / length
    squares = [
        0.5 * math.log(h / lo) ** 2 - (2 * math.log(2) - 1) * math.log(c / o) ** 2
        for o, h, lo, c, _ in zip(*bar, strict=True)
    ]
    return windows(squares, period, lambda w: 100 * math.sqrt(bars_per_year * mean(w)))


@twin
def ulcer_index(source: Numbers, *, period: int) -> Numbers:
    known = range(period - 1, len(source))
    drawdowns = [100 * (source[i] / max(source[i - period + 1 : i + 1]) - 1) for i in known]
    index = windows(drawdowns, period, lambda w: math.sqrt(mean([d * d for d in w])))
    return [nan] * min(period - 1, len(source)) + index


@twin
def chaikin_volatility(bar: Bars, *, period: int, roc_period: int) -> Numbers:
    average = smoothed([h - lo for h, lo in zip(bar.high, bar.low, strict=True)], period, 2 / (period + 1))
    past = ([nan] * roc_period + average)[: len(average)]
    return [
        nan if math.isnan(a) else 100 * (b / a - 1) if a > 1e-280 else 0.0 for a, b in zip(past, average, strict=True)
    ]
