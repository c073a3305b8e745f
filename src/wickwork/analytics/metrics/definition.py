"""What a metric is: one function from a ledger to a number, or None where there is not enough to say."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from wickwork.analytics.ledger import Ledger

Unit = Literal["percent", "ratio", "quote", "R", "bars", "days", "count"]
Better = Literal["higher", "lower", ""]
Group = Literal["returns", "risk", "drawdown", "trades", "execution", "benchmark"]
GROUPS: tuple[Group, ...] = get_args(Group)
"""In the order in which people read them."""

MIN_BARS = 30
"""A deviation estimated from 30 returns is still off by some 13 % (1/√(2·29)); from fewer it says nothing."""
MIN_DAYS = 30.0
"""From less than a month a yearly figure would repeat what happened more than twelve times."""
NOISE = 1e-9
"""A deviation smaller than this share of the mean is rounding, not variance."""


@dataclass(frozen=True)
class Metric:
    """One entry of the list of metrics. `help` is the function's docstring: formula, unit, when it is None, source."""

    name: str
    title: str
    unit: Unit
    group: Group
    better: Better
    help: str
    module: str
    function: Callable[[Ledger], float | None]

    def __call__(self, ledger: Ledger) -> float | None:
        """The number, which is always finite, or None."""
        with np.errstate(all="ignore"):
            value = self.function(ledger)
        if value is None or not math.isfinite(value):
            return None
        return float(value) + 0.0  # −0 becomes 0


def metric(
    *, name: str, title: str, unit: Unit, group: Group, better: Better = ""
) -> Callable[[Callable[[Ledger], float | None]], Metric]:
    """Make a metric of a function; putting it into a module of this package is all that it takes."""

    def describe(function: Callable[[Ledger], float | None]) -> Metric:
        return Metric(name, title, unit, group, better, inspect.getdoc(function) or "", function.__module__, function)

    return describe
