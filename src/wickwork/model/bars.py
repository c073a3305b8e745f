"""Bars: open, high, low, close and volume of one instrument over one timeframe, as columns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wickwork.model.columns import Floats as Floats
from wickwork.model.columns import aligned, column_name
from wickwork.model.errors import InputError
from wickwork.model.frames import columns_of, timeframe_of
from wickwork.model.instrument import Instrument, parse_instrument
from wickwork.model.moments import EARLIEST, LATEST, moment_of, to_milliseconds, unit_hint
from wickwork.model.moments import Times as Times
from wickwork.model.other_bars import split_column
from wickwork.model.timeframe import Timeframe, parse_timeframe

PRICES = ("open", "high", "low", "close")
COLUMNS = (*PRICES, "volume")
LEAST_PRICE, MOST_PRICE, MOST_VOLUME = 1e-18, 1e18, 1e30
"""Beyond these it is no market, and sums of money would leave what floats can hold."""


@dataclass(frozen=True, eq=False)
class Bars:
    """Closed bars in order of time.

    `opened_at` holds opening times in milliseconds since 1970-01-01 UTC, strictly rising and on the grid of the
    timeframe, from 2000 to 2100; holes are allowed. Prices lie between 1e-18 and 1e18, `low <= open, close <= high`,
    volumes are not negative, at most 1e30. `Bars.of` makes and checks them; the columns are read-only.
    """

    instrument: Instrument
    timeframe: Timeframe
    opened_at: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    source: str = field(default="memory")
    """The source of the bars, for display: `store`, a file's name, `demo market (synthetic)`."""
    columns: Mapping[str, Floats] = field(default_factory=dict, repr=False)
    """Columns from outside by name, one value for each bar, NaN where it has none; `with_columns` adds them."""

    @staticmethod
    def of(
        instrument: Instrument,
        timeframe: Timeframe,
        opened_at: ArrayLike,
        open: ArrayLike,  # noqa: A002
        high: ArrayLike,
        low: ArrayLike,
        close: ArrayLike,
        volume: ArrayLike,
        source: str = "memory",
    ) -> Bars:
        """Copy the columns into bars.

        `opened_at` are numbers in ms since 1970 UTC, or datetimes of Python, NumPy or pandas, whose unit is read; those
        without a zone are UTC. Raises InputError that says which bar breaks which rule of `Bars`.
        """
        times = to_milliseconds(opened_at)
        columns = {
            name: np.array(values, dtype=np.float64)
            for name, values in zip(COLUMNS, (open, high, low, close, volume), strict=True)
        }
        fault = first_fault(timeframe, times, columns)
        if fault:
            raise InputError(f"{source}: {fault}")
        for array in (times, *columns.values()):
            array.flags.writeable = False
        o, h, low, c, v = columns.values()
        return Bars(instrument, timeframe, times, o, h, low, c, v, source)

    @staticmethod
    def from_frame(
        frame: Any,
        instrument: Instrument | str,
        timeframe: Timeframe | str | None = None,
        source: str = "DataFrame",
    ) -> Bars:
        """Bars out of a DataFrame of pandas; the inverse of `to_pandas`.

        The columns open, high, low, close and volume may stand in any letter case among others. Times are a
        DatetimeIndex, else a column opened_at, open_time, timestamp, datetime, time or date; they are read as `Bars.of`
        reads them. Without `timeframe` it is the most frequent distance of times. Raises InputError as `Bars.of` does,
        and for a DataFrame that lacks a column or has too few rows to derive the timeframe.
        """
        times, columns = columns_of(frame, COLUMNS)
        step = timeframe_of(times) if timeframe is None else parse_timeframe(timeframe)
        return Bars.of(parse_instrument(instrument), step, times, **columns, source=source)

    def __len__(self) -> int:
        return len(self.opened_at)

    def __repr__(self) -> str:
        span = f"{iso(self.opened_at[0])} to {iso(self.opened_at[-1])}" if len(self) else "empty"
        return f"<{len(self):,} bars of {self.instrument} {self.timeframe}, {span}, from {self.source}>"

    def slice(self, start: int, stop: int) -> Bars:
        """The bars with positions `start <= i < stop`, sharing memory."""
        cut = np.s_[start:stop]
        return replace(
            self,
            opened_at=self.opened_at[cut],
            open=self.open[cut],
            high=self.high[cut],
            low=self.low[cut],
            close=self.close[cut],
            volume=self.volume[cut],
            columns={name: values[cut] for name, values in self.columns.items()},
        )

    def with_columns(self, columns: Mapping[str, Any]) -> Bars:
        """The same bars with columns beside them, which a graph reads with the node `column`.

        A value must be available when its bar closes. Series of pandas are aligned by time (their index is the opening
        time of the bar), arrays have one value for each bar; bars without a value have NaN. Raises InputError where a
        name or a value does not fit. `BTC/USDT.close` names the closes of another instrument, as the node `bars_of`
        reads them.
        """
        added = {
            name if split_column(name) else column_name(name): aligned(name, values, self.opened_at)
            for name, values in columns.items()
        }
        return replace(self, columns={**self.columns, **added})

    def between(self, start: Any, stop: Any) -> Bars:
        """The bars that open at or after `start` and before `stop`; None leaves that end open.

        Both are ms since 1970 UTC, datetimes, or texts like `2024-01-31`. Raises InputError for other values, and for
        numbers that look like another unit.
        """
        low = 0 if start is None else int(np.searchsorted(self.opened_at, moment_of(start)))
        high = len(self) if stop is None else int(np.searchsorted(self.opened_at, moment_of(stop)))
        return self.slice(low, max(low, high))

    def digest(self) -> str:
        """SHA-256 over instrument, timeframe and every column: the same bars always have the same digest."""
        sha = hashlib.sha256(f"{self.instrument.venue}|{self.instrument}|{self.timeframe}|{len(self)}".encode())
        for array in (self.opened_at, self.open, self.high, self.low, self.close, self.volume):
            sha.update(np.ascontiguousarray(array).tobytes())
        for name in sorted(self.columns):
            sha.update(f"|{name}|".encode() + np.ascontiguousarray(self.columns[name]).tobytes())
        return sha.hexdigest()

    def to_pandas(self) -> Any:
        """A DataFrame with the five columns and a UTC time index of opening times."""
        import pandas as pd

        index = pd.DatetimeIndex(self.opened_at.astype("datetime64[ms]"), tz="UTC", name="opened_at")
        return pd.DataFrame({name: getattr(self, name) for name in COLUMNS}, index=index)


