"""What all twins share: their registry, the form of their inputs, and averages written from the definition."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

nan = math.nan
TWINS: dict[str, Callable[..., Any]] = {}
RATIOS = {"rsi", "stochastic", "adx", "roc", "returns", "log_returns", "logarithm", "divide", "power"}
"""Nodes whose values are shares, percents and the like: their rounding errors do not grow with the price.

Files of twins add theirs: `RATIOS.add("name")`.
"""
AMPLIFIED: dict[str, float] = {}
"""Nodes that compute with numbers larger than the prices by about that factor, and so are their rounding errors."""
Numbers = list[float]
Flags = list[bool | None]


class Bars(NamedTuple):
    open: Numbers
    high: Numbers
    low: Numbers
    close: Numbers
    volume: Numbers


def twin(function: Callable[..., Any]) -> Callable[..., Any]:
    TWINS[function.__name__.rstrip("_")] = function
    return function


def mean(values: Numbers) -> float:
    return math.fsum(values) / len(values)


def windows(values: Numbers, n: int, of: Callable[[Numbers], float]) -> Numbers:
    """The function of the last n values at every bar, missing before there are n."""
    return [of(values[i - n + 1 : i + 1]) if i >= n - 1 else nan for i in range(len(values))]


def smoothed(values: Numbers, n: int, weight: float) -> Numbers:
    """Begins with the mean of the first n values, then each new one counts with that weight."""
    answer = [nan] * len(values)
    for i in range(n - 1, len(values)):
        answer[i] = mean(values[:n]) if i == n - 1 else answer[i - 1] * (1 - weight) + values[i] * weight
    return answer


def each(function: Callable[..., float]) -> Callable[..., Numbers]:
    """A twin that looks at one bar only."""
    return lambda *columns: [function(*values) for values in zip(*columns, strict=True)]


def ranges_of(bar: Bars) -> Numbers:
    """True ranges from the second bar on."""
    return [
        max(h - lo, abs(h - c), abs(lo - c)) for h, lo, c in zip(bar.high[1:], bar.low[1:], bar.close, strict=False)
    ]
