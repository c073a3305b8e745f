"""Mark prices brought onto the bars of a run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wickwork.model.bars import Bars, Floats, Times, iso
from wickwork.model.errors import InputError
from wickwork.model.timeframe import Timeframe

MOST_TIMES = 2.0
"""How many times the traded price, or what part of it, the mark price may be in the median of a run."""


def marks_over(
    marks: Bars, opened_at: Times, timeframe: Timeframe
) -> tuple[NDArray[np.bool_], tuple[Floats, Floats, Floats, Floats]]:
    """Which of the bars that open then the series covers completely; open, high, low and close of the mark price there.

    Raises InputError where the timeframe of the series does not divide that of the bars.
    """
    if marks.timeframe > timeframe or not marks.timeframe.divides(timeframe):
        raise InputError(
            f"Mark prices of {marks.instrument} are bars of {marks.timeframe}, but the run goes over bars of "
            f"{timeframe}: give mark prices of {timeframe} or of a shorter timeframe that divides it, or leave the "
            "finer bars out."
        )
    count = timeframe.milliseconds // marks.timeframe.milliseconds
    first = np.searchsorted(marks.opened_at, opened_at)
    covered = np.searchsorted(marks.opened_at, opened_at + timeframe.milliseconds) - first == count
    rows = first[covered, None] + np.arange(count)
    return covered, (
        marks.open[rows[:, 0]],
        marks.high[rows].max(axis=1),
        marks.low[rows].min(axis=1),
        marks.close[rows[:, -1]],
    )


def refuse_misfits(marks: Bars, bars: Bars) -> None:
    """Raise InputError where a series covers no bar, or is of another instrument or unit than the traded prices."""
    covered, prices = marks_over(marks, bars.opened_at, bars.timeframe)
    if not len(marks):
        raise InputError(f"The mark prices of {marks.instrument} have no bars; leave them out.")
    if not covered.any():
        spans = [f"{iso(int(one.opened_at[0]))} to {iso(int(one.opened_at[-1]))}" for one in (marks, bars)]
        raise InputError(
            f"The mark prices of {marks.instrument} cover no bar of the run: they are of {spans[0]}, the bars of "
            f"{spans[1]}. Give mark prices of that time, or leave them out."
        )
    times = float(np.median(prices[3] / bars.close[covered]))
    if not 1.0 / MOST_TIMES <= times <= MOST_TIMES:
        raise InputError(
            f"The mark prices of {marks.instrument} are {times:.3g} times its traded prices (median of "
            f"{int(covered.sum()):,} bars): they are of another instrument, or in another unit. Give those of "
            f"{marks.instrument} in {bars.instrument.quote}."
        )
