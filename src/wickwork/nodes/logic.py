"""Nodes for comparisons, crossings, combinations of conditions, and conditions with memory.

Conditions have three values: true, false and missing. A comparison with a missing number is missing; combined
conditions are known where the known ones decide: false & missing is false, true | missing is true (Kleene's logic).
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import (
    Between,
    Condition,
    ConditionOrMissing,
    Event,
    Length,
    Series,
    SeriesOrMissing,
    Window,
)
from wickwork.nodes.windows import Period, Trail, recall

nan = float("nan")


@node(title="Greater", phrase="{a} is above {b}", group="logic", terms=("above", "over", "more", ">"))
def greater(a: Series, b: Series) -> Condition:
    """True while a > b."""
    return a > b


@node(title="Less", phrase="{a} is below {b}", group="logic", terms=("below", "under", "smaller", "<"))
def less(a: Series, b: Series) -> Condition:
    """True while a < b."""
    return a < b


@node(title="Greater or equal", phrase="{a} is at or above {b}", group="logic", terms=("at least", "not below", ">="))
def greater_or_equal(a: Series, b: Series) -> Condition:
    """True while a ≥ b."""
    return a >= b


@node(title="Less or equal", phrase="{a} is at or below {b}", group="logic", terms=("at most", "not above", "<="))
def less_or_equal(a: Series, b: Series) -> Condition:
    """True while a ≤ b."""
    return a <= b


@node(title="Equal", phrase="{a} equals {b}", group="logic", terms=("same", "=", "=="))
def equal(a: Series, b: Series, *, tolerance: Annotated[float, Between(0, 1e15)] = 0.0) -> Condition:
    """True while a and b differ by no more than `tolerance` (in their unit)."""
    return abs(a - b) <= tolerance


@node(title="Not equal", phrase="{a} differs from {b}", group="logic", terms=("different", "unequal", "!="))
def not_equal(a: Series, b: Series, *, tolerance: Annotated[float, Between(0, 1e15)] = 0.0) -> Condition:
    """True while a and b differ by more than `tolerance` (in their unit)."""
    return abs(a - b) > tolerance


def both(a: float, b: float) -> float:
    """A & b of three values: 1.0, 0.0, NaN."""
    return 0.0 if (a == 0.0) | (b == 0.0) else a * b


def either(a: float, b: float) -> float:
    """A | b of three values: 1.0, 0.0, NaN."""
    return 1.0 if (a > 0.0) | (b > 0.0) else a + b


def at_least(a: float, b: float) -> float:
    """A ≥ b: 1.0, 0.0, or NaN where one of them is missing."""
    return 1.0 if a >= b else 0.0 if a < b else nan


@node(title="Between", phrase="{value} is between {low} and {high}", group="logic", terms=("within", "inside", "range"))
def between(value: Series, low: SeriesOrMissing, high: SeriesOrMissing) -> ConditionOrMissing:
    """True while low ≤ value ≤ high. False also where one bound is missing and the value is beyond the other."""
    return both(at_least(value, low), at_least(high, value))


class Before(NamedTuple):
    """Memory of `becomes_true`: 1 where the condition was false on the bar before."""

    was_false: int = 0


@node(
    title="Becomes true",
    phrase="it becomes true that {condition}",
    group="logic",
    warmup=lambda: 2,
    terms=("edge", "trigger", "once", "rising edge"),
)
def becomes_true(memory: Before, condition: Condition) -> tuple[Before, Event]:
    """Fires on the bar on which a condition turns from false to true. Never on the first bar.

    Missing where the condition is; the bar before is the latest one on which it was not missing.
    """
    return Before(0 if condition else 1), condition & (memory.was_false > 0)


class Sides(NamedTuple):
    """Memory of the crossings: where a was on the bar before; on both sides when it touched b."""

    below: int = 0
    above: int = 0


@node(
    title="Crosses above",
    phrase="{a} crosses above {b}",
    group="logic",
    warmup=lambda: 2,
    terms=("crossover", "cross up", "golden cross"),
)
def crosses_above(memory: Sides, a: Series, b: Series) -> tuple[Sides, Event]:
    """Fires on the bar on which a rises above b: a > b now, and a ≤ b on the bar before. Never on the first bar."""
    return Sides(1 if a <= b else 0, 0), (a > b) & (memory.below > 0)


@node(
    title="Crosses below",
    phrase="{a} crosses below {b}",
    group="logic",
    warmup=lambda: 2,
    terms=("crossunder", "cross down", "death cross"),
)
def crosses_below(memory: Sides, a: Series, b: Series) -> tuple[Sides, Event]:
    """Fires on the bar on which a falls below b: a < b now, and a ≥ b on the bar before. Never on the first bar."""
    return Sides(0, 1 if a >= b else 0), (a < b) & (memory.above > 0)


@node(
    title="Crosses", phrase="{a} crosses {b}", group="logic", warmup=lambda: 2, terms=("cross", "crossing", "intersect")
)
def crosses(memory: Sides, a: Series, b: Series) -> tuple[Sides, Event]:
    """Fires on the bar on which a crosses b in either direction, as `crosses_above` or `crosses_below` does."""
    crossed = (a > b) & (memory.below > 0) | (a < b) & (memory.above > 0)
    return Sides(1 if a <= b else 0, 1 if a >= b else 0), crossed


@node(title="And", phrase="{a} and {b}", group="logic", terms=("both", "all", "&"))
def and_(a: ConditionOrMissing, b: ConditionOrMissing) -> ConditionOrMissing:
    """True while both are true, false while one is false; otherwise missing."""
    return both(a, b)


@node(title="Or", phrase="{a} or {b}", group="logic", terms=("either", "any", "|"))
def or_(a: ConditionOrMissing, b: ConditionOrMissing) -> ConditionOrMissing:
    """True while at least one is true, false while both are false; otherwise missing."""
    return either(a, b)


@node(title="Not", phrase="{value} is not true", group="logic", terms=("invert", "opposite", "!"))
def not_(value: Condition) -> Condition:
    """True while the condition is false; missing while it is missing."""
    return not value


@node(
    title="Exclusive or",
    phrase="exactly one of ({inputs}) is true",
    group="logic",
    terms=("xor", "either but not both", "differ"),
)
def exclusive_or(a: Condition, b: Condition) -> Condition:
    """True while exactly one of the two is true; missing while one of them is missing."""
    return a ^ b


@node(
    title="Choose",
    phrase="{then} if {condition}, else {otherwise}",
    group="logic",
    terms=("if", "if else", "switch", "select", "where"),
)
def choose(condition: Condition, then: SeriesOrMissing, otherwise: SeriesOrMissing) -> Series:
    """`then` while the condition is true, `otherwise` while it is false; missing while the condition is missing.

    The value that is not chosen may be missing.
    """
    return then if condition else otherwise


@node(
    title="If missing",
    phrase="{value} ({otherwise} where that is missing)",
    group="logic",
    terms=("fill", "default", "nan", "na", "nz", "coalesce"),
)
def if_missing(value: SeriesOrMissing, otherwise: SeriesOrMissing) -> Series:
    """The value, or `otherwise` on the bars on which the value is missing."""
    return value if value == value else otherwise


@node(
    title="If condition missing",
    phrase="{condition} ({otherwise} where that is not known)",
    group="logic",
    terms=("fill", "default", "nan", "na", "coalesce"),
)
def if_condition_missing(condition: ConditionOrMissing, otherwise: ConditionOrMissing) -> ConditionOrMissing:
    """The condition, or `otherwise` on the bars on which the condition is missing."""
    return condition if condition == condition else otherwise


@node(
    title="Always",
    phrase="{value}",
    group="logic",
    terms=("constant", "true", "false", "fixed condition"),
)
def always(*, value: bool = True) -> Condition:
    """The same condition on every bar: true, or false."""
    return value


@node(
    title="Rising",
    phrase="{source} is higher than {bars} bars before",
    group="logic",
    warmup=lambda bars: bars + 1,
    terms=("increasing", "higher", "going up", "slope"),
)
def rising(memory: Trail, source: Series, *, bars: Period = 1) -> tuple[Trail, ConditionOrMissing]:
    """True while the source is higher than it was `bars` bars ago; what it did in between does not matter.

    Missing on the first `bars` bars.
    """
    at, old = recall(memory.values, memory.at, source, bars)
    seen = memory.seen + 1
    return Trail(memory.values, at, seen), nan if seen <= bars else 1.0 if source > old else 0.0


@node(
    title="Falling",
    phrase="{source} is lower than {bars} bars before",
    group="logic",
    warmup=lambda bars: bars + 1,
    terms=("decreasing", "lower", "going down"),
)
def falling(memory: Trail, source: Series, *, bars: Period = 1) -> tuple[Trail, ConditionOrMissing]:
    """True while the source is lower than it was `bars` bars ago; what it did in between does not matter.

    Missing on the first `bars` bars.
    """
    at, old = recall(memory.values, memory.at, source, bars)
    seen = memory.seen + 1
    return Trail(memory.values, at, seen), nan if seen <= bars else 1.0 if source < old else 0.0


class Latch(NamedTuple):
    """Memory of `latch`."""

    on: int = 0


@node(
    title="Latch",
    phrase="it has happened that {set}, and since then not that {reset}",
    group="logic",
    terms=("memory", "flip flop", "hold", "toggle", "remember"),
)
def latch(
    memory: Latch,
    set: ConditionOrMissing,  # noqa: A002  # the word on the wire
    reset: ConditionOrMissing,
) -> tuple[Latch, ConditionOrMissing]:
    """Becomes true when `set` is true and stays true until `reset` is true. When both are, reset wins.

    It is (set | on) & ~reset, where *on* is its state before the bar: off at first, on after a true `set`, off after a
    true `reset`, and as it was after all else. A missing input changes no state. The output, with ? for missing:

        set     reset     was off   was on
        any     true      false     false
        true    false     true      true
        true    ?         ?         ?        and it is on from then
        false   false     false     true
        false   ?         false     ?
        ?       false     ?         true
        ?       ?         ?         ?
    """
    on = ((set > 0.0) | (memory.on > 0)) & (not reset > 0.0)
    answer = 1.0 if on else 0.0
    if set + reset != set + reset:  # one of them is missing
        answer = both(either(set, 1.0 if memory.on > 0 else 0.0), 1.0 - reset)
    return Latch(1 if on else 0), answer


MISSED = 8192.0
"""What a bar with a missing condition adds to the number of `count_in_window`: more than all bars of a window."""


class Counted(NamedTuple):
    """Memory of `count_in_window`."""

    values: Annotated[Window, Length(lambda period: period)]
    number: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="Count in window",
    phrase="the number of the last {period} bars on which {condition}",
    group="logic",
    warmup=lambda period: period,
    terms=("how often", "times true", "sum of conditions"),
)
def count_in_window(
    memory: Counted, condition: ConditionOrMissing, *, period: Period = 10
) -> tuple[Counted, Annotated[Series, Between(0, 5000)]]:
    """On how many of the last `period` bars the condition was true, the newest among them.

    Missing while the condition was missing on one of them.
    """
    now = condition if condition == condition else MISSED
    at, old = recall(memory.values, memory.at, now, period)
    number = memory.number + (now - old)  # whole numbers: exact
    seen = memory.seen + 1
    return Counted(memory.values, number, at, seen), number if seen >= period and number < MISSED else nan
