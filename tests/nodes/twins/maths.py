"""Twins of nodes/maths.py."""

from __future__ import annotations

import math

from tests.nodes.twins.common import TWINS, Numbers, each, nan, twin

TWINS |= {
    "add": each(lambda a, b: a + b),
    "subtract": each(lambda a, b: a - b),
    "multiply": each(lambda a, b: a * b),
    "divide": each(lambda a, b: a / b if b else nan),
    "min": each(min),
    "max": each(max),
    "absolute": each(math.fabs),
    "clip": each(lambda value, low, high: sorted((value, low, high))[1]),  # the middle one of the three
    "negate": each(lambda value: 0.0 - value),
    "logarithm": each(lambda value: math.log(value) if value > 0 else nan),
    "remainder": each(lambda a, b: a % b if b else nan),
}


@twin
def power(value: Numbers, exponent: Numbers) -> Numbers:
    def one(base: float, to: float) -> float:
        try:
            answer = base**to
        except (ZeroDivisionError, OverflowError):
            return nan
        return nan if isinstance(answer, complex) else answer

    return [one(b, e) for b, e in zip(value, exponent, strict=True)]


@twin
def round_(value: Numbers, *, decimals: int) -> Numbers:
    return [round(v, decimals) for v in value]
