"""Bars of a longer timeframe from those of a shorter one."""

from __future__ import annotations

import numpy as np

from wickwork.model.bars import Bars
from wickwork.model.errors import InputError
from wickwork.model.timeframe import Timeframe, parse_timeframe


def resample(bars: Bars, timeframe: Timeframe | str) -> Bars:
    """Bars of a longer timeframe: first open, highest high, lowest low, last close, summed volume.

    The timeframe must be a whole multiple of the bars' own; weeks open on Monday. Where bars are missing inside, a
    slower bar is made of those that are present; one without any is missing as well. At both ends a slower bar that may
    be a part of a whole one is left out: the first unless its first faster bar is present, and the last unless its last
    one is. Raises InputError for a timeframe that cannot be built.
    """
    frame = parse_timeframe(timeframe)
    if frame == bars.timeframe:
        return bars
    base, step, origin = bars.timeframe.milliseconds, frame.milliseconds, frame.floor(0)
    if not bars.timeframe.divides(frame) or (origin - bars.timeframe.floor(0)) % base:
        raise InputError(
            f"Bars of {bars.timeframe} cannot be made into bars of {frame}: "
            f"choose a whole multiple of {bars.timeframe} whose bars open together with it."
        )
    opened_at = (bars.opened_at - origin) // step * step + origin
    if len(bars):
        begins, ends = bars.opened_at[0] == opened_at[0], bars.opened_at[-1] + base == opened_at[-1] + step
        start = 0 if begins else int(np.searchsorted(opened_at, opened_at[0], side="right"))
        stop = len(bars) if ends else int(np.searchsorted(opened_at, opened_at[-1]))
        bars, opened_at = bars.slice(start, max(start, stop)), opened_at[start : max(start, stop)]
    if not len(bars):
        return Bars.of(bars.instrument, frame, [], [], [], [], [], [], source=bars.source)
    first = np.flatnonzero(np.diff(opened_at, prepend=opened_at[0] - 1))
    last = np.append(first[1:], len(bars)) - 1
    return Bars.of(
        bars.instrument,
        frame,
        opened_at[first],
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.volume, first),
        source=bars.source,
    )
