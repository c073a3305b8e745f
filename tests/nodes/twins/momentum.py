"""Twins of nodes/momentum.py."""

from __future__ import annotations

import itertools

from tests.nodes.twins.common import Bars, Numbers, mean, nan, smoothed, twin, windows


@twin
def rsi(source: Numbers, *, period: int) -> Numbers:
    rises, falls = moves(source)
    return strength(smoothed(rises, period, 1 / period), smoothed(falls, period, 1 / period))


@twin
def cutler_rsi(source: Numbers, *, period: int) -> Numbers:
    rises, falls = moves(source)
    return strength(windows(rises, period, mean), windows(falls, period, mean))


def moves(source: Numbers) -> tuple[Numbers, Numbers]:
    """The rises and the falls from bar to bar."""
    changes = [b - a for a, b in itertools.pairwise(source)]
    return [max(c, 0.0) for c in changes], [max(-c, 0.0) for c in changes]


def strength(up: Numbers, down: Numbers) -> Numbers:
    return [nan] + [100 - 100 / (1 + u / d) if d else 100.0 if u else 50.0 for u, d in zip(up, down, strict=True)]


@twin
def stochastic(bar: Bars, *, k_period: int, smooth: int, d_period: int) -> tuple[Numbers, Numbers]:
    tops, bottoms = windows(bar.high, k_period, max), windows(bar.low, k_period, min)
    raw = [
        100 * (c - b) / (t - b) if t > b else 50.0
        for c, t, b in zip(bar.close[k_period - 1 :], tops[k_period - 1 :], bottoms[k_period - 1 :], strict=True)
    ]
    k = windows(raw, smooth, mean)[smooth - 1 :]
    d = windows(k, d_period, mean)[d_period - 1 :]
    blank = [nan] * (len(bar.close) - len(d))
    return blank + k[d_period - 1 :], blank + d


@twin
def roc(source: Numbers, *, period: int) -> Numbers:
    return [100 * (x - source[i - period]) / source[i - period] if i >= period else nan for i, x in enumerate(source)]
