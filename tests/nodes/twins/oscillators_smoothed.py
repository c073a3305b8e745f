"""Twins of nodes/oscillators_smoothed.py."""

from __future__ import annotations

import itertools

from tests.nodes.twins.common import RATIOS, Bars, Numbers, mean, nan, smoothed, twin, windows

RATIOS |= {"ppo", "trix", "tsi"}


def average(values: Numbers, n: int) -> Numbers:
    """The EMA, from its first value on."""
    return smoothed(values, n, 2 / (n + 1))[n - 1 :]


def last(values: Numbers, length: int) -> Numbers:
    """The end of the values, after missing ones, as a column of that length."""
    return [nan] * (length - len(values)) + values[max(len(values) - length, 0) :]


@twin
def ppo(source: Numbers, *, fast: int, slow: int, signal: int) -> tuple[Numbers, ...]:
    fast, slow = sorted((fast, slow))
    both = zip(average(source, fast)[slow - fast :], average(source, slow), strict=True)
    line = [100 * (f - s) / s for f, s in both]
    signals = average(line, signal)
    line = line[signal - 1 :]
    n = len(source)
    return last(line, n), last(signals, n), last([a - b for a, b in zip(line, signals, strict=True)], n)


@twin
def trix(source: Numbers, *, period: int) -> Numbers:
    triple = average(average(average(source, period), period), period)
    return last([100 * (b / a - 1) for a, b in itertools.pairwise(triple)], len(source))


@twin
def tsi(source: Numbers, *, slow: int, fast: int, signal: int) -> tuple[Numbers, Numbers]:
    moves = [b - a for a, b in itertools.pairwise(source)]
    up = average(average(moves, slow), fast)
    size = average(average([abs(m) for m in moves], slow), fast)
    line = [100 * u / s if s > 0 else 0.0 for u, s in zip(up, size, strict=True)]
    return last(line[signal - 1 :], len(source)), last(average(line, signal), len(source))


def middles(bar: Bars) -> Numbers:
    return [(h + lo) / 2 for h, lo in zip(bar.high, bar.low, strict=True)]


@twin
def awesome_oscillator(bar: Bars, *, fast: int, slow: int) -> Numbers:
    quick, calm = (windows(middles(bar), n, mean) for n in (fast, slow))
    return [a - b for a, b in zip(quick, calm, strict=True)]


@twin
def bull_bear_power(bar: Bars, *, period: int) -> tuple[Numbers, Numbers]:
    middle = smoothed(bar.close, period, 2 / (period + 1))
    return tuple([p - m for p, m in zip(side, middle, strict=True)] for side in (bar.high, bar.low))  # type: ignore[return-value]


@twin
def detrended_price(source: Numbers, *, period: int, centered: bool) -> Numbers:
    means, shift = windows(source, period, mean), period // 2 + 1
    if centered:
        return [source[i - shift] - means[i] if i >= shift else nan for i in range(len(source))]
    return [source[i] - means[i - shift] if i >= shift else nan for i in range(len(source))]
