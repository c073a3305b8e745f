"""How many values of a window are below or above another one: eight are compared at once."""

from __future__ import annotations

from wickwork.graph.simd import number_above, number_below
from wickwork.graph.types import Window


def count_below(values: Window, length: int, limit: float) -> int:
    """How many of the first `length` values are below the limit."""
    number, k = 0, 0
    while k + 8 <= length:
        number += number_below(values, k, limit)
        k += 8
    while k < length:
        number += 1 if values[k] < limit else 0
        k += 1
    return number


def count_above(values: Window, length: int, limit: float) -> int:
    """How many of the first `length` values are above the limit."""
    number, k = 0, 0
    while k + 8 <= length:
        number += number_above(values, k, limit)
        k += 8
    while k < length:
        number += 1 if values[k] > limit else 0
        k += 1
    return number
