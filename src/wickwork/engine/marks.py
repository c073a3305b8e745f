"""The mark price of perpetuals, on the bars of a run: docs/matching.md, section 10."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.graph.operation import CLOSE, HIGH, LOW, OPEN
from wickwork.market.marks import marks_over, refuse_misfits
from wickwork.model.bars import Bars, Floats, Times
from wickwork.model.errors import InputError
from wickwork.model.instrument import Kind
from wickwork.model.several import several
from wickwork.model.timeframe import Timeframe
from wickwork.orders.frame import MARK_COLUMNS

Columns = tuple[Any, ...]
"""Arrays, open, high, low and close first."""


def marks_by_instrument(given: Bars | Sequence[Bars], bars: Sequence[Bars]) -> dict[str, Bars]:
    """The mark prices of each instrument, by its name.

    Raises InputError where one has two series, is no perpetual, or has a series that does not fit its bars, and where
    anything else than bars is given.
    """
    result: dict[str, Bars] = {}
    for one in several(given, Bars, "mark_prices", "load_mark_prices"):
        name = str(one.instrument)
        if name in result:
            raise InputError(f"Mark prices of {name} are given twice.")
        if one.instrument.kind is not Kind.PERPETUAL:
            raise InputError(f"Mark prices decide liquidations of perpetuals; {name} is none.")
        for own in bars:
            if str(own.instrument) == name:
                refuse_misfits(one, own)
        result[name] = one
    return result


def mark_columns(
    marks: Bars | None, timeframe: Timeframe, grid: Times, columns: Columns, finer: Columns | None
) -> Columns:
    """The columns of one lane as `orders.frame.MARK_COLUMNS` says.

    `columns` are those of its bars on the grid, `finer` those of `Feed.finer`. A bar that the series does not cover
    completely has its own prices for mark prices, as have all bars without a series.
    """
    fine: Columns = finer[1:5] if finer else (None,) * 4
    coarse: Columns = tuple(columns[k] for k in (OPEN, HIGH, LOW, CLOSE))
    low, high = columns[LOW], columns[HIGH]
    if marks is not None:
        coarse = _over(marks, grid, timeframe, coarse)
        low, high = np.minimum(low, coarse[LOW]), np.maximum(high, coarse[HIGH])
    if marks is not None and finer:
        step = timeframe.milliseconds // int(np.diff(finer[0]).max())
        per_bar = np.diff(finer[0])
        begins = np.repeat(grid, per_bar)
        inside = np.arange(len(begins)) - np.repeat(finer[0][:-1], per_bar)
        fine = _over(marks, begins + inside * step, Timeframe(step), fine)
        walked = per_bar > 0
        low[walked] = np.minimum(low[walked], np.minimum.reduceat(fine[LOW], finer[0][:-1][walked]))
        high[walked] = np.maximum(high[walked], np.maximum.reduceat(fine[HIGH], finer[0][:-1][walked]))
    return (*coarse, *fine, low, high)


def covered(marks: Bars, bars: Bars) -> int:
    """How many of the bars the series covers completely."""
    return int(marks_over(marks, bars.opened_at, bars.timeframe)[0].sum())


def addresses_of(lanes: Sequence[Columns]) -> NDArray[np.int64]:
    """The addresses of the columns of all lanes, 0 where there is none."""
    found = [[0 if column is None else column.ctypes.data for column in lane] for lane in lanes]
    return np.array(found, np.int64).reshape(len(lanes), MARK_COLUMNS)


def _over(marks: Bars, opened_at: Times, timeframe: Timeframe, prices: Columns) -> tuple[Floats, ...]:
    """Mark prices in the bars that open then; `prices` in bars that are not covered, or are not there (NaN)."""
    good, found = marks_over(marks, opened_at, timeframe)
    there = ~np.isnan(prices[CLOSE])
    result = tuple(np.array(column, np.float64) for column in prices)
    for column, values in zip(result, found, strict=True):
        column[good & there] = values[there[good]]
    return result
