"""Twins of nodes/logic.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import TWINS, Flags, Numbers, each, nan, twin, windows


def all_of(conditions: list[bool | None]) -> bool | None:
    """False if one is false, missing if none is and one is missing."""
    return False if False in conditions else None if None in conditions else True


def opposite(condition: bool | None) -> bool | None:
    return None if condition is None else not condition


TWINS |= {
    "greater": each(lambda a, b: a > b),
    "less": each(lambda a, b: a < b),
    "greater_or_equal": each(lambda a, b: not a < b),
    "less_or_equal": each(lambda a, b: not a > b),
    "between": each(
        lambda value, low, high: all_of(
            [None if math.isnan(low) else low <= value, None if math.isnan(high) else value <= high]
        )
    ),
    "and": each(lambda a, b: all_of([a, b])),
    "or": each(lambda a, b: None if (none := all_of([opposite(a), opposite(b)])) is None else not none),
    "if_missing": each(lambda value, otherwise: otherwise if math.isnan(value) else value),
    "if_condition_missing": each(lambda condition, otherwise: otherwise if condition is None else condition),
    "not": each(lambda value: not value),
    "exclusive_or": each(lambda a, b: a != b),
    "choose": each(lambda condition, then, otherwise: then if condition else otherwise),
}


@twin
def equal(a: Numbers, b: Numbers, *, tolerance: float) -> list[bool]:
    return [max(x, y) - min(x, y) <= tolerance for x, y in zip(a, b, strict=True)]


@twin
def not_equal(a: Numbers, b: Numbers, *, tolerance: float) -> list[bool]:
    return [not same for same in equal(a, b, tolerance=tolerance)]


@twin
def always(unused: Numbers, *, value: bool) -> list[bool]:
    return [value] * len(unused)


@twin
def crosses_above(a: Numbers, b: Numbers) -> list[bool]:
    return [i > 0 and a[i - 1] <= b[i - 1] and a[i] > b[i] for i in range(len(a))]


@twin
def crosses_below(a: Numbers, b: Numbers) -> list[bool]:
    return [i > 0 and a[i - 1] >= b[i - 1] and a[i] < b[i] for i in range(len(a))]


@twin
def crosses(a: Numbers, b: Numbers) -> list[bool]:
    return [up or down for up, down in zip(crosses_above(a, b), crosses_below(a, b), strict=True)]


@twin
def rising(source: Numbers, *, bars: int) -> list[bool | None]:
    return [x > source[i - bars] if i >= bars else None for i, x in enumerate(source)]


@twin
def falling(source: Numbers, *, bars: int) -> list[bool | None]:
    return [x < source[i - bars] if i >= bars else None for i, x in enumerate(source)]


@twin
def becomes_true(condition: list[bool]) -> list[bool]:
    return [i > 0 and now and not condition[i - 1] for i, now in enumerate(condition)]


@twin
def latch(set_: Flags, reset: Flags) -> Flags:
    """True if it was set after the last reset, whatever a missing input of this bar may be."""

    def last(flags: Flags, i: int) -> int:
        return max((k for k in range(i + 1) if flags[k]), default=-1)

    def options(flags: Flags, i: int) -> list[Flags]:
        return [[*flags[:i], now] for now in ((True, False) if flags[i] is None else (flags[i],))]

    answers = []
    for i in range(len(set_)):
        ways = {last(s, i) > last(r, i) for s in options(set_, i) for r in options(reset, i)}
        answers.append(ways.pop() if len(ways) == 1 else None)
    return answers


@twin
def count_in_window(condition: Flags, *, period: int) -> Numbers:
    return windows([nan if c is None else float(c) for c in condition], period, sum)
