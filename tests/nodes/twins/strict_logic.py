"""Twins of nodes/strict_logic.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import TWINS, Flags, Numbers, each, twin

TWINS |= {
    "strict_and": each(lambda a, b: a and b),
    "strict_or": each(lambda a, b: a or b),
    "is_missing": each(math.isnan),
    "condition_is_missing": each(lambda condition: condition is None),
}


def crossings(below: Numbers, above: Numbers) -> Flags:
    """True where the first rises over the second; a comparison with a missing number is false."""
    answers: Flags = []
    for i, (x, y) in enumerate(zip(below, above, strict=True)):
        crossed = i > 0 and below[i - 1] < above[i - 1] and x > y
        answers.append(None if math.isnan(x) or math.isnan(y) else crossed)
    return answers


@twin
def crosses_strictly_above(a: Numbers, b: Numbers) -> Flags:
    return crossings(a, b)


@twin
def crosses_strictly_below(a: Numbers, b: Numbers) -> Flags:
    return crossings(b, a)
