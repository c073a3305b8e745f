"""Twins of nodes/structure.py."""

from __future__ import annotations

import itertools

from tests.nodes.twins.common import Bars, Flags, Numbers, nan, twin


@twin
def fair_value_gap(bar: Bars, *, smallest: float) -> tuple[Flags | Numbers, ...]:
    n = len(bar.close)
    gaps: dict[int, tuple[int, float, float]] = {}  # by bar: side, bottom, top
    for i in range(2, n):
        for side, low, high in ((1, bar.high[i - 2], bar.low[i]), (-1, bar.high[i], bar.low[i - 2])):
            if high > low and high - low >= smallest * 0.01 * abs(low):
                gaps[i] = side, low, high
    bullish: Flags = [gaps[i][0] > 0 if i in gaps else False if i > 1 else None for i in range(n)]
    bearish: Flags = [gaps[i][0] < 0 if i in gaps else False if i > 1 else None for i in range(n)]
    tops, bottoms, unfilled = [nan] * n, [nan] * n, [nan] * n
    for i in range(2, n):
        latest = max((k for k in gaps if k <= i), default=None)
        unfilled[i] = 0
        if latest is None:
            continue
        side, bottom, top = gaps[latest]
        later = range(latest + 1, i + 1)
        if not any(bar.low[k] <= bottom if side > 0 else bar.high[k] >= top for k in later):
            unfilled[i], bottoms[i], tops[i] = 1, bottom, top
    return bullish, bearish, tops, bottoms, unfilled


def is_top(values: Numbers, k: int, left: int, right: int) -> bool:
    """Whether the value at k is above all of its neighbours; not known without `right` bars after it."""
    if k < left or k + right >= len(values):
        return False
    return values[k] > max([*values[k - left : k], *values[k + 1 : k + right + 1]])


def minus(values: Numbers) -> Numbers:
    return [-v for v in values]


@twin
def support_resistance(bar: Bars, *, period: int, left: int, right: int) -> tuple[Numbers, ...]:
    n = len(bar.close)
    support, resistance = [nan] * n, [nan] * n
    levels = [(k + right, bar.high[k]) for k in range(n) if is_top(bar.high, k, left, right)]
    levels += [(k + right, bar.low[k]) for k in range(n) if is_top(minus(bar.low), k, left, right)]
    for i in range(max(period, left + right + 1) - 1, n):
        first = i - period + 1
        known = [price for when, price in levels if first <= when <= i]
        support[i] = max([p for p in known if p < bar.close[i]], default=nan)
        resistance[i] = min([p for p in known if p > bar.close[i]], default=nan)
    return support, resistance


@twin
def divergence(
    bar: Bars, oscillator: Numbers, *, left: int, right: int, nearest: int, farthest: int
) -> tuple[Flags, ...]:
    def apart(prices: Numbers, values: Numbers) -> tuple[Flags, Flags]:
        """Regular and hidden divergences of the highs."""
        n = len(values)
        regular: Flags = [None if i < left + right else False for i in range(n)]
        hidden = list(regular)
        tops = [k for k in range(n) if is_top(values, k, left, right)]
        for old, new in itertools.pairwise(tops):
            if nearest <= new - old <= farthest:
                regular[new + right] = prices[new] > prices[old] and values[new] < values[old]
                hidden[new + right] = prices[new] < prices[old] and values[new] > values[old]
        return regular, hidden

    bearish, hidden_bearish = apart(bar.high, oscillator)
    bullish, hidden_bullish = apart(minus(bar.low), minus(oscillator))
    return bullish, bearish, hidden_bullish, hidden_bearish
