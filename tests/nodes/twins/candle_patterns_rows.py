"""Twins of nodes/candle_patterns_rows.py: the bullish rules, and bearish ones of prices turned upside down."""

from __future__ import annotations

from tests.nodes.twins.candle_patterns import Candle, both_ways, pattern
from tests.nodes.twins.candle_patterns_two import engulfing


def soldiers(row: list[Candle], wick: float, long: float) -> bool:
    a, b, c = row
    each = all(x.white and x.long(long) and x.upper <= wick * x.range for x in row)
    return each and a.open <= b.open <= a.close < b.close and b.open <= c.open <= b.close < c.close


@pattern(3, before=-1)
def three_white_soldiers(a: Candle, b: Candle, c: Candle, *, wick: float, long: float) -> bool:
    return soldiers([a, b, c], wick, long)


@pattern(3, before=-1, mirrored=True)
def three_black_crows(a: Candle, b: Candle, c: Candle, *, wick: float, long: float) -> bool:
    return soldiers([a, b, c], wick, long)


@both_ways(3, before=-1)
def three_inside(a: Candle, b: Candle, c: Candle, *, small: float, long: float) -> bool:
    within = a.bottom <= b.bottom and b.top <= a.top and b.body <= small * a.body
    return a.black and a.long(long) and within and c.white and c.close > a.open


@both_ways(3, before=-1)
def three_outside(a: Candle, b: Candle, c: Candle) -> bool:
    return engulfing(a, b) and c.close > b.close


@both_ways(3, before=1)
def tasuki_gap(a: Candle, b: Candle, c: Candle) -> bool:
    gap = a.white and b.white and b.open > a.close
    return gap and c.black and b.close > c.open > b.open > c.close > a.close


def methods(row: list[Candle], small: float) -> bool:
    first, *rest, last = row
    held = all(first.low <= x.bottom and x.top <= first.high and x.body <= small * first.body for x in rest)
    steps = rest[0].close > rest[1].close > rest[2].close
    long = first.white and first.long(1) and last.white and last.long(1)
    return long and held and steps and last.close > first.close


@pattern(5, before=1)
def rising_three_methods(*row: Candle, small: float) -> bool:
    return methods(list(row), small)


@pattern(5, before=1, mirrored=True)
def falling_three_methods(*row: Candle, small: float) -> bool:
    return methods(list(row), small)
