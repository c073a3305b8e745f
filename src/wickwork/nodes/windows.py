"""Sliding windows that cost the same for every length and never drift.

A running sum that adds the newest value and takes away the oldest loses a little with every bar and never finds it
again. Here nothing is ever taken away. Values come in passes of `length`. While those of the current pass overwrite the
positions 0 … at, the positions behind still hold *suffixes* of the pass before: the sum (or maximum …) from there to
its end. So the sum over the last `length` values is that of the current pass so far plus one suffix. When a pass is
complete, its values are turned into suffixes, from the end backwards: two additions per bar on average.

The functions write into the window and return the place of the next value, the state of the pass, and the answer, which
is valid after `length` values.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.native import force_inline, unlikely
from wickwork.graph.types import Between, Length, Window

nan = float("nan")
TOP = 1.7976931348623157e308  # the largest number: a lowest value of nothing (infinity is not JSON)
BOTTOM = -TOP
Period = Annotated[int, Between(1, 5000)]


class Trail(NamedTuple):
    """Memory of nodes that look `bars` bars back."""

    values: Annotated[Window, Length(lambda bars: bars, ring=True)]
    at: int = 0
    seen: int = 0


@force_inline
def slide_sum(window: Window, at: int, part: float, value: float, length: int) -> tuple[int, float, float]:
    """The sum of the last `length` values."""
    part += value
    window[at] = value
    following = at + 1
    if following < length:
        return following, part, part + window[following]
    suffix = 0.0
    for k in range(length - 1, -1, -1):
        suffix += window[k]
        window[k] = suffix
    return 0, 0.0, part


@force_inline
def slide_weighted(
    window: Window, at: int, plain: float, weighted: float, value: float, length: int
) -> tuple[int, float, float, float]:
    """The sum of the last `length` values with weights 1, 2, … `length`, the newest weighing most.

    The suffixes are weighted from 1 on, as their values are when all older ones have gone. In the current pass
    `weighted` has the weights 1, 2, …; each of its values weighs as much more as there are older ones behind.
    """
    plain += value
    weighted += value * (at + 1.0)
    window[at] = value
    following = at + 1
    if following < length:
        return following, plain, weighted, weighted + plain * (length - following) + window[following]
    suffix, total = 0.0, 0.0
    for k in range(length - 1, -1, -1):
        suffix += window[k]
        total += suffix
        window[k] = total
    return 0, 0.0, 0.0, weighted


@force_inline
def slide_highest(window: Window, at: int, part: float, value: float, length: int) -> tuple[int, float, float]:
    """The highest of the last `length` values. `part` begins as `BOTTOM`."""
    part = value if value > part else part
    window[at] = value
    following = at + 1
    if following < length:
        return following, part, part if part > window[following] else window[following]
    best = BOTTOM
    for k in range(length - 1, -1, -1):
        best = window[k] if window[k] > best else best
        window[k] = best
    return 0, BOTTOM, best


@force_inline
def slide_lowest(window: Window, at: int, part: float, value: float, length: int) -> tuple[int, float, float]:
    """The lowest of the last `length` values. `part` begins as `TOP`."""
    part = value if value < part else part
    window[at] = value
    following = at + 1
    if following < length:
        return following, part, part if part < window[following] else window[following]
    best = TOP
    for k in range(length - 1, -1, -1):
        best = window[k] if window[k] < best else best
        window[k] = best
    return 0, TOP, best


@force_inline
def recall(window: Window, at: int, value: float, length: int) -> tuple[int, float]:
    """Keep the value and give back the one of `length` values ago."""
    old = window[at]
    window[at] = value
    following = at + 1
    return following if following < length else 0, old


class Spread(NamedTuple):
    """Memory for the mean and the squared deviations of a window.

    Sums of distances from a reference near the mean, because sums of squared prices would cancel each other.
    `run` counts how often the last value has come in a row, so that a flat window is known to be flat.
    """

    values: Annotated[Window, Length(lambda period: period)]
    sums: Annotated[Window, Length(lambda period: period)]
    squares: Annotated[Window, Length(lambda period: period)]
    reference: float = 0.0
    sum: float = 0.0
    square: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    seen: int = 0


@force_inline
def slide_spread(m: Spread, value: float, length: int) -> tuple[Spread, float, float]:
    """The mean of the last `length` values, and the sum of their squared distances from it."""
    seen = m.seen + 1
    run = m.run + 1 if value == m.last else 1
    reference = m.reference
    if seen == 1:
        unlikely()
        reference = value
    distance = value - reference
    part, square = m.sum + distance, m.square + distance * distance
    m.values[m.at] = value
    following = m.at + 1
    total, squares = part, square
    if following < length:
        total += m.sums[following]
        squares += m.squares[following]
    share = 1.0 / length
    mean = reference + total * share
    deviation = squares - total * total * share
    if run >= length:
        unlikely()
        mean, deviation = value, 0.0
    elif deviation < 1e-6 * squares and seen >= length:  # the reference is far off: begin again with a better one
        reference = mean
        part, square = _refer(m.values, m.sums, m.squares, following, reference, length)
        total, squares = part, square
        if following < length:
            total += m.sums[following]
            squares += m.squares[following]
        mean = reference + total * share
        deviation = squares - total * total * share
        deviation = deviation if deviation > 0.0 else 0.0
    if following == length:
        following = 0
        reference = mean
        part, square = _refer(m.values, m.sums, m.squares, 0, reference, length)
    memory = Spread(m.values, m.sums, m.squares, reference, part, square, value, run, following, seen)
    return memory, mean, deviation


def _refer(
    values: Window, sums: Window, squares: Window, begin: int, reference: float, length: int
) -> tuple[float, float]:
    """Write the suffixes from `begin` on as distances from another reference; return the sums of what lies before."""
    total, square = 0.0, 0.0
    for k in range(length - 1, begin - 1, -1):
        distance = values[k] - reference
        total += distance
        square += distance * distance
        sums[k] = total
        squares[k] = square
    total, square = 0.0, 0.0
    for k in range(begin):
        distance = values[k] - reference
        total += distance
        square += distance * distance
    return total, square
