from __future__ import annotations

import numpy as np

from wickwork.market.demo.days import DEMO_START, DEMO_STOP
from wickwork.market.demo.minutes import MINUTES, minutes
from wickwork.market.demo.table import demo_instrument
from wickwork.market.resample import resample
from wickwork.model.bars import Bars, Floats
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import DAY, MINUTE, Timeframe, parse_timeframe

DEMO_SOURCE = "demo market (synthetic)"
_CHUNK = 64  # days made at once, so that the columns stay in the processor's cache


def demo_bars(
    instrument: Instrument | str,
    timeframe: Timeframe | str,
    start: int | None = None,
    stop: int | None = None,
) -> Bars:
    """The demo market's bars that open at or after `start` and before `stop` (ms UTC; None: its first or last bar).

    A bar has the same values in every requested span, and every bar is whole: one that would reach out of
    DEMO_START to DEMO_STOP is left out. The instrument is a spot or perpetual one of the demo market in any spelling
    (its venue does not matter). Raises NotFound for another, InputError for a timeframe that minutes cannot make.
    """
    wanted, frame = demo_instrument(instrument), parse_timeframe(timeframe)
    step = frame.milliseconds
    if step % MINUTE:
        raise InputError(f"The demo market has no bars of {frame}; its fastest are of 1m.")
    first = -(-(max(DEMO_START if start is None else start, DEMO_START) - frame.floor(0)) // step) * step + frame.floor(
        0
    )
    last = min(DEMO_STOP if stop is None else stop, DEMO_STOP)  # the last bar opens before it…
    end = min(frame.floor(last - 1) + step, frame.floor(DEMO_STOP))  # …and closes here
    if first >= end:
        return Bars.of(wanted, frame, [], [], [], [], [], [], source=DEMO_SOURCE)
    days = (first - DEMO_START) // DAY, -(-(end - DEMO_START) // DAY)
    fast = frame if DAY % step == 0 else Timeframe(DAY if step % DAY == 0 else MINUTE)
    return resample(_whole_days(wanted, fast, *days).between(first, end), frame)


def _whole_days(instrument: Instrument, timeframe: Timeframe, first: int, last: int) -> Bars:
    """Bars of a timeframe that divides the day, over whole days."""
    size = timeframe.milliseconds // MINUTE
    columns: list[tuple[Floats, ...]] = []
    for day in range(first, last, _CHUNK):
        made = minutes(instrument, day, min(day + _CHUNK, last))
        if size == 1:
            columns.append((made.open, made.high, made.low, made.close, made.volume))
            continue
        columns.append(
            (
                made.open[::size],
                made.high.reshape(-1, size).max(axis=1),
                made.low.reshape(-1, size).min(axis=1),
                made.close[size - 1 :: size],
                made.volume.reshape(-1, size).sum(axis=1),
            )
        )
    opens, highs, lows, closes, volumes = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    opened_at = DEMO_START + first * DAY + timeframe.milliseconds * np.arange((last - first) * MINUTES // size)
    return Bars.of(instrument, timeframe, opened_at, opens, highs, lows, closes, volumes, source=DEMO_SOURCE)
