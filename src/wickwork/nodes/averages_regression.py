"""The straight line through the values of a window."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import force_inline, unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Between, Length, Series, Window

nan = float("nan")


class Line(NamedTuple):
    """Memory of `linear_regression`: `windows.Spread` with weighted sums.

    The sums are those of distances from a reference near the values, or squared and weighted sums of prices would
    cancel each other. `run` counts how often the last value has come in a row.
    """

    values: Annotated[Window, Length(lambda period: period)]
    sums: Annotated[Window, Length(lambda period: period)]
    weights: Annotated[Window, Length(lambda period: period)]
    squares: Annotated[Window, Length(lambda period: period)]
    reference: float = 0.0
    sum: float = 0.0
    weighted: float = 0.0
    square: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    seen: int = 0


class LineAnswers(NamedTuple):
    """Outputs of `linear_regression`."""

    value: Series
    slope: Series
    r_squared: Annotated[Series, Between(0, 1)]
    lower: Series
    upper: Series


@node(
    title="Linear regression",
    phrase={
        "value": "the end of the {period}-bar regression line of {source}",
        "slope": "the slope of the {period}-bar regression line of {source}",
        "r_squared": "the R² of the {period}-bar regression line of {source}",
        "lower": "the lower band of the {period}-bar regression line of {source}",
        "upper": "the upper band of the {period}-bar regression line of {source}",
    },
    group="trend",
    warmup=lambda period: period,
    terms=("linreg", "lsma", "least squares moving average", "regression channel", "tsf", "slope", "trend line"),
    source="TA-Lib LINEARREG, LINEARREG_SLOPE",
)
def linear_regression(
    memory: Line,
    source: Series,
    *,
    period: Annotated[int, Between(2, 5000)] = 14,
    multiplier: Annotated[float, Between(0, 100)] = 2.0,
) -> tuple[Line, LineAnswers]:
    """The straight line that fits the last `period` values best, where it ends: at the newest bar.

    `value` is the end of the line (the least squares moving average, LSMA) and `slope` its rise per bar, in the unit
    of the source. `r_squared` is the share of the movement that the line explains, from 0 to 1; 0 when all values are
    equal. `lower` and `upper` are `value` ∓ `multiplier` standard deviations of the values from the line (of a
    population: the root of the mean squared distance, as in `bollinger`).
    """
    kept, mean, moment, deviation = slide_line(memory, source, period)
    if kept.seen < period:
        unlikely()
        return kept, LineAnswers(nan, nan, nan, nan, nan)
    if kept.run >= period:
        unlikely()
        return kept, LineAnswers(source, 0.0, 0.0, source, source)
    slope = moment / (period * (period * period - 1.0) / 12.0)
    value = mean + slope * (0.5 * (period - 1.0))
    explained = slope * moment
    share = explained / deviation if deviation > explained else 1.0
    # Two values are always on the line; what is left is rounding.
    rest = deviation - explained if deviation > explained and period > 2 else 0.0
    reach = multiplier * math.sqrt(rest * (1.0 / period))
    return kept, LineAnswers(value, slope, share, value - reach, value + reach)


@force_inline
def slide_line(m: Line, value: float, length: int) -> tuple[Line, float, float, float]:
    """The mean of the last `length` values, and two sums of their distances from it.

    The first has each distance times that of its place from the middle of the window, the second each distance squared.
    The sums slide as those of `windows.slide_spread` and `windows.slide_weighted`.
    """
    seen = m.seen + 1
    run = m.run + 1 if value == m.last else 1
    reference = m.reference
    if seen == 1:
        unlikely()
        reference = value
    distance = value - reference
    part, weighted, square = m.sum + distance, m.weighted + distance * (m.at + 1.0), m.square + distance * distance
    m.values[m.at] = value
    following = m.at + 1
    total, moments, squares = _whole(m, following, part, weighted, square, length)
    share = 1.0 / length
    if squares - total * total * share < 1e-6 * squares and seen >= length and run < length:
        # The reference is far off: begin again with a better one.
        reference += total * share
        part, weighted, square = _refer(m, following, reference, length)
        total, moments, squares = _whole(m, following, part, weighted, square, length)
    mean, moment, deviation = reference + total * share, moments - 0.5 * (length + 1.0) * total, squares
    deviation -= total * total * share
    if following == length:
        following, reference = 0, value if run >= length else mean
        part, weighted, square = _refer(m, 0, reference, length)
    kept = Line(
        m.values, m.sums, m.weights, m.squares, reference, part, weighted, square, value, run, following, seen
    )  # fmt: skip
    return kept, mean, moment, deviation


def _whole(
    m: Line, following: int, part: float, weighted: float, square: float, length: int
) -> tuple[float, float, float]:
    """The plain, weighted and squared sums of the window: of the current pass, and of what is left of the last one."""
    if following == length:
        return part, weighted, square
    weighted += part * (length - following)
    return part + m.sums[following], weighted + m.weights[following], square + m.squares[following]


def _refer(m: Line, begin: int, reference: float, length: int) -> tuple[float, float, float]:
    """Write the suffixes from `begin` on as distances from another reference; return the sums of what lies before."""
    total, weighted, square = 0.0, 0.0, 0.0
    for k in range(length - 1, begin - 1, -1):
        distance = m.values[k] - reference
        total += distance
        weighted += total
        square += distance * distance
        m.sums[k], m.weights[k], m.squares[k] = total, weighted, square
    total, weighted, square = 0.0, 0.0, 0.0
    for k in range(begin):
        distance = m.values[k] - reference
        total += distance
        weighted += distance * (k + 1.0)
        square += distance * distance
    return total, weighted, square
