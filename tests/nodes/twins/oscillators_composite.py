"""Twins of nodes/oscillators_composite.py."""

from __future__ import annotations

import itertools
import math

from tests.nodes.twins.common import RATIOS, Bars, Numbers, nan, ranges_of, smoothed, twin

RATIOS |= {"ultimate_oscillator", "balance_of_power", "fisher_transform", "connors_rsi"}


@twin
def ultimate_oscillator(bar: Bars, *, short: int, medium: int, long: int) -> Numbers:
    pressure = [c - min(lo, p) for c, lo, p in zip(bar.close[1:], bar.low[1:], bar.close, strict=False)]
    ranges, answer = ranges_of(bar), []
    for i in range(len(bar.close)):
        value = 0.0 if i >= max(short, medium, long) else nan
        for n, weight in ((short, 4), (medium, 2), (long, 1)):
            part, whole = math.fsum(pressure[max(i - n, 0) : i]), math.fsum(ranges[max(i - n, 0) : i])
            value += 100 * weight / 7 * (part / whole if whole else 0.5)
        answer.append(value)
    return answer


@twin
def balance_of_power(bar: Bars) -> Numbers:
    rows = zip(bar.open, bar.high, bar.low, bar.close, strict=True)
    return [(c - o) / (h - lo) if h > lo else 0.0 for o, h, lo, c in rows]


@twin
def fisher_transform(bar: Bars, *, period: int) -> tuple[Numbers, Numbers]:
    price = [(h + lo) / 2 for h, lo in zip(bar.high, bar.low, strict=True)]
    x = fisher = 0.0
    line: Numbers = []
    for i in range(len(price)):
        window = price[i - period + 1 : i + 1]
        if i >= period - 1:
            low, high = min(window), max(window)
            x = 0.66 * ((price[i] - low) / (high - low) - 0.5 if high > low else 0.0) + 0.67 * x
            x = math.copysign(0.999, x) if abs(x) > 0.99 else x
            fisher = math.atanh(x) + fisher / 2
        line.append(fisher)
    shown = [nan] * period + line[period:]
    return shown[: len(price)], ([nan] * period + line[period - 1 : -1])[: len(price)]


def strength(values: Numbers, n: int) -> Numbers:
    moves = [b - a for a, b in itertools.pairwise(values)]
    rises = smoothed([max(m, 0.0) for m in moves], n, 1 / n)
    falls = smoothed([max(-m, 0.0) for m in moves], n, 1 / n)
    return [nan] + [50.0 if u == d == 0 else 100 * u / (u + d) for u, d in zip(rises, falls, strict=True)]


@twin
def connors_rsi(source: Numbers, *, rsi_period: int, streak_period: int, rank_period: int) -> Numbers:
    signs = [0, *((b > a) - (b < a) for a, b in itertools.pairwise(source))]
    streaks = []
    for i, sign in enumerate(signs):
        begin = next((k for k in range(i, -1, -1) if signs[k] != sign), -1)
        streaks.append(float(sign * (i - begin)))
    returns = [nan, *(b / a for a, b in itertools.pairwise(source))]
    answer = [nan] * len(source)
    for i, (a, b) in enumerate(zip(strength(source, rsi_period), strength(streaks, streak_period), strict=True)):
        if i > rank_period:
            past = returns[i - rank_period : i]
            answer[i] = (a + b + 100 * sum(r < returns[i] for r in past) / rank_period) / 3
    return answer
