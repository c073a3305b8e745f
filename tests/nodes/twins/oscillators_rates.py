"""Twins of nodes/oscillators_rates.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import RATIOS, Numbers, mean, nan, twin, windows

RATIOS |= {"coppock", "kst"}


@twin
def coppock(source: Numbers, *, period: int, short: int, long: int) -> Numbers:
    def roc(i: int, n: int) -> float:
        return 100 * (source[i] - source[i - n]) / source[i - n]

    late = max(short, long)
    sums = [roc(i, short) + roc(i, long) for i in range(late, len(source))]
    weights = range(1, period + 1)
    line = windows(sums, period, lambda w: math.fsum(k * x for k, x in zip(weights, w, strict=True)) / sum(weights))
    return ([nan] * late + line)[: len(source)]


@twin
def kst(source: Numbers, *, signal: int, **periods: int) -> tuple[Numbers, Numbers]:
    def part(k: int) -> Numbers:
        roc, sma = periods[f"roc_{k}"], periods[f"sma_{k}"]
        rates = [100 * (x - source[i]) / source[i] for i, x in enumerate(source[roc:])]
        return windows(rates, sma, mean)[sma - 1 :]

    parts = [part(k) for k in (1, 2, 3, 4)]
    n = min(len(p) for p in parts)
    line = [sum(k * p[len(p) - n + i] for k, p in enumerate(parts, 1)) for i in range(n)]
    signals = windows(line, signal, mean)
    blank = [nan] * (len(source) - n)
    return blank + [nan if math.isnan(s) else x for x, s in zip(line, signals, strict=True)], blank + signals
