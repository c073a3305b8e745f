"""Twins of nodes/oscillators.py."""

from __future__ import annotations

import itertools
from fractions import Fraction

from tests.nodes.twins.common import RATIOS, Bars, Numbers, mean, nan, smoothed, twin, windows

RATIOS |= {"cci", "williams_r", "stochastic_rsi", "mfi", "cmo"}


def typical(bar: Bars) -> Numbers:
    """Three times the typical price."""
    return [h + lo + c for h, lo, c in zip(bar.high, bar.low, bar.close, strict=True)]


def parts(changes: Numbers) -> tuple[Numbers, Numbers]:
    """The rises and the falls."""
    return [c if c > 0 else 0.0 for c in changes], [-c if c < 0 else 0.0 for c in changes]


def changes_of(values: Numbers) -> Numbers:
    return [b - a for a, b in itertools.pairwise(values)]


def wilder_rsi(values: Numbers, n: int) -> Numbers:
    """From the second value on."""
    rises, falls = (smoothed(x, n, 1 / n) for x in parts(changes_of(values)))
    return [50.0 if u == d == 0 else 100 * u / (u + d) for u, d in zip(rises, falls, strict=True)]


def late(values: Numbers, length: int) -> Numbers:
    """The values at the end of a column of that length."""
    return [nan] * (length - len(values)) + values


@twin
def cci(bar: Bars, *, period: int) -> Numbers:
    def index(window: Numbers) -> float:
        exact = [Fraction(x) for x in window]
        middle = sum(exact, Fraction(0)) / period
        deviation = sum((abs(x - middle) for x in exact), Fraction(0)) / period
        return float((exact[-1] - middle) / (Fraction("0.015") * deviation)) if deviation else 0.0

    return windows(typical(bar), period, index)


@twin
def williams_r(bar: Bars, *, period: int) -> Numbers:
    tops, bottoms = windows(bar.high, period, max), windows(bar.low, period, min)
    return [
        nan if t != t else (c - t) / (t - b) * 100 if t > b else -50.0
        for c, t, b in zip(bar.close, tops, bottoms, strict=True)
    ]


@twin
def stochastic_rsi(
    source: Numbers, *, rsi_period: int, k_period: int, smooth: int, d_period: int
) -> tuple[Numbers, Numbers]:
    def place(window: Numbers) -> float:
        low, high = min(window), max(window)
        return 100 * (window[-1] - low) / (high - low) if high - low >= 0.01 else 50.0

    rsi = wilder_rsi(source, rsi_period)[rsi_period - 1 :]
    raw = windows(rsi, k_period, place)[k_period - 1 :]
    k = windows(raw, smooth, mean)[smooth - 1 :]
    d = windows(k, d_period, mean)[d_period - 1 :]
    return late(k[d_period - 1 :], len(source)), late(d, len(source))


@twin
def mfi(bar: Bars, *, period: int) -> Numbers:
    price = typical(bar)
    up = [p * v if p > q else 0.0 for q, p, v in zip(price, price[1:], bar.volume[1:], strict=False)]
    down = [p * v if p < q else 0.0 for q, p, v in zip(price, price[1:], bar.volume[1:], strict=False)]
    pairs = zip(windows(up, period, mean), windows(down, period, mean), strict=True)
    return [nan, *(100 * u / (u + d) if u + d != 0 else 50.0 for u, d in pairs)]


@twin
def cmo(source: Numbers, *, period: int) -> Numbers:
    rises, falls = (windows(x, period, mean) for x in parts(changes_of(source)))
    return [nan, *(100 * (u - d) / (u + d) if u + d != 0 else 0.0 for u, d in zip(rises, falls, strict=True))]
