"""Twins of nodes/functions.py."""

from __future__ import annotations

import math
from fractions import Fraction

from tests.nodes.twins.common import RATIOS, TWINS, Numbers, each, mean, nan, twin

RATIOS |= {"sign", "percent_difference", "sigmoid", "tanh", "exponential"}


def exponential(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return nan


def sigmoid(value: float, centre: float, width: float) -> float:
    return 0.5 * (1.0 + math.tanh((value - centre) / width / 2.0)) if width else nan


TWINS |= {
    "floor": each(math.floor),
    "ceil": each(math.ceil),
    "sign": each(lambda value: (value > 0) - (value < 0)),
    "square_root": each(lambda value: value**0.5 if value >= 0 else nan),
    "exponential": each(exponential),
    "percent_of": each(lambda percent, value: value * percent / 100),
    "percent_difference": each(lambda a, b: (a / b - 1) * math.copysign(100, b) if b else nan),
    "average_of": each(lambda *values: mean([v for v in values if not math.isnan(v)])),
    "sigmoid": each(sigmoid),
    "tanh": each(lambda value, centre, width: math.tanh((value - centre) / width) if width else nan),
}


@twin
def scale(
    value: Numbers, from_low: Numbers, from_high: Numbers, to_low: Numbers, to_high: Numbers, *, clip: bool
) -> Numbers:
    answers = []
    for v, a, b, lo, hi in zip(value, from_low, from_high, to_low, to_high, strict=True):
        if a == b:
            answers.append(mean([lo, hi]))
            continue
        place = (Fraction(v) - Fraction(a)) / (Fraction(b) - Fraction(a))
        place = min(max(place, Fraction(0)), Fraction(1)) if clip else place
        answers.append(float(Fraction(lo) + place * (Fraction(hi) - Fraction(lo))))
    return answers


@twin
def round_to_step(value: Numbers, step: Numbers, *, direction: str) -> Numbers:
    answers = []
    for v, s in zip(value, step, strict=True):
        steps = v / s if s > 0 else nan
        if math.isnan(steps):
            answers.append(nan)
        elif direction == "nearest" or abs(steps - round(steps)) <= 1e-9:
            answers.append(round(steps) * s)
        else:
            answers.append((math.floor(steps) if direction == "down" else math.ceil(steps)) * s)
    return answers
