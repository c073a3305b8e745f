"""Twins of nodes/candle_patterns_three.py: the bullish rules, and bearish ones of prices turned upside down."""

from __future__ import annotations

from tests.nodes.twins.candle_patterns import Candle, both_ways, doji, pattern


def star(a: Candle, b: Candle, c: Candle, into: float, long: float) -> bool:
    """The first and the third candle, and where the second lies."""
    comes_back = c.white and c.close > a.close + into * (a.open - a.close)
    return a.black and a.long(long) and comes_back and b.top <= (a.open + a.close) / 2


@pattern(3, before=-1)
def morning_star(a: Candle, b: Candle, c: Candle, *, into: float, small: float, long: float) -> bool:
    return star(a, b, c, into, long) and b.body <= small * a.body


@pattern(3, before=-1, mirrored=True)
def evening_star(a: Candle, b: Candle, c: Candle, *, into: float, small: float, long: float) -> bool:
    return star(a, b, c, into, long) and b.body <= small * a.body


@pattern(3, before=-1)
def morning_doji_star(a: Candle, b: Candle, c: Candle, *, into: float, body: float, long: float) -> bool:
    return star(a, b, c, into, long) and doji(b, body=body)


@pattern(3, before=-1, mirrored=True)
def evening_doji_star(a: Candle, b: Candle, c: Candle, *, into: float, body: float, long: float) -> bool:
    return star(a, b, c, into, long) and doji(b, body=body)


@both_ways(3, before=-1)
def abandoned_baby(a: Candle, b: Candle, c: Candle) -> bool:
    return star(a, b, c, 0.5, 1) and doji(b, body=0.1) and b.high < min(a.low, c.low)
