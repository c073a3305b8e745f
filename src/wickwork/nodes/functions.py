"""Functions of one bar: rounding, roots, percentages, averages of several series, and scaling.

Where a formula has no answer, it is missing.
"""

from __future__ import annotations

import math
from typing import Annotated

from wickwork.graph.node import node
from wickwork.graph.types import Between, Choice, Series
from wickwork.nodes.maths import WHOLE
from wickwork.nodes.windows import TOP

nan = float("nan")
NEAREST, DOWN, UP = range(3)


def whole_below(value: float) -> float:
    """The largest whole number that is not above the value, with its sign; large numbers have no fractions."""
    size = abs(value)
    if not size < WHOLE:
        return value
    whole = (size + WHOLE) - WHOLE
    signed = math.copysign(whole, value)
    return signed - 1.0 if signed > value else signed


@node(
    title="Floor",
    phrase="{value} rounded down",
    group="maths",
    terms=("round down", "integer part", "whole number"),
    source="TA-Lib FLOOR",
)
def floor(value: Series) -> Series:
    """The largest whole number that is not above the value: −1.5 becomes −2."""
    return whole_below(value)


@node(
    title="Ceil",
    phrase="{value} rounded up",
    group="maths",
    terms=("round up", "ceiling", "whole number"),
    source="TA-Lib CEIL",
)
def ceil(value: Series) -> Series:
    """The smallest whole number that is not below the value: −1.5 becomes −1."""
    return -whole_below(-value)


@node(
    title="Sign",
    phrase="the sign (−1, 0 or 1) of {value}",
    group="maths",
    terms=("signum", "direction", "positive or negative"),
)
def sign(value: Series) -> Annotated[Series, Between(-1, 1)]:
    """1 where the value is above 0, −1 where it is below, 0 where it is 0."""
    return 1.0 if value > 0.0 else -1.0 if value < 0.0 else 0.0


@node(
    title="Square root",
    phrase="the square root of {value}",
    group="maths",
    terms=("sqrt", "root"),
    source="TA-Lib SQRT",
)
def square_root(value: Series) -> Annotated[Series, Between(0, TOP)]:
    """The square root; missing where the value is below 0."""
    return math.sqrt(value) if value >= 0.0 else nan


@node(
    title="Exponential",
    phrase="e to the power of {value}",
    group="maths",
    terms=("exp", "e to the power", "inverse of the logarithm"),
    source="TA-Lib EXP",
)
def exponential(value: Series) -> Annotated[Series, Between(0, TOP)]:
    """The number e (2.718…) to the power of the value; missing where that is too large for a number (above 709.78)."""
    return math.exp(value) if value < 709.78 else nan


@node(
    title="Percent of",
    phrase="{percent} % of {value}",
    group="maths",
    terms=("percentage", "share", "percent of price"),
)
def percent_of(percent: Series, value: Series) -> Series:
    """That many percent of the value: percent × value / 100, so 2 percent of 500 is 10."""
    return percent * value / 100.0


@node(
    title="Percent difference",
    phrase="the difference of {a} from {b} in percent",
    group="maths",
    terms=("percent change", "distance in percent", "deviation", "gap"),
)
def percent_difference(a: Series, b: Series) -> Series:
    """By how many percent a is above b: 100 × (a − b) / |b|, negative where it is below; missing where b is 0."""
    return 100.0 * ((a - b) / abs(b)) if b != 0.0 else nan


@node(
    title="Average of",
    phrase="the average of ({inputs})",
    group="maths",
    terms=("mean", "average of several", "composite", "combine"),
)
def average_of(
    a: Series,
    b: Series,
    c: Series = nan,
    d: Series = nan,
    e: Series = nan,
    f: Series = nan,
    g: Series = nan,
    h: Series = nan,
) -> Series:
    """The mean of two to eight series on this bar; those that are not wired do not count.

    Missing where a wired one is missing.
    """
    beyond, number = 0.0, 1.0  # distances from the first one: the mean of equal values is that value to the last bit
    for value in (b, c, d, e, f, g, h):
        if value == value:
            beyond += value - a
            number += 1.0
    return a + beyond / number


@node(
    title="Scale",
    phrase="{value} on another scale",
    group="maths",
    terms=("map", "rescale", "linear interpolation", "lerp", "range to range"),
)
def scale(
    value: Series,
    from_low: Series = 0.0,
    from_high: Series = 100.0,
    to_low: Series = 0.0,
    to_high: Series = 1.0,
    *,
    clip: bool = True,
) -> Series:
    """Maps a range onto another in a straight line: `from_low` becomes `to_low`, `from_high` becomes `to_high`.

    to_low + (value − from_low) / (from_high − from_low) × (to_high − to_low). With `clip` the result never leaves the
    range of the two targets. Where from_low and from_high are equal it is the middle of the targets.
    """
    if from_high == from_low:
        return to_low + 0.5 * (to_high - to_low)
    place = (value - from_low) / (from_high - from_low)
    mapped = to_low + place * (to_high - to_low) if place != 1.0 else to_high
    if clip:
        least = to_low if to_low < to_high else to_high
        most = to_high if to_low < to_high else to_low
        mapped = least if mapped < least else mapped
        mapped = most if mapped > most else mapped
    return mapped


@node(
    title="Sigmoid",
    phrase="the sigmoid (0 to 1) of {value}",
    group="maths",
    terms=("logistic", "squash", "activation", "probability"),
)
def sigmoid(value: Series, centre: Series = 0.0, width: Series = 1.0) -> Annotated[Series, Between(0, 1)]:
    """Squeezes any number into 0 … 1: 1 / (1 + e^−x), where x = (value − centre) / width; 0.5 at `centre`.

    Missing where `width` is 0; with a negative one it falls.
    """
    if width == 0.0:
        return nan
    x = (value - centre) / width
    rest = math.exp(-abs(x))
    return 1.0 / (1.0 + rest) if x >= 0.0 else rest / (1.0 + rest)


@node(
    title="Tanh",
    phrase="the hyperbolic tangent (−1 to 1) of {value}",
    group="maths",
    terms=("hyperbolic tangent", "squash", "activation"),
    source="TA-Lib TANH",
)
def tanh(value: Series, centre: Series = 0.0, width: Series = 1.0) -> Annotated[Series, Between(-1, 1)]:
    """Squeezes any number into −1 … 1: the hyperbolic tangent of (value − centre) / width; 0 at `centre`.

    Missing where `width` is 0; with a negative one it falls.
    """
    return math.tanh((value - centre) / width) if width != 0.0 else nan


@node(
    title="Round to step",
    phrase="{value} rounded to a multiple of the step ({direction})",
    group="maths",
    terms=("round to tick", "tick size", "lot size", "quantise", "snap"),
)
def round_to_step(
    value: Series, step: Series = 1.0, *, direction: Annotated[int, Choice("nearest", "down", "up")] = NEAREST
) -> Series:
    """The multiple of `step` that is nearest to the value, or the next one below or above it.

    What lies half-way goes to the even multiple. A value within 1e-9 steps of a multiple is that multiple, because most
    steps such as 0.1 are not exact numbers. Missing where `step` is not above 0.
    """
    if not step > 0.0:
        return nan
    steps = value / step
    if not abs(steps) < WHOLE:
        return value
    near = math.copysign((abs(steps) + WHOLE) - WHOLE, steps)
    off = near - steps
    if direction == DOWN and off > 1e-9:
        near -= 1.0
    if direction == UP and off < -1e-9:
        near += 1.0
    return near * step
