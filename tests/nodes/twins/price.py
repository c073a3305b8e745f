"""Twins of nodes/price.py."""

from __future__ import annotations

import itertools
import math

from tests.nodes.twins.common import Bars, Numbers, mean, nan, twin, windows


@twin
def hl2(bar: Bars) -> Numbers:
    return [mean([h, lo]) for h, lo in zip(bar.high, bar.low, strict=True)]


@twin
def hlc3(bar: Bars) -> Numbers:
    return [mean(list(p)) for p in zip(bar.high, bar.low, bar.close, strict=True)]


@twin
def ohlc4(bar: Bars) -> Numbers:
    return [mean(list(p)) for p in zip(bar.open, bar.high, bar.low, bar.close, strict=True)]


@twin
def returns(source: Numbers) -> Numbers:
    return [nan] + [(b - a) / a for a, b in itertools.pairwise(source)]


@twin
def log_returns(source: Numbers) -> Numbers:
    return [nan] + [math.log(b) - math.log(a) for a, b in itertools.pairwise(source)]


@twin
def highest(source: Numbers, *, period: int) -> Numbers:
    return windows(source, period, max)


@twin
def lowest(source: Numbers, *, period: int) -> Numbers:
    return windows(source, period, min)
