"""Events in order, and what has come together since an event.

Where a condition is missing it changes no memory; the output of its bar is missing unless it does not depend on it.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import (
    Between,
    ConditionOrMissing,
    EventOrMissing,
    Length,
    Series,
    SeriesOrMissing,
    Window,
)
from wickwork.nodes.windows import BOTTOM, TOP, Period

nan = float("nan")
LONG_AGO = 1 << 40
"""An age in bars that no `within` allows."""


class Ages(NamedTuple):
    """Memory of `sequence`: how many bars ago its steps were last reached in order."""

    first: int = LONG_AGO
    second: int = LONG_AGO
    third: int = LONG_AGO


@node(
    title="Sequence",
    phrase="{first}, and then {second}, each within {within} bars, in {steps} steps",
    group="logic",
    warmup=lambda steps: steps,
    terms=("then", "followed by", "a then b", "within n bars", "setup and trigger", "pattern of events"),
    requires=lambda steps: ("third", "fourth")[: int(steps) - 2],
)
def sequence(
    memory: Ages,
    first: ConditionOrMissing,
    second: ConditionOrMissing,
    third: ConditionOrMissing = 0.0,
    fourth: ConditionOrMissing = 0.0,
    reset: ConditionOrMissing = 0.0,
    *,
    steps: Annotated[int, Between(2, 4)] = 2,
    within: Period = 10,
) -> tuple[Ages, EventOrMissing]:
    """Fires where the last of two to four events follows the others in order, each within some bars of the one before.

    Each event comes 1 to `within` bars after the one before; any of its occurrences may be the one that counts. Other
    events in between do not matter. After it has fired, a new sequence must begin, on that bar at the earliest. A true
    `reset` starts anew after that bar. The bars of missing events count as bars without them.
    """
    one, two, three = memory.first + 1, memory.second + 1, memory.third + 1
    last = second if steps == 2 else third if steps == 3 else fourth
    ready = (one if steps == 2 else two if steps == 3 else three) <= within
    fires = ready & (last > 0.0)
    unknown = ready & ((last != last) | (fires & (reset != reset)))
    three = 0 if (third > 0.0) & (two <= within) else three
    two = 0 if (second > 0.0) & (one <= within) else two
    one = 0 if first > 0.0 else one
    if fires:
        one, two, three = (0 if first > 0.0 else LONG_AGO), LONG_AGO, LONG_AGO
    if reset > 0.0:
        return Ages(LONG_AGO, LONG_AGO, LONG_AGO), 0.0
    return Ages(one, two, three), nan if unknown else 1.0 if fires else 0.0


class Occurrences(NamedTuple):
    """Memory of `past_value_when`: the values of the latest events, in a ring."""

    values: Annotated[Window, Length(lambda events: events + 1)]
    at: int = 0
    seen: int = 0


@node(
    title="Past value when",
    phrase="{value} as it was {events} times before the last time that {condition}",
    group="logic",
    terms=("valuewhen", "occurrence", "last values", "previous pivot", "n events ago", "history of events"),
)
def past_value_when(
    memory: Occurrences,
    condition: ConditionOrMissing,
    value: SeriesOrMissing,
    *,
    events: Annotated[int, Between(1, 1000)] = 1,
) -> tuple[Occurrences, SeriesOrMissing]:
    """The value on an earlier bar on which the condition was true: `events` = 1 is the last but one.

    Missing until there were so many, where the value was missing on that bar, and on a bar on which the condition is
    missing. For the latest one see `value_when`.
    """
    at, seen, length = memory.at, memory.seen, events + 1
    if condition > 0.0:
        memory.values[at] = value
        at = at + 1 if at + 1 < length else 0
        seen = seen + 1 if seen < length else length
    kept = Occurrences(memory.values, at, seen)
    return kept, memory.values[at] if seen == length and condition == condition else nan


class HighestSince(NamedTuple):
    """Memory of `highest_since`."""

    value: float = BOTTOM
    begun: int = 0


class LowestSince(NamedTuple):
    """Memory of `lowest_since`."""

    value: float = TOP
    begun: int = 0


@node(
    title="Highest since",
    phrase="the highest value of {source} since {condition}",
    group="logic",
    terms=("maximum since", "peak", "high since entry", "running maximum"),
)
def highest_since(
    memory: HighestSince, condition: ConditionOrMissing, source: SeriesOrMissing
) -> tuple[HighestSince, SeriesOrMissing]:
    """The highest value since the condition was last true, that bar and this one among them.

    Missing until it was true once, and on bars on which the condition or the value is missing; such a value is left
    out of later values.
    """
    begun = 1 if condition > 0.0 else memory.begun
    value = BOTTOM if condition > 0.0 else memory.value
    value = source if source > value else value
    there = (begun > 0) & (condition == condition) & (source == source)
    return HighestSince(value, begun), value if there else nan


@node(
    title="Lowest since",
    phrase="the lowest value of {source} since {condition}",
    group="logic",
    terms=("minimum since", "trough", "low since entry", "running minimum"),
)
def lowest_since(
    memory: LowestSince, condition: ConditionOrMissing, source: SeriesOrMissing
) -> tuple[LowestSince, SeriesOrMissing]:
    """The lowest value since the condition was last true, that bar and this one among them.

    Missing until it was true once, and on bars on which the condition or the value is missing; such a value is left
    out of later values.
    """
    begun = 1 if condition > 0.0 else memory.begun
    value = TOP if condition > 0.0 else memory.value
    value = source if source < value else value
    there = (begun > 0) & (condition == condition) & (source == source)
    return LowestSince(value, begun), value if there else nan


def add_exactly(total: float, lost: float, value: float) -> tuple[float, float]:
    """The sum of many numbers and what rounding has lost of it so far, after one more (Neumaier)."""
    after = total + value
    if abs(total) >= abs(value):
        return after, lost + ((total - after) + value)
    return after, lost + ((value - after) + total)


class Total(NamedTuple):
    """Memory of `cumulative_sum` and `sum_since`."""

    total: float = 0.0
    lost: float = 0.0
    begun: int = 0


@node(
    title="Cumulative sum",
    phrase="the sum of {source} since the beginning of the data",
    group="maths",
    terms=("cumsum", "cum", "running total", "accumulate", "integral"),
)
def cumulative_sum(memory: Total, source: Series) -> tuple[Total, Series]:
    """The sum of all values since the beginning of the data. What rounding loses is kept and added, so it never drifts.

    It depends on where the data begins; compare it only with its own earlier values.
    """
    total, lost = add_exactly(memory.total, memory.lost, source)
    return Total(total, lost, 1), total + lost


@node(
    title="Sum since",
    phrase="the sum of {source} since {condition}",
    group="logic",
    terms=("accumulate", "total since", "reset", "cumulative sum since event"),
)
def sum_since(memory: Total, condition: ConditionOrMissing, source: SeriesOrMissing) -> tuple[Total, SeriesOrMissing]:
    """The sum of the values since the condition was last true, that bar and this one among them.

    Missing until it was true once, and on bars on which the condition or the value is missing; such a value is left
    out of later values.
    """
    total, lost, begun = memory.total, memory.lost, memory.begun
    if condition > 0.0:
        total, lost, begun = 0.0, 0.0, 1
    if source == source:
        total, lost = add_exactly(total, lost, source)
    there = (begun > 0) & (condition == condition) & (source == source)
    return Total(total, lost, begun), total + lost if there else nan
