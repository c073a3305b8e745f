"""Twins of nodes/trend.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import Numbers, mean, nan, smoothed, twin, windows


@twin
def sma(source: Numbers, *, period: int) -> Numbers:
    return windows(source, period, mean)


@twin
def wma(source: Numbers, *, period: int) -> Numbers:
    weights = range(1, period + 1)
    return windows(source, period, lambda w: math.fsum(k * x for k, x in zip(weights, w, strict=True)) / sum(weights))


@twin
def ema(source: Numbers, *, period: int, seed: str) -> Numbers:
    return smoothed(source, period if seed == "mean" else 1, 2 / (period + 1))


@twin
def rma(source: Numbers, *, period: int) -> Numbers:
    return smoothed(source, period, 1 / period)


@twin
def macd(source: Numbers, *, fast: int, slow: int, signal: int) -> tuple[Numbers, ...]:
    fast, slow = sorted((fast, slow))
    late = slow - fast  # both averages give their first answer on the same bar
    quick = [nan] * late + smoothed(source[late:], fast, 2 / (fast + 1))
    calm = smoothed(source, slow, 2 / (slow + 1))
    line = [a - b for a, b in zip(quick, calm, strict=True)]
    average = [nan] * (slow - 1) + smoothed(line[slow - 1 :], signal, 2 / (signal + 1))
    line = [nan if math.isnan(s) else m for m, s in zip(line, average, strict=True)]
    return line, average, [m - s for m, s in zip(line, average, strict=True)]
