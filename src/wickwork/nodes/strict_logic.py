"""Conditions that are missing as soon as one input is, tests for missing values, and crossings that exclude a touch.

Visual editors without three-valued logic work in this way. `and`, `or` and `crosses_above` are the usual choice.
"""

from __future__ import annotations

from typing import NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Condition, ConditionOrMissing, SeriesOrMissing

nan = float("nan")


@node(title="Strict and", phrase="{a} and {b}", group="logic", terms=("both", "all", "&", "none propagates"))
def strict_and(a: Condition, b: Condition) -> Condition:
    """True while both are true; missing while one of them is missing, also where the other is false (unlike `and`)."""
    return a & b


@node(title="Strict or", phrase="{a} or {b}", group="logic", terms=("either", "any", "|", "none propagates"))
def strict_or(a: Condition, b: Condition) -> Condition:
    """True while one is true; missing while one of them is missing, also where the other is true (unlike `or`)."""
    return a | b


@node(
    title="Is missing",
    phrase="{value} is missing",
    group="logic",
    terms=("is none", "nan", "na", "null", "unknown"),
)
def is_missing(value: SeriesOrMissing) -> Condition:
    """True on the bars on which the value is missing."""
    return value != value


@node(
    title="Condition is missing",
    phrase="it is unknown whether {condition}",
    group="logic",
    terms=("is none", "nan", "na", "null", "unknown"),
)
def condition_is_missing(condition: ConditionOrMissing) -> Condition:
    """True on the bars on which the condition is missing."""
    return condition != condition


class Side(NamedTuple):
    """Memory of the crossings: 1 where a was beyond b on the bar before, on the side from which it comes."""

    beyond: int = 0


@node(
    title="Crosses strictly above",
    phrase="{a} crosses strictly above {b}",
    group="logic",
    warmup=lambda: 2,
    terms=("crossover", "cross up", "golden cross"),
)
def crosses_strictly_above(memory: Side, a: SeriesOrMissing, b: SeriesOrMissing) -> tuple[Side, ConditionOrMissing]:
    """True on the bar on which a > b, if a < b on the bar before; where a = b on the bar before, it is no cross.

    False on the first bar and on the bar after a missing value; missing where a or b is.
    """
    known = (a == a) & (b == b)
    return Side(1 if a < b else 0), (1.0 if (a > b) & (memory.beyond > 0) else 0.0) if known else nan


@node(
    title="Crosses strictly below",
    phrase="{a} crosses strictly below {b}",
    group="logic",
    warmup=lambda: 2,
    terms=("crossunder", "cross down", "death cross"),
)
def crosses_strictly_below(memory: Side, a: SeriesOrMissing, b: SeriesOrMissing) -> tuple[Side, ConditionOrMissing]:
    """True on the bar on which a < b, if a > b on the bar before; where a = b on the bar before, it is no cross.

    False on the first bar and on the bar after a missing value; missing where a or b is.
    """
    known = (a == a) & (b == b)
    return Side(1 if a > b else 0), (1.0 if (a < b) & (memory.beyond > 0) else 0.0) if known else nan
