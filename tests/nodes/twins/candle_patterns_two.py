"""Twins of nodes/candle_patterns_two.py: the bullish rules, and bearish ones of prices turned upside down."""

from __future__ import annotations

from tests.nodes.twins.candle_patterns import Candle, both_ways, pattern


def over(a: Candle, b: Candle) -> bool:
    """Whether the body of b covers that of a and is longer."""
    return b.top >= a.top and b.bottom <= a.bottom and b.body > a.body


@both_ways(2, before=-1)
def engulfing(a: Candle, b: Candle) -> bool:
    return a.black and b.white and over(a, b)


@both_ways(2, before=-1)
def harami(a: Candle, b: Candle, *, small: float, long: float) -> bool:
    within = a.bottom <= b.bottom and b.top <= a.top
    return a.black and a.long(long) and within and b.body <= small * a.body


@both_ways(2, before=-1)
def harami_cross(a: Candle, b: Candle, *, body: float, long: float) -> bool:
    within = a.bottom <= b.bottom and b.top <= a.top
    return a.black and a.long(long) and within and b.body <= body * b.range


def back_into(a: Candle, b: Candle, into: float, long: float) -> bool:
    far_enough = a.open > b.close > a.close + into * (a.open - a.close)
    return a.black and a.long(long) and b.white and b.open <= a.close and far_enough


@pattern(2, before=-1)
def piercing_line(a: Candle, b: Candle, *, into: float, long: float) -> bool:
    return back_into(a, b, into, long)


@pattern(2, before=-1, mirrored=True)
def dark_cloud_cover(a: Candle, b: Candle, *, into: float, long: float) -> bool:
    return back_into(a, b, into, long)


@pattern(2, before=-1)
def tweezer_bottom(a: Candle, b: Candle, *, tolerance: float) -> bool:
    return a.black and b.white and abs(a.low - b.low) <= tolerance * a.range


@pattern(2, before=1)
def tweezer_top(a: Candle, b: Candle, *, tolerance: float) -> bool:
    return a.white and b.black and abs(a.high - b.high) <= tolerance * a.range


@both_ways(2)
def kicker(a: Candle, b: Candle) -> bool:
    return a.black and b.white and b.open > a.open and a.long(1) and b.long(1)


@pattern(2, before=-1)
def on_neck(a: Candle, b: Candle, *, tolerance: float) -> bool:
    near = abs(b.close - a.low) <= tolerance * a.range
    return a.black and a.long(1) and b.white and b.open <= a.close and near
