"""Bands around a line of regression."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, Length, Series, Window
from wickwork.nodes.channels import Channel, Multiplier
from wickwork.nodes.windows import Period, recall, slide_sum

nan = float("nan")


class StandardError(NamedTuple):
    """Memory of `standard_error_bands`."""

    values: Annotated[Window, Length(lambda period: period)]
    ends: Annotated[Window, Length(lambda smooth: smooth)]
    errors: Annotated[Window, Length(lambda smooth: smooth)]
    end: float = 0.0
    error: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    smooth_at: int = 0
    seen: int = 0


@node(
    title="Standard error bands",
    phrase={
        "lower": "the lower standard error band ({period} bars, {multiplier} errors) of {source}",
        "middle": "the middle of the standard error bands ({period} bars) of {source}",
        "upper": "the upper standard error band ({period} bars, {multiplier} errors) of {source}",
    },
    group="volatility",
    warmup=lambda period, smooth: period + smooth - 1,
    terms=("seb", "linear regression channel", "regression bands", "andersen"),
    source="Andersen 1996; TradingView Standard Error Bands",
)
def standard_error_bands(
    memory: StandardError,
    source: Series,
    *,
    period: Annotated[int, Between(3, 1000)] = 21,
    multiplier: Multiplier = 2.0,
    smooth: Period = 3,
) -> tuple[StandardError, Channel]:
    """The end of the regression line with `multiplier` standard errors on each side: narrow in a steady trend.

    The least-squares line goes through the last `period` values; its standard error is √(squared distances from it /
    (`period` − 2)). Both are simple means over `smooth` bars, in the unit of the source.
    """
    seen = memory.seen + 1
    at, _ = recall(memory.values, memory.at, source, period)
    if seen < period:
        return StandardError(
            memory.values, memory.ends, memory.errors, 0.0, 0.0, nan, 0, at, 0, seen
        ), Channel(nan, nan, nan)  # fmt: skip
    line, error = _regression(memory.values, at, source, period)
    run = memory.run + 1 if line == memory.last else 1
    _, end, total = slide_sum(memory.ends, memory.smooth_at, memory.end, line, smooth)
    smooth_at, part, errors = slide_sum(memory.errors, memory.smooth_at, memory.error, error, smooth)
    kept = StandardError(memory.values, memory.ends, memory.errors, end, part, line, run, at, smooth_at, seen)
    if seen < period + smooth - 1:
        return kept, Channel(nan, nan, nan)
    # Of equal values the mean is that value to the last bit, or a flat market would be full of crossings.
    middle = line if run >= smooth else total * (1.0 / smooth)
    reach = multiplier * (errors * (1.0 / smooth))
    return kept, Channel(middle - reach, middle, middle + reach)


def _regression(values: Window, at: int, newest: float, length: int) -> tuple[float, float]:
    """The end of the line through the values, the oldest of which is at `at`, and its standard error.

    Computed anew at each bar, from distances to the newest value: sums that slide along would leave nothing of the
    small distances from the line.
    """
    centre, total, slanted = 0.5 * (length - 1.0), 0.0, 0.0
    for k in range(length):
        distance = values[at + k if at + k < length else at + k - length] - newest
        total += distance
        slanted += distance * (k - centre)
    mean, slope = total / length, slanted * (12.0 / (length * (length * length - 1.0)))
    squares = 0.0
    for k in range(length):
        distance = values[at + k if at + k < length else at + k - length] - newest
        beside = distance - mean - slope * (k - centre)
        squares += beside * beside
    return newest + mean + slope * centre, math.sqrt(squares / (length - 2.0))
