"""Arithmetic on series. Where a formula has no answer, it is missing."""

from __future__ import annotations

import math
from typing import Annotated

from wickwork.graph.node import node
from wickwork.graph.types import Between, Series
from wickwork.nodes.windows import TOP

nan = float("nan")
TENS = (1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12)
WHOLE = 2.0**52  # from here on floats have no fractions; adding it rounds a smaller one half to even


@node(title="Add", phrase="{a} + {b}", group="maths", terms=("plus", "sum", "+"))
def add(a: Series, b: Series) -> Series:
    """The sum a + b."""
    return a + b


@node(title="Subtract", phrase="{a} − {b}", group="maths", terms=("minus", "difference", "spread", "-"))
def subtract(a: Series, b: Series) -> Series:
    """The difference a − b."""
    return a - b


@node(title="Multiply", phrase="{a} × {b}", group="maths", terms=("times", "product", "*"))
def multiply(a: Series, b: Series) -> Series:
    """The product a × b."""
    return a * b


@node(title="Divide", phrase="{a} / {b}", group="maths", terms=("ratio", "quotient", "over", "/"))
def divide(a: Series, b: Series) -> Series:
    """The quotient a / b; missing where b is 0."""
    return a / b if b != 0.0 else nan


@node(
    title="Remainder",
    phrase="the remainder of {a} divided by {b}",
    group="maths",
    terms=("modulo", "modulus", "rest", "%"),
)
def remainder(a: Series, b: Series) -> Series:
    """What is left of a after whole multiples of b: 0 or of the sign of b, as Python's `%`; missing where b is 0."""
    return a % b if b != 0.0 else nan


@node(title="Minimum", phrase="the smaller of {a} and {b}", group="maths", terms=("smaller", "least"))
def min_(a: Series, b: Series) -> Series:
    """The smaller of a and b on this bar. For the lowest over several bars see `lowest`."""
    return a if a < b else b


@node(title="Maximum", phrase="the larger of {a} and {b}", group="maths", terms=("larger", "greatest"))
def max_(a: Series, b: Series) -> Series:
    """The larger of a and b on this bar. For the highest over several bars see `highest`."""
    return a if a > b else b


@node(
    title="Absolute",
    phrase="the absolute value of {value}",
    group="maths",
    terms=("abs", "magnitude", "distance"),
)
def absolute(value: Series) -> Annotated[Series, Between(0, TOP)]:
    """The value without its sign."""
    return abs(value)


@node(
    title="Clip",
    phrase="{value}, but not below {low} and not above {high}",
    group="maths",
    terms=("clamp", "limit", "bound"),
)
def clip(value: Series, low: Series, high: Series) -> Series:
    """The value, but never below `low` and never above `high`. Bounds given the wrong way round change places."""
    least = low if low < high else high
    most = high if low < high else low
    value = value if value > least else least
    return value if value < most else most


@node(title="Negate", phrase="minus {value}", group="maths", terms=("minus", "invert", "opposite"))
def negate(value: Series) -> Series:
    """The value with its sign turned around."""
    return -value


@node(
    title="Logarithm",
    phrase="the natural logarithm of {value}",
    group="maths",
    terms=("log", "ln", "natural logarithm"),
    source="TA-Lib LN",
)
def logarithm(value: Series) -> Series:
    """The natural logarithm; missing where the value is not above 0."""
    return math.log(value) if value > 0.0 else nan


@node(
    title="Power",
    phrase="{value} to the power of {exponent}",
    group="maths",
    terms=("exponent", "square", "root", "pow", "^"),
)
def power(value: Series, exponent: Series) -> Series:
    """The value to the power of `exponent`; 0.5 is the square root.

    Missing where there is no real result (a fractional power of a negative value, a negative power of 0) or where
    it is too large for a number.
    """
    if (value == 0.0 and exponent < 0.0) or (value < 0.0 and exponent % 1.0 != 0.0):
        return nan
    if value != 0.0 and exponent * math.log2(abs(value)) > 1023.9:  # 2 ** 1024 is no longer a number
        return nan
    return math.pow(value, exponent)


@node(
    title="Round",
    phrase="{value} rounded to {decimals} decimals",
    group="maths",
    terms=("decimals", "nearest", "precision"),
)
def round_(value: Series, *, decimals: Annotated[int, Between(0, 12)] = 0) -> Series:
    """The value rounded to that many decimals; what lies exactly half-way goes to the even neighbour, as in NumPy."""
    scale = TENS[decimals]
    size = abs(value) * scale
    whole = ((size + WHOLE) - WHOLE) / scale
    return math.copysign(whole, value) if size < WHOLE else value
