"""The Ichimoku system."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Length, Series, Window
from wickwork.nodes.windows import BOTTOM, TOP, Period, recall, slide_highest, slide_lowest

nan = float("nan")


class Ichimoku(NamedTuple):
    """Memory of `ichimoku`."""

    conversion_highs: Annotated[Window, Length(lambda conversion_period: conversion_period)]
    conversion_lows: Annotated[Window, Length(lambda conversion_period: conversion_period)]
    base_highs: Annotated[Window, Length(lambda base_period: base_period)]
    base_lows: Annotated[Window, Length(lambda base_period: base_period)]
    span_highs: Annotated[Window, Length(lambda span_period: span_period)]
    span_lows: Annotated[Window, Length(lambda span_period: span_period)]
    spans_a: Annotated[Window, Length(lambda displacement: displacement)]
    spans_b: Annotated[Window, Length(lambda displacement: displacement)]
    closes: Annotated[Window, Length(lambda displacement: displacement)]
    conversion_high: float = BOTTOM
    conversion_low: float = TOP
    base_high: float = BOTTOM
    base_low: float = TOP
    span_high: float = BOTTOM
    span_low: float = TOP
    conversion_at: int = 0
    base_at: int = 0
    span_at: int = 0
    at: int = 0
    seen: int = 0


class IchimokuLines(NamedTuple):
    """Outputs of `ichimoku`."""

    conversion: Series
    base: Series
    span_a: Series
    span_b: Series
    lagging_distance: Series


def _middle(high: float, low: float) -> float:
    return (high + low) * 0.5


@node(
    title="Ichimoku",
    phrase={
        "conversion": "the {conversion_period}-bar Ichimoku conversion line",
        "base": "the {base_period}-bar Ichimoku base line",
        "span_a": "the Ichimoku span A ({conversion_period}, {base_period})",
        "span_b": "the {span_period}-bar Ichimoku span B",
        "lagging_distance": "the distance of the close from the Ichimoku lagging line",
    },
    group="trend",
    warmup=lambda conversion_period, base_period, span_period, displacement: (
        max(conversion_period, base_period, span_period) + displacement
    ),
    terms=("ichimoku cloud", "kumo", "tenkan", "kijun", "senkou", "chikou", "leading span", "lagging span"),
    source="Hosoda 1969; TradingView Ichimoku Cloud",
)
def ichimoku(
    memory: Ichimoku,
    bars: Bar,
    *,
    conversion_period: Period = 9,
    base_period: Period = 26,
    span_period: Period = 52,
    displacement: Period = 26,
) -> tuple[Ichimoku, IchimokuLines]:
    """Middles of ranges of three lengths, and a cloud between two of them that was known `displacement` bars before.

    `conversion` (tenkan) and `base` (kijun) are the middles between highest high and lowest low of their periods.
    The cloud over this bar lies between `span_a`, the mean of these two, and `span_b`, the middle of `span_period`
    bars: both as they were `displacement` bars ago (TradingView counts the current bar and takes them of 25
    bars ago where 26 is set). `lagging_distance` is what the lagging line (chikou) shows, without a look ahead: the
    close minus the close `displacement` bars ago, above 0 where that line lies above the price. All in price units,
    missing until all are known.
    """
    seen, m = memory.seen + 1, memory
    _, high, highest = slide_highest(
        m.conversion_highs, m.conversion_at, m.conversion_high, bars.high, conversion_period
    )
    conversion_at, low, lowest = slide_lowest(
        m.conversion_lows, m.conversion_at, m.conversion_low, bars.low, conversion_period
    )
    conversion = _middle(highest, lowest)
    _, base_high, highest = slide_highest(m.base_highs, m.base_at, m.base_high, bars.high, base_period)
    base_at, base_low, lowest = slide_lowest(m.base_lows, m.base_at, m.base_low, bars.low, base_period)
    base = _middle(highest, lowest)
    _, span_high, highest = slide_highest(m.span_highs, m.span_at, m.span_high, bars.high, span_period)
    span_at, span_low, lowest = slide_lowest(m.span_lows, m.span_at, m.span_low, bars.low, span_period)
    _, span_a = recall(m.spans_a, m.at, _middle(conversion, base), displacement)
    _, span_b = recall(m.spans_b, m.at, _middle(highest, lowest), displacement)
    at, close = recall(m.closes, m.at, bars.close, displacement)
    kept = Ichimoku(
        m.conversion_highs, m.conversion_lows, m.base_highs, m.base_lows, m.span_highs, m.span_lows, m.spans_a,
        m.spans_b, m.closes, high, low, base_high, base_low, span_high, span_low, conversion_at, base_at, span_at, at,
        seen,
    )  # fmt: skip
    longest = conversion_period if conversion_period > base_period else base_period
    longest = longest if longest > span_period else span_period
    if seen < longest + displacement:
        return kept, IchimokuLines(nan, nan, nan, nan, nan)
    return kept, IchimokuLines(conversion, base, span_a, span_b, bars.close - close)
