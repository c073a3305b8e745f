"""Twins of nodes/averages_sliding.py."""

from __future__ import annotations

import math

from tests.nodes.twins.averages_weighted import weighted
from tests.nodes.twins.common import Numbers, mean, nan, twin


def linear(values: Numbers, n: int) -> Numbers:
    return weighted(values, [float(k) for k in range(1, n + 1)])


@twin
def hma(source: Numbers, *, period: int) -> Numbers:
    raw = [2 * a - b for a, b in zip(linear(source, period // 2), linear(source, period), strict=True)]
    known = raw[period - 1 :]
    return ([nan] * (period - 1) + linear(known, int(period**0.5)))[: len(source)]


@twin
def trima(source: Numbers, *, period: int) -> Numbers:
    return weighted(source, [float(min(k, period + 1 - k)) for k in range(1, period + 1)])


@twin
def vwma(source: Numbers, volume: Numbers, *, period: int) -> Numbers:
    answer = [nan] * len(source)
    for i in range(period - 1, len(source)):
        window = slice(i - period + 1, i + 1)
        whole = math.fsum(volume[window])
        paid = math.fsum(p * v for p, v in zip(source[window], volume[window], strict=True))
        answer[i] = paid / whole if whole else mean(source[window])
    return answer
