"""Twins of nodes/averages.py."""

from __future__ import annotations

import cmath
import math

from tests.nodes.twins.common import Numbers, nan, smoothed, twin


def again(values: Numbers, n: int, seed: str, times: int) -> list[Numbers]:
    """The EMA, the EMA of the EMA, and so on, each over the known values of the one before it."""
    found = []
    for _ in range(times):
        blank = sum(math.isnan(v) for v in values)
        values = [nan] * blank + smoothed(values[blank:], n if seed == "mean" else 1, 2 / (n + 1))
        found.append(values)
    return found


@twin
def dema(source: Numbers, *, period: int, seed: str) -> Numbers:
    return [2 * a - b for a, b in zip(*again(source, period, seed, 2), strict=True)]


@twin
def tema(source: Numbers, *, period: int, seed: str) -> Numbers:
    return [3 * a - 3 * b + c for a, b, c in zip(*again(source, period, seed, 3), strict=True)]


@twin
def t3(source: Numbers, *, period: int, factor: float, seed: str) -> Numbers:
    """As the generalised DEMA applied three times: GD(x) = (1 + a) EMA(x) − a EMA(EMA(x)); each is linear."""
    powers = {0: [1.0]}
    for k in range(3):
        grown = [0.0] * (len(powers[k]) + 1)
        for j, c in enumerate(powers[k]):
            grown[j] += c * (1 + factor)
            grown[j + 1] -= c * factor
        powers[k + 1] = grown
    averages = again(source, period, seed, 6)[2:]
    return [math.fsum(c * e for c, e in zip(powers[3], row, strict=True)) for row in zip(*averages, strict=True)]


@twin
def zlema(source: Numbers, *, period: int, seed: str) -> Numbers:
    lag = (period - 1) // 2
    ahead = [2 * x - source[i] for i, x in enumerate(source[lag:])]
    return ([nan] * lag + smoothed(ahead, period if seed == "mean" else 1, 2 / (period + 1)))[: len(source)]


def filtered(source: Numbers, given: Numbers, poles: list[complex], period: int) -> Numbers:
    """The recursive filter with these poles and a gain of 1, begun with as many values of the source."""
    polynomial = [complex(1)]
    for pole in poles:
        longer = [*polynomial, 0j]
        for k, c in enumerate(polynomial):
            longer[k + 1] -= pole * c
        polynomial = longer
    weights = [-c.real for c in polynomial[1:]]
    values = source[: len(poles)]
    for x in given[len(poles) :]:
        past = math.fsum(w * v for w, v in zip(weights, reversed(values), strict=False))
        values.append((1 - math.fsum(weights)) * x + past)
    return [nan if i < period - 1 else v for i, v in enumerate(values)]


@twin
def ssf(source: Numbers, *, period: int) -> Numbers:
    pole = cmath.exp(complex(-1, 1) * math.sqrt(2) * math.pi / period)
    pairs = [(x + source[max(i - 1, 0)]) / 2 for i, x in enumerate(source)]
    return filtered(source, pairs, [pole, pole.conjugate()], period)


@twin
def ssf3(source: Numbers, *, period: int) -> Numbers:
    pole = cmath.exp(complex(-1, math.sqrt(3)) * math.pi / period)
    return filtered(source, source, [pole, pole.conjugate(), complex(math.exp(-2 * math.pi / period))], period)


@twin
def hwma(source: Numbers, *, level: float, speed: float, acceleration: float) -> Numbers:
    f, v, a = source[:1], [0.0], [0.0]
    for x in source[1:]:
        f.append((1 - level) * (f[-1] + v[-1] + a[-1] / 2) + level * x)
        v.append((1 - speed) * (v[-1] + a[-1]) + speed * (f[-1] - f[-2]))
        a.append((1 - acceleration) * a[-1] + acceleration * (v[-1] - v[-2]))
    return [x + y + z / 2 for x, y, z in zip(f, v, a, strict=True)]
