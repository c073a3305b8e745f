"""Indices of how the ranges of bars add up."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Length, Series, Window
from wickwork.nodes.trend import NOISE_FLOOR, smooth
from wickwork.nodes.volatility import range_of
from wickwork.nodes.windows import BOTTOM, TOP, Period, slide_highest, slide_lowest, slide_sum

nan = float("nan")


class Choppiness(NamedTuple):
    """Memory of `choppiness`."""

    highs: Annotated[Window, Length(lambda period: period)]
    lows: Annotated[Window, Length(lambda period: period)]
    ranges: Annotated[Window, Length(lambda period: period)]
    high: float = BOTTOM
    low: float = TOP
    range: float = 0.0
    close: float = nan
    at: int = 0
    seen: int = 0


@node(
    title="Choppiness index",
    group="volatility",
    warmup=lambda period: period + 1,
    terms=("chop", "ci", "sideways", "consolidation", "trend or range", "dreiss"),
    source="Dreiss; TradingView Choppiness Index",
)
def choppiness(
    memory: Choppiness, bars: Bar, *, period: Annotated[int, Between(2, 5000)] = 14
) -> tuple[Choppiness, Annotated[Series, Between(0, TOP)]]:
    """Whether the market trends (towards 0) or goes sideways (towards 100); above 61.8 is usually called sideways.

    100 × log(sum of the true ranges / (highest high − lowest low)) / log(`period`), over `period` bars. 100 in a
    flat window, as where all bars cover one and the same range; a gap before the window can lift it above 100.
    """
    seen = memory.seen + 1
    # The true range of the first bar is unknown, so the windows begin with the second.
    if seen == 1:
        return Choppiness(memory.highs, memory.lows, memory.ranges, BOTTOM, TOP, 0.0, bars.close, 0, seen), nan
    _, high, highest = slide_highest(memory.highs, memory.at, memory.high, bars.high, period)
    _, low, lowest = slide_lowest(memory.lows, memory.at, memory.low, bars.low, period)
    at, part, total = slide_sum(memory.ranges, memory.at, memory.range, range_of(bars, memory.close), period)
    kept = Choppiness(memory.highs, memory.lows, memory.ranges, high, low, part, bars.close, at, seen)
    if seen <= period:
        return kept, nan
    ratio = total / (highest - lowest) if highest > lowest else float(period)
    ratio = ratio if ratio > 1.0 else 1.0  # less is dust of rounding: the ranges cover all that lies between
    return kept, 100.0 * (math.log(ratio) / math.log(float(period))) if ratio <= TOP else nan


class MassIndex(NamedTuple):
    """Memory of `mass_index`."""

    ratios: Annotated[Window, Length(lambda period: period)]
    single: float = 0.0
    double: float = 0.0
    part: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="Mass index",
    phrase="the mass index ({ema_period}, {period})",
    group="volatility",
    warmup=lambda ema_period, period: 2 * (ema_period - 1) + period,
    terms=("massi", "mi", "reversal bulge", "dorsey"),
    source="TA-Lib MASSI; Dorsey 1992",
)
def mass_index(
    memory: MassIndex, bars: Bar, *, ema_period: Period = 9, period: Period = 25
) -> tuple[MassIndex, Annotated[Series, Between(0, TOP)]]:
    """Rises where the ranges of the bars widen; above 27 and back below 26.5 is read as a coming reversal.

    The sum of the last `period` ratios EMA(high − low) / EMA(EMA(high − low)), both over `ema_period` bars: near
    `period` while ranges do not change. A ratio without any range counts as 1, as in TA-Lib.
    """
    seen, weight = memory.seen + 1, 2.0 / (ema_period + 1.0)
    double, part, at, value = memory.double, memory.part, memory.at, nan
    single = smooth(memory.single, seen, bars.high - bars.low, ema_period, weight)
    if seen >= ema_period:
        double = smooth(double, seen - ema_period + 1, single, ema_period, weight)
    if seen > 2 * (ema_period - 1):
        ratio = single / double if double > NOISE_FLOOR else 1.0
        at, part, total = slide_sum(memory.ratios, at, part, ratio, period)
        value = total if seen >= 2 * (ema_period - 1) + period else nan
    return MassIndex(memory.ratios, single, double, part, at, seen), value
