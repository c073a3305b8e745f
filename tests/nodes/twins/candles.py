"""Twins of nodes/candles.py."""

from __future__ import annotations

from typing import Any

from tests.nodes.twins.common import RATIOS, Bars, Flags, Numbers, nan, twin

RATIOS.add("gap")


@twin
def heikin_ashi(bar: Bars) -> tuple[Numbers, ...]:
    close = [(o + h + lo + c) / 4 for o, h, lo, c in zip(bar.open, bar.high, bar.low, bar.close, strict=True)]
    opened = [(bar.open[0] + bar.close[0]) / 2] if close else []
    for i in range(1, len(close)):
        opened.append((opened[i - 1] + close[i - 1]) / 2)
    high = [max(three) for three in zip(bar.high, opened, close, strict=True)]
    low = [min(three) for three in zip(bar.low, opened, close, strict=True)]
    return opened, high, low, close, bar.volume


def shares(sizes: Numbers, bar: Bars) -> Numbers:
    return [abs(s) / (h - lo) if h != lo else 0.0 for s, h, lo in zip(sizes, bar.high, bar.low, strict=True)]


@twin
def body(bar: Bars) -> tuple[Numbers, ...]:
    sizes = [c - o for o, c in zip(bar.open, bar.close, strict=True)]
    return sizes, shares(sizes, bar)


@twin
def upper_wick(bar: Bars) -> tuple[Numbers, ...]:
    sizes = [h - max(o, c) for o, h, c in zip(bar.open, bar.high, bar.close, strict=True)]
    return sizes, shares(sizes, bar)


@twin
def lower_wick(bar: Bars) -> tuple[Numbers, ...]:
    sizes = [min(o, c) - lo for o, lo, c in zip(bar.open, bar.low, bar.close, strict=True)]
    return sizes, shares(sizes, bar)


def within(bar: Bars, inner: int, outer: int, touching: bool) -> bool:
    """Whether the range of one bar lies inside that of another."""
    if touching:
        return bar.low[outer] <= bar.low[inner] and bar.high[inner] <= bar.high[outer]
    return bar.low[outer] < bar.low[inner] and bar.high[inner] < bar.high[outer]


@twin
def inside_bar(bar: Bars, *, touching: bool) -> Flags:
    return [within(bar, i, i - 1, touching) if i else None for i in range(len(bar.close))]


@twin
def outside_bar(bar: Bars, *, touching: bool) -> tuple[Flags, ...]:
    outside = [within(bar, i - 1, i, touching) if i else None for i in range(len(bar.close))]
    change = [c - o for o, c in zip(bar.open, bar.close, strict=True)]
    return tuple(
        [None if out is None else out and side * move > 0 for out, move in zip(outside, change, strict=True)]
        for side in (1, -1)
    )


@twin
def gap(bar: Bars) -> tuple[Any, ...]:
    up: Flags = [None]
    down: Flags = [None]
    percent, opening = [nan], [nan]
    for i in range(1, len(bar.close)):
        up.append(bar.low[i] > bar.high[i - 1])
        down.append(bar.low[i - 1] > bar.high[i])
        edge = bar.high[i - 1] if up[i] else bar.low[i - 1]
        beyond = bar.low[i] if up[i] else bar.high[i]
        percent.append(100 * ((beyond - edge) / edge) if up[i] or down[i] else 0.0)
        opening.append(100 * (bar.open[i] / bar.close[i - 1] - 1))
    return up, down, percent, opening
