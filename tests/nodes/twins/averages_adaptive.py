"""Twins of nodes/averages_adaptive.py."""

from __future__ import annotations

import itertools
import math

from tests.nodes.twins.common import Bars, Numbers, mean, nan, twin


@twin
def kama(source: Numbers, *, period: int, fast: int, slow: int) -> Numbers:
    answer, value = [nan] * min(period, len(source)), source[min(period, len(source)) - 1]
    for i in range(period, len(source)):
        path = math.fsum(abs(b - a) for a, b in itertools.pairwise(source[i - period : i + 1]))
        efficiency = abs(source[i] - source[i - period]) / path if path else 1.0
        constant = (efficiency * 2 / (fast + 1) + (1 - efficiency) * 2 / (slow + 1)) ** 2
        value = constant * source[i] + (1 - constant) * value
        answer.append(value)
    return answer


@twin
def vidya(source: Numbers, *, period: int, cmo_period: int) -> Numbers:
    answer, value = [nan] * min(cmo_period, len(source)), source[min(cmo_period, len(source)) - 1]
    for i in range(cmo_period, len(source)):
        changes = [b - a for a, b in itertools.pairwise(source[i - cmo_period : i + 1])]
        path = math.fsum(abs(c) for c in changes)
        share = abs(math.fsum(changes)) / path * 2 / (period + 1) if path else 0.0
        value = share * source[i] + (1 - share) * value
        answer.append(value)
    return answer


@twin
def mcginley(source: Numbers, *, period: int, factor: float) -> Numbers:
    answer = [nan] * len(source)
    for i in range(period - 1, len(source)):
        if i == period - 1:
            answer[i] = mean(source[:period])
            continue
        last = answer[i - 1]
        share = 1 / (factor * period * (source[i] / last) ** 4)
        answer[i] = last + min(share, 1) * (source[i] - last)
    return answer


@twin
def jma(source: Numbers, *, period: int, phase: float, power: int) -> Numbers:
    beta = 0.45 * (period - 1) / (0.45 * (period - 1) + 2)
    alpha, ratio = beta**power, phase / 100 + 1.5
    e0, e1, e2, line = source[:1], [0.0], [0.0], source[:1]
    for x in source[1:]:
        e0.append((1 - alpha) * x + alpha * e0[-1])
        e1.append((x - e0[-1]) * (1 - beta) + beta * e1[-1])
        e2.append((e0[-1] + ratio * e1[-1] - line[-1]) * (1 - alpha) ** 2 + alpha**2 * e2[-1])
        line.append(line[-1] + e2[-1])
    return [nan if i < period - 1 else v for i, v in enumerate(line)]


@twin
def frama(bar: Bars, *, period: int) -> Numbers:
    n = period + period % 2
    price = [(h + lo) / 2 for h, lo in zip(bar.high, bar.low, strict=True)]
    answer, value, dimension = [nan] * min(n, len(price)), price[min(n, len(price)) - 1], 1.0
    for i in range(n, len(price)):
        middle, end = i + 1 - n // 2, i + 1
        n1 = (max(bar.high[middle:end]) - min(bar.low[middle:end])) / (n / 2)
        n2 = (max(bar.high[end - n : middle]) - min(bar.low[end - n : middle])) / (n / 2)
        n3 = (max(bar.high[end - n : end]) - min(bar.low[end - n : end])) / n
        if n1 > 0 and n2 > 0 and n3 > 0:
            dimension = (math.log(n1 + n2) - math.log(n3)) / math.log(2)
        alpha = min(max(math.exp(-4.6 * (dimension - 1)), 0.01), 1.0)
        value = alpha * price[i] + (1 - alpha) * value
        answer.append(value)
    return answer