def iso(moment: int | np.int64) -> str:
    """A moment in ms since 1970 as `2024-01-31T12:00:00Z`."""
    return f"{np.datetime64(int(moment), 'ms').astype('datetime64[s]')}Z"


def first_fault(timeframe: Timeframe, times: Times, columns: dict[str, Floats]) -> str:
    """The first rule of `Bars` that these columns break, as a sentence; empty when there is none."""
    size = len(times)
    for name, values in columns.items():
        if values.shape != times.shape:
            return f"the column {name} has {values.shape[0] if values.ndim else 0} values for {size} times."
    if size == 0:
        return ""

    def at(wrong: NDArray[np.bool_]) -> str:
        i = int(np.argmax(wrong))
        return f"bar {i} ({iso(times[i])})"

    outside = (times < EARLIEST) | (times >= LATEST)
    if outside.any():
        return f"{at(outside)} opens outside 2000 to 2100; {unit_hint(int(times[np.argmax(outside)]))}."
    late = np.diff(times) <= 0
    if late.any():
        i = int(np.argmax(late)) + 1
        what = "repeats" if times[i] == times[i - 1] else "comes before"
        return f"bar {i} ({iso(times[i])}) {what} the bar in front of it; sort the rows and drop duplicates."
    step = timeframe.milliseconds
    off = (times - timeframe.floor(0)) % step != 0
    if off.any():
        return f"{at(off)} does not open on the {timeframe} grid; name the timeframe that the file holds."
    for name in PRICES:
        values = columns[name]
        bad = ~((values >= LEAST_PRICE) & (values <= MOST_PRICE))
        if bad.any():
            told = f"{at(bad)} has the {name} {values[np.argmax(bad)]}"
            return f"{told}; prices must be finite and above 0, from 1e-18 to 1e18."
    volume = columns["volume"]
    bad = ~((volume >= 0.0) & (volume <= MOST_VOLUME))
    if bad.any():
        return (
            f"{at(bad)} has the volume {volume[np.argmax(bad)]}; volumes must be finite and not negative, at most 1e30."
        )
    top, bottom = columns["high"], columns["low"]
    bad = (columns["open"] > top) | (columns["close"] > top) | (columns["open"] < bottom) | (columns["close"] < bottom)
    if bad.any():
        return f"{at(bad)} has an open or close outside its low and high; mend the row or leave it out."
    return ""
