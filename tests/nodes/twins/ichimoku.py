"""Twins of nodes/ichimoku.py."""

from __future__ import annotations

from tests.nodes.twins.common import Bars, Numbers, mean, nan, twin


@twin
def ichimoku(
    bar: Bars, *, conversion_period: int, base_period: int, span_period: int, displacement: int
) -> tuple[Numbers, ...]:
    def middle(i: int, period: int) -> float:
        now = slice(i - period + 1, i + 1)
        return mean([max(bar.high[now]), min(bar.low[now])])

    n, blank = len(bar.close), max(conversion_period, base_period, span_period) + displacement - 1
    lines: tuple[Numbers, ...] = tuple([nan] * n for _ in range(5))
    for i in range(blank, n):
        before = i - displacement
        lines[0][i] = middle(i, conversion_period)
        lines[1][i] = middle(i, base_period)
        lines[2][i] = mean([middle(before, conversion_period), middle(before, base_period)])
        lines[3][i] = middle(before, span_period)
        lines[4][i] = bar.close[i] - bar.close[before]
    return lines
