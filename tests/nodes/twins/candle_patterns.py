"""Twins of nodes/candle_patterns.py: rules about one bar, and what all twins of patterns share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tests.nodes.twins.common import TWINS, Bars, Flags, Numbers


class Candle:
    """One candle with all that a rule may ask of it."""

    def __init__(self, bar: Bars, i: int) -> None:
        self.open, self.high, self.low, self.close = bar.open[i], bar.high[i], bar.low[i], bar.close[i]
        self.white, self.black = self.close > self.open, self.close < self.open
        self.body, self.range = abs(self.close - self.open), self.high - self.low
        self.top, self.bottom = max(self.open, self.close), min(self.open, self.close)
        self.upper, self.lower = self.high - self.top, self.bottom - self.low
        self.usual = 0.0

    def long(self, times: float) -> bool:
        return self.body > times * self.usual * (1 + 1e-9)


Rule = Callable[..., bool]
SETTINGS = ("period", "trend")


def upside_down(bar: Bars) -> Bars:
    def minus(values: Numbers) -> Numbers:
        return [-v for v in values]

    return Bars(minus(bar.open), minus(bar.low), minus(bar.high), minus(bar.close), bar.volume)


def found(bar: Bars, length: int, rule: Rule, before: int, values: dict[str, Any]) -> Flags:
    """On every bar whether the rule holds for the `length` candles up to it, oldest first, after a rise (`before` 1) or
    a fall (−1); missing while there are too few bars."""
    period, trend = values.get("period", 0), values.get("trend", 0)
    rest = {k: v for k, v in values.items() if k not in SETTINGS}
    answer: Flags = []
    for i in range(len(bar.close)):
        first = i - length + 1
        if first < 0 or first < period or (trend and first - 1 - trend < 0):
            answer.append(None)
            continue
        candles = [Candle(bar, k) for k in range(first, i + 1)]
        for k, candle in enumerate(candles, first):
            if period:
                bodies = [abs(bar.close[j] - bar.open[j]) for j in range(k - period, k)]
                candle.usual = math.fsum(bodies) / period
        moved = bar.close[first - 1] - bar.close[first - 1 - trend] if trend else before
        answer.append((moved * before > 0 or not before) and rule(*candles, **rest))
    return answer


def pattern(length: int, before: int = 0, *, mirrored: bool = False) -> Callable[[Rule], Rule]:
    """Registers a rule as the twin of the node of its name; `mirrored`: of prices turned upside down."""

    def register(rule: Rule) -> Rule:
        TWINS[rule.__name__] = lambda bar, **v: found(upside_down(bar) if mirrored else bar, length, rule, before, v)
        return rule

    return register


def both_ways(length: int, before: int = 0) -> Callable[[Rule], Rule]:
    """Registers a rule of the bullish form as the twin of a node that also has its mirror image."""

    def register(rule: Rule) -> Rule:
        TWINS[rule.__name__] = lambda bar, **v: (
            found(bar, length, rule, before, v),
            found(upside_down(bar), length, rule, before, v),
        )
        return rule

    return register


@pattern(1)
def doji(a: Candle, *, body: float) -> bool:
    return a.body <= body * a.range


@pattern(1)
def dragonfly_doji(a: Candle, *, body: float, wick: float) -> bool:
    return doji(a, body=body) and a.upper <= wick * a.range and a.lower > a.upper


@pattern(1)
def gravestone_doji(a: Candle, *, body: float, wick: float) -> bool:
    return doji(a, body=body) and a.lower <= wick * a.range and a.upper > a.lower


@pattern(1)
def long_legged_doji(a: Candle, *, body: float, wick: float) -> bool:
    return a.range > 0 and doji(a, body=body) and min(a.upper, a.lower) >= wick * a.range


@both_ways(1)
def spinning_top(a: Candle, *, body: float, wick: float) -> bool:
    return a.white and a.body <= body * a.range and min(a.upper, a.lower) > wick * a.body


@both_ways(1)
def marubozu(a: Candle, *, wick: float, long: float) -> bool:
    return a.white and max(a.upper, a.lower) <= wick * a.range and a.long(long)


@both_ways(1, before=-1)
def belt_hold(a: Candle, *, wick: float, long: float) -> bool:
    return a.white and a.lower <= wick * a.range and a.long(long)


def hammered(long_wick: float, short_wick: float, a: Candle, wick: float, other_wick: float) -> bool:
    return long_wick >= wick * a.body and short_wick <= other_wick * a.range and long_wick > short_wick


@pattern(1, before=-1)
def hammer(a: Candle, *, wick: float, other_wick: float) -> bool:
    return hammered(a.lower, a.upper, a, wick, other_wick)


@pattern(1, before=1)
def hanging_man(a: Candle, *, wick: float, other_wick: float) -> bool:
    return hammered(a.lower, a.upper, a, wick, other_wick)


@pattern(1, before=-1)
def inverted_hammer(a: Candle, *, wick: float, other_wick: float) -> bool:
    return hammered(a.upper, a.lower, a, wick, other_wick)


@pattern(1, before=1)
def shooting_star(a: Candle, *, wick: float, other_wick: float) -> bool:
    return hammered(a.upper, a.lower, a, wick, other_wick)
