"""Bars as a file has them, before they are checked; and what a check can find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wickwork.model.bars import COLUMNS, LEAST_PRICE, MOST_PRICE, MOST_VOLUME, PRICES, Bars, Floats, Times
from wickwork.model.instrument import Instrument
from wickwork.model.moments import EARLIEST, LATEST
from wickwork.model.timeframe import Timeframe

NO_TIME = int(np.iinfo(np.int64).min)
"""Stands in `RawBars.opened_at` where a row has no readable time."""

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Unreadable:
    """A cell that could not be read: the position of its row in the file (from 0), the column, and its text."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        if self.column == "row":
            return f"row {self.row} has another number of cells than the header: {self.text!r}"
        what = "a time" if self.column == "opened_at" else "a number"
        return f"row {self.row} has the {self.column} {self.text!r}, which is not {what}"


@dataclass(frozen=True)
class Finding:
    """A fault or an oddity of `count` bars between the opening times `first` and `last` (ms UTC; 0 where unknown)."""

    kind: str
    severity: Severity
    first: int
    last: int
    count: int
    sentence: str


@dataclass(frozen=True, eq=False)
class RawBars:
    """The columns of `Bars` in the order of the file, with nothing sorted, dropped or checked.

    `opened_at` is in ms since 1970 UTC, or NO_TIME; a missing or unreadable number is NaN. All columns have one length.
    """

    instrument: Instrument
    timeframe: Timeframe
    opened_at: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    source: str
    unreadable: tuple[Unreadable, ...] = ()
    """The first cells that could not be read: at most a hundred, and as many malformed rows in front of them."""
    malformed: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Positions in the file (from 0) of rows with another number of cells than the header; the columns lack them."""
    naive_times: bool = False
    """True when the file's times did not name a zone; they were taken as UTC."""
    findings: tuple[Finding, ...] = ()
    """What is wrong with the file as a whole; with an error none of its rows can be used."""

    def __len__(self) -> int:
        return len(self.opened_at)

    def row_in_file(self, row: int) -> int:
        """The position in the file (from 0) of a row of the columns."""
        return row + int(np.searchsorted(self.malformed - np.arange(len(self.malformed)), row, side="right"))


def broken_rules(bars: RawBars | Bars) -> dict[str, NDArray[np.bool_]]:
    """For each rule that a row can break by itself, which rows break it; a row counts under the first that it breaks.

    The rules: `time` (there is one, from 2000 to 2100), `grid` (it is an opening time of the timeframe), `price`
    (from 1e-18 to 1e18), `volume` (from 0 to 1e30), `ohlc` (open and close lie between low and high).
    """
    times = bars.opened_at
    prices = [getattr(bars, name) for name in PRICES]
    bottom, top = np.minimum(bars.open, bars.close), np.maximum(bars.open, bars.close)
    with np.errstate(invalid="ignore"):
        rules = {
            "time": (times < EARLIEST) | (times >= LATEST),  # NO_TIME as well
            "grid": (times - bars.timeframe.floor(0)) % bars.timeframe.milliseconds != 0,
            "price": ~np.logical_and.reduce([(one >= LEAST_PRICE) & (one <= MOST_PRICE) for one in prices]),
            "volume": ~((bars.volume >= 0.0) & (bars.volume <= MOST_VOLUME)),
            "ohlc": (bars.low > bottom) | (bars.high < top),
        }
    blamed = np.zeros(len(times), dtype=bool)
    for name, wrong in rules.items():
        rules[name] = wrong & ~blamed
        blamed |= wrong
    return rules


def describe_row(bars: RawBars | Bars, row: int) -> str:
    """The values of a row for a sentence: `open 1.0, high 2.0, …`."""
    return ", ".join(f"{name} {getattr(bars, name)[row]:.10g}" for name in COLUMNS)
