"""Mark prices brought onto the bars of a run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wickwork.model.bars import Bars, Floats, Times
from wickwork.model.errors import InputError
from wickwork.model.timeframe import Timeframe


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
