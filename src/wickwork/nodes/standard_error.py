"""Bands around a line of regression."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import force_inline, unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Between, Length, Series, Window
from wickwork.nodes.channels import Channel, Multiplier
from wickwork.nodes.windows import Period, slide_sum

nan = float("nan")


class StandardError(NamedTuple):
    """Memory of `standard_error_bands`."""

    values: Annotated[Window, Length(lambda period: 2 * period)]
    """Each value twice, `period` places apart, so that the newest ones always lie in a row."""
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
    memory.values[memory.at] = source
    memory.values[memory.at + period] = source
    at = memory.at + 1 if memory.at + 1 < period else 0
    if seen < period:
        unlikely()
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


@force_inline
def _regression(values: Window, at: int, newest: float, length: int) -> tuple[float, float]:
    """The end of the line through the values from `at` on, the oldest first, and its standard error.

    Computed anew at each bar, from distances to the newest value: sums that slide along would leave nothing of the
    small distances from the line. Values are taken in pairs that lie equally far from the middle of the window.
    """
    first, last, pairs = at, at + length - 1, length // 2
    beside_middle = 0.0 if length % 2 == 0 else values[at + pairs] - newest
    total, slanted, reach = beside_middle, 0.0, 0.5 * (length - 1.0)
    for k in range(pairs):
        early, late = values[first + k] - newest, values[last - k] - newest
        total += early + late
        slanted += (late - early) * (reach - k)
    mean, slope = total * (1.0 / length), slanted * (12.0 / (length * (length * length - 1.0)))
    beside = beside_middle - mean if length % 2 == 1 else 0.0
    squares = beside * beside
    for k in range(pairs):
        rise = slope * (reach - k)
        early, late = values[first + k] - newest - mean + rise, values[last - k] - newest - mean - rise
        squares += early * early + late * late
    return newest + mean + slope * reach, math.sqrt(squares * (1.0 / (length - 2.0)))
