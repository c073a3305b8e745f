"""Comparing, crossing, combining, remembering."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, Condition, Event, Length, Series, Window
from wickwork.nodes.windows import Period, Trail, recall

nan = float("nan")


@node(title="Greater", group="logic", terms=("above", "over", "more", ">"))
def greater(a: Series, b: Series) -> Condition:
    """True while a > b."""
    return a > b


@node(title="Less", group="logic", terms=("below", "under", "smaller", "<"))
def less(a: Series, b: Series) -> Condition:
    """True while a < b."""
    return a < b


@node(title="Equal", group="logic", terms=("same", "=", "=="))
def equal(a: Series, b: Series, *, tolerance: Annotated[float, Between(0, 1e15)] = 0.0) -> Condition:
    """True while a and b differ by no more than `tolerance` (in their unit)."""
    return abs(a - b) <= tolerance


@node(title="Between", group="logic", terms=("within", "inside", "range"))
def between(value: Series, low: Series, high: Series) -> Condition:
    """True while low ≤ value ≤ high."""
    return (low <= value) & (value <= high)


class Before(NamedTuple):
    """Memory of `becomes_true`: 1 where the condition was false on the bar before."""

    was_false: int = 0


@node(title="Becomes true", group="logic", warmup=lambda: 2, terms=("edge", "trigger", "once", "rising edge"))
def becomes_true(memory: Before, condition: Condition) -> tuple[Before, Event]:
    """Fires on the bar on which a condition turns from false to true. Never on the first bar."""
    return Before(0 if condition else 1), condition & (memory.was_false > 0)


class Sides(NamedTuple):
    """Memory of the crossings: where a was on the bar before; on both sides when it touched b."""

    below: int = 0
    above: int = 0


@node(title="Crosses above", group="logic", warmup=lambda: 2, terms=("crossover", "cross up", "golden cross"))
def crosses_above(memory: Sides, a: Series, b: Series) -> tuple[Sides, Event]:
    """Fires on the bar on which a rises above b: a > b now, and a ≤ b on the bar before. Never on the first bar."""
    return Sides(1 if a <= b else 0, 0), (a > b) & (memory.below > 0)


@node(title="Crosses below", group="logic", warmup=lambda: 2, terms=("crossunder", "cross down", "death cross"))
def crosses_below(memory: Sides, a: Series, b: Series) -> tuple[Sides, Event]:
    """Fires on the bar on which a falls below b: a < b now, and a ≥ b on the bar before. Never on the first bar."""
    return Sides(0, 1 if a >= b else 0), (a < b) & (memory.above > 0)


@node(title="Crosses", group="logic", warmup=lambda: 2, terms=("cross", "crossing", "intersect"))
def crosses(memory: Sides, a: Series, b: Series) -> tuple[Sides, Event]:
    """Fires on the bar on which a crosses b in either direction, as `crosses_above` and `crosses_below` tell it."""
    crossed = (a > b) & (memory.below > 0) | (a < b) & (memory.above > 0)
    return Sides(1 if a <= b else 0, 1 if a >= b else 0), crossed


@node(title="And", group="logic", terms=("both", "all", "&"))
def and_(a: Condition, b: Condition) -> Condition:
    """True while both are true."""
    return a & b


@node(title="Or", group="logic", terms=("either", "any", "|"))
def or_(a: Condition, b: Condition) -> Condition:
    """True while at least one is true."""
    return a | b


@node(title="Not", group="logic", terms=("invert", "opposite", "!"))
def not_(value: Condition) -> Condition:
    """True while the condition is false."""
    return not value


@node(title="Exclusive or", group="logic", terms=("xor", "either but not both", "differ"))
def exclusive_or(a: Condition, b: Condition) -> Condition:
    """True while exactly one of the two is true."""
    return a ^ b


@node(title="Choose", group="logic", terms=("if", "if else", "switch", "select", "where"))
def choose(condition: Condition, then: Series, otherwise: Series) -> Series:
    """`then` while the condition is true, else `otherwise`. Missing while any of the three is missing."""
    return then if condition else otherwise


@node(title="Rising", group="logic", warmup=lambda bars: bars + 1, terms=("increasing", "higher", "going up", "slope"))
def rising(memory: Trail, source: Series, *, bars: Period = 1) -> tuple[Trail, Condition]:
    """True while the source is higher than it was `bars` bars ago; what it did in between does not matter."""
    at, old = recall(memory.values, memory.at, source, bars)
    seen = memory.seen + 1
    return Trail(memory.values, at, seen), (seen > bars) & (source > old)


@node(title="Falling", group="logic", warmup=lambda bars: bars + 1, terms=("decreasing", "lower", "going down"))
def falling(memory: Trail, source: Series, *, bars: Period = 1) -> tuple[Trail, Condition]:
    """True while the source is lower than it was `bars` bars ago; what it did in between does not matter."""
    at, old = recall(memory.values, memory.at, source, bars)
    seen = memory.seen + 1
    return Trail(memory.values, at, seen), (seen > bars) & (source < old)


class Latch(NamedTuple):
    """Memory of `latch`."""

    on: int = 0


@node(title="Latch", group="logic", terms=("memory", "flip flop", "hold", "toggle", "remember"))
def latch(memory: Latch, set: Condition, reset: Condition) -> tuple[Latch, Condition]:  # noqa: A002  # the word on the wire
    """Becomes true when `set` is true and stays true until `reset` is true. When both are, reset wins."""
    on = (set | (memory.on > 0)) & (not reset)
    return Latch(1 if on else 0), on


class Counted(NamedTuple):
    """Memory of `count_in_window`."""

    values: Annotated[Window, Length(lambda period: period)]
    number: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="Count in window",
    group="logic",
    warmup=lambda period: period,
    terms=("how often", "times true", "sum of conditions"),
)
def count_in_window(
    memory: Counted, condition: Condition, *, period: Period = 10
) -> tuple[Counted, Annotated[Series, Between(0, 5000)]]:
    """On how many of the last `period` bars the condition was true, the newest among them."""
    now = 1.0 if condition else 0.0
    at, old = recall(memory.values, memory.at, now, period)
    count = memory.number + (now - old)  # whole numbers: exact
    seen = memory.seen + 1
    return Counted(memory.values, count, at, seen), count if seen >= period else nan
