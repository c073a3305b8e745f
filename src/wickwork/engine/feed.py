"""The bars of a run, on one common grid of time, as the compiled loop reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.marks import Columns, addresses_of, mark_columns
from wickwork.graph.operation import AVERAGE_RANGE, CLOSE, DATA, EQUITY, HIGH, LAST_CLOSE, LOW, OPEN, TIME, VOLUME
from wickwork.model.bars import Bars, Floats, Times
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.funding import FundingRates
from wickwork.model.instrument import Instrument, Kind
from wickwork.model.other_bars import FIELDS, missing_bars, split_column
from wickwork.model.timeframe import HOUR, Timeframe

FUNDING_INTERVAL = 8 * HOUR
ATR_PERIOD = 14


@dataclass(frozen=True)
class Feed:
    """Columns of market data for one or more instruments."""

    instruments: tuple[Instrument, ...]
    timeframe: Timeframe
    opened_at: Times
    columns: tuple[tuple[Any, ...], ...]
    """Per lane: open, high, low, close, volume, last close (carried over missing bars), time, ATR; None where nothing
    reads it."""
    external: Mapping[str, tuple[Floats, ...]] = field(default_factory=dict)
    """Columns from outside by name, one for each lane; only those that all lanes have."""
    _others: dict[str, tuple[Floats, ...]] = field(default_factory=dict, init=False, repr=False)
    """Columns of other instruments' bars that were read; compiled code has their addresses, so they stay."""
    finer: tuple[tuple[Any, ...] | None, ...] = ()
    """Per lane: first finer bar of each bar (one more at the end), and open, high, low, close, volume of the finer
    bars."""
    most_finer: int = 0
    """The most finer bars that one bar has."""
    funding: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, np.int64)[:0])
    """Rows of int64: a bar's number, and for each lane the bits of the float64 rate charged at its open."""

    marks: tuple[Columns, ...] = ()
    """Per lane the mark prices: `orders.frame.MARK_COLUMNS`; empty where no lane has any."""

    @property
    def size(self) -> int:
        """Bars on the common grid."""
        return len(self.opened_at)

    def outside(self, name: str) -> tuple[Floats, ...]:
        """A column from outside, or one of another instrument's bars (`BTC/USDT.close`), one array for each lane.

        Bars of an instrument of the run are those of its lane, NaN where the reading lane has no bar of its own.
        Raises InputError for a column that is not there.
        """
        source = lane_column(name, self.instruments)
        if source is None:
            if name not in self.external:
                raise missing_column(name, self.external, self.instruments)
            return self.external[name]
        if name not in self._others:
            lane, field = source
            values, bare = self.columns[lane][field], [np.isnan(columns[CLOSE]) for columns in self.columns]
            self._others.setdefault(
                name, tuple(np.where(holes, np.nan, values) if holes.any() else values for holes in bare)
            )
        return self._others[name]

    def addresses(self, equity: NDArray[np.float64], external: Sequence[str] = ()) -> NDArray[np.int64]:
        """The addresses of the columns: `DATA` for each lane, then those of the named columns from outside.

        Raises InputError for a column that is not there.
        """
        table = np.zeros((len(self.columns), DATA + len(external)), np.int64)
        for j, name in enumerate(external):
            for lane, column in enumerate(self.outside(name)):
                table[lane, DATA + j] = column.ctypes.data
        for lane, columns in enumerate(self.columns):
            for k, column in enumerate(columns):
                table[lane, k] = column.ctypes.data if column is not None else 0
            table[lane, EQUITY] = equity[lane].ctypes.data
        return table

    def mark_addresses(self) -> NDArray[np.int64]:
        """The addresses of the mark prices: a row for each lane; no rows where no lane has any."""
        return addresses_of(self.marks)

    def finer_addresses(self) -> NDArray[np.int64]:
        """The addresses of the finer bars: six addresses for each lane, zeros where there are none."""
        table = np.zeros((len(self.columns), 6), np.int64)
        for lane, columns in enumerate(self.finer):
            if columns is not None:
                table[lane] = [column.ctypes.data for column in columns]
        return table


def feed_of(
    bars: Sequence[Bars],
    *,
    finer: Mapping[Instrument, Bars] | None = None,
    needs_average_range: bool = False,
    funding_rate: float | Mapping[str, float | FundingRates] = 0.0,
    marks: Mapping[str, Bars] | None = None,
) -> Feed:
    """Bring the bars of several instruments onto one grid; where an instrument has no bar its columns are NaN.

    `funding_rate` is what every perpetual charges each eight hours, or, by the name of an instrument, such a rate or a
    series. `marks` are the mark prices of perpetuals, by name.

    Raises InputError where there are no bars, for bars of several timeframes, and for finer bars or mark prices whose
    timeframe does not divide that of the bars.
    """
    if not any(len(b) for b in bars):
        raise InputError("There are no bars to run on; ask for another span of time, or import data.")
    timeframe = bars[0].timeframe
    for b in bars:
        if b.timeframe != timeframe:
            raise InputError(f"All bars of a run must have one timeframe; {bars[0]!r} and {b!r} differ.")
    grid = bars[0].opened_at
    if any(len(b) != len(grid) or not np.array_equal(b.opened_at, grid) for b in bars[1:]):
        grid = np.unique(np.concatenate([b.opened_at for b in bars]))
    columns = tuple(_columns(b, grid, needs_average_range) for b in bars)
    fine = [_finer(b, grid, (finer or {}).get(b.instrument)) for b in bars]
    most = max((int(np.diff(f[0]).max()) for f in fine if f is not None), default=0)

    def rate_of(instrument: Instrument) -> float | FundingRates:
        if instrument.kind is not Kind.PERPETUAL:
            return 0.0
        return funding_rate.get(str(instrument), 0.0) if isinstance(funding_rate, Mapping) else funding_rate

    def marks_of(lane: int) -> Columns:
        own = (marks or {}).get(str(bars[lane].instrument))
        return mark_columns(own, timeframe, grid, columns[lane], fine[lane])

    shared = [name for name in bars[0].columns if all(name in b.columns for b in bars)]
    return Feed(
        instruments=tuple(b.instrument for b in bars),
        timeframe=timeframe,
        opened_at=grid,
        columns=columns,
        external={name: tuple(_spread(b.columns[name], b, grid) for b in bars) for name in shared},
        finer=tuple(fine) if most else (),
        most_finer=most,
        funding=funding_of(grid, *(rate_of(b.instrument) for b in bars)),
        marks=tuple(marks_of(lane) for lane in range(len(bars))) if marks else (),
    )


def lane_column(name: str, instruments: Sequence[Instrument]) -> tuple[int, int] | None:
    """The lane and the column of the market that a column of another instrument's bars is; None where it is none.

    Raises InputError where several instruments have that name.
    """
    split = split_column(name)
    lanes = [lane for lane, one in enumerate(instruments) if split and str(one) == split[0]]
    if len({instruments[lane] for lane in lanes}) > 1:
        raise InputError(
            f"The strategy reads the bars of {instruments[lanes[0]]}, which the run has of several venues; "
            "trade one of them."
        )
    return (lanes[0], FIELDS.index(split[1])) if split and lanes else None


def missing_column(name: str, known: Iterable[str], instruments: Iterable[Instrument]) -> InputError:
    """What to raise where a program reads a column that the bars do not have."""
    split = split_column(name)
    if split:
        beside = (other[0] for one in known if (other := split_column(one)))
        return missing_bars(split[0], map(str, instruments), dict.fromkeys(beside))
    known = [one for one in known if not split_column(one)]
    have = ", ".join(sorted(known))
    return InputError(
        f"The strategy reads the column {name!r} from outside, which the bars do not have; they have "
        f"{have or 'none beside open, high, low, close and volume'}.{did_you_mean(name, known)} Give it with "
        "`columns=` or `--columns`."
    )


def _spread(values: Floats, bars: Bars, grid: Times) -> Floats:
    """Values of bars on the common grid, NaN where there is no bar."""
    if len(bars) == len(grid):
        return np.ascontiguousarray(values)
    result = np.full(len(grid), np.nan)
    result[np.searchsorted(grid, bars.opened_at)] = values
    return result


def _columns(bars: Bars, grid: Times, needs_average_range: bool) -> tuple[Any, ...]:
    """The columns of one instrument on the grid, as `graph.operation` numbers them (`OPEN` … `AVERAGE_RANGE`)."""
    whole = len(bars) == len(grid)

    def spread(values: Floats) -> Floats:
        return _spread(values, bars, grid)

    close = spread(bars.close)
    last_close = close if whole else _carried(close, 0.0)
    table: list[Any] = [None] * (DATA - 1)
    table[OPEN], table[HIGH], table[LOW] = spread(bars.open), spread(bars.high), spread(bars.low)
    table[CLOSE], table[VOLUME], table[LAST_CLOSE] = close, spread(bars.volume), last_close
    table[TIME] = np.ascontiguousarray(grid)
    table[AVERAGE_RANGE] = _carried(spread(average_true_range(bars)), np.nan) if needs_average_range else None
    return tuple(table)


def _carried(values: Floats, first: float) -> Floats:
    """Holes filled with the value before; with `first` in front of the first."""
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(len(values))))
    return np.where(last >= 0, values[last], first)


class AverageTrueRange:
    """Wilder's ATR 14 bar after bar: the seed is the mean of the first 14 true ranges that have a previous close."""

    def __init__(self) -> None:
        self.close, self.seen, self.value = np.nan, 0, 0.0

    def add(self, high: float, low: float, close: float) -> float:
        """Take one bar and return the range after it, NaN while there are too few."""
        before, self.close = self.close, close
        if before != before:
            return np.nan
        reach = max(high, before) - min(low, before)
        self.seen += 1
        if self.seen <= ATR_PERIOD:
            self.value += reach
            if self.seen == ATR_PERIOD:
                self.value /= ATR_PERIOD
        else:
            self.value += (reach - self.value) * (1.0 / ATR_PERIOD)
        return self.value if self.seen >= ATR_PERIOD else np.nan


def average_true_range(bars: Bars) -> Floats:
    """Wilder's ATR 14 of the bars, NaN while there are too few."""
    ranges = AverageTrueRange()
    rows = zip(bars.high.tolist(), bars.low.tolist(), bars.close.tolist(), strict=True)
    return np.array([ranges.add(*row) for row in rows], np.float64)


def _finer(bars: Bars, grid: Times, finer: Bars | None) -> tuple[Any, ...] | None:
    """The finer bars of each bar, where they cover it completely and agree with it."""
    if finer is None:
        return None
    if finer.timeframe >= bars.timeframe or not finer.timeframe.divides(bars.timeframe):
        raise InputError(
            f"Finer bars of {bars.instrument} are {finer.timeframe}, which does not divide {bars.timeframe}."
        )
    count = bars.timeframe.milliseconds // finer.timeframe.milliseconds
    first = np.searchsorted(finer.opened_at, bars.opened_at)
    last = np.searchsorted(finer.opened_at, bars.opened_at + bars.timeframe.milliseconds)
    good = last - first == count
    whole = np.flatnonzero(good)
    rows = first[whole, None] + np.arange(count)
    agrees = (
        (finer.open[first[whole]] == bars.open[whole])
        & (finer.close[last[whole] - 1] == bars.close[whole])
        & (finer.high[rows].max(axis=1) == bars.high[whole])
        & (finer.low[rows].min(axis=1) == bars.low[whole])
    )
    good[whole[~agrees]] = False
    if not good.any():
        return None
    taken = (first[good][:, None] + np.arange(count)).ravel()
    has = np.zeros(len(grid) + 1, np.int64)
    has[np.searchsorted(grid, bars.opened_at[good]) + 1] = count
    columns = (finer.open, finer.high, finer.low, finer.close, finer.volume)
    return (np.cumsum(has), *(np.ascontiguousarray(c[taken]) for c in columns))


def funding_of(opened_at: Times, *rates: float | FundingRates) -> NDArray[np.int64]:
    """Which bars are charged funding, and how much, for each lane: the rows of `charge_table`."""
    return charges_of(charge_table(opened_at, *rates))


def charge_table(opened_at: Times, *rates: float | FundingRates) -> Floats:
    """The rate that each bar (rows) charges each lane (columns) at its open.

    A number is charged every eight hours (00:00, 08:00, 16:00 UTC), a series at its own moments; a bar is charged for
    the moments since the opening of the bar before, its own opening included.
    """
    table = np.zeros((len(opened_at), len(rates)))
    for lane, rate in enumerate(rates):
        if isinstance(rate, FundingRates):
            bar = np.searchsorted(opened_at, rate.times)
            due = (bar > 0) & (bar < len(opened_at))
            np.add.at(table[:, lane], bar[due], rate.rates[due])
        else:
            moments = opened_at // FUNDING_INTERVAL
            table[:, lane] = np.diff(moments, prepend=moments[0]) * rate
    return table


def charges_of(table: Floats) -> NDArray[np.int64]:
    """The bars that are charged something: rows of int64, the bar's number, and for each lane the bits of the rate."""
    charged = np.flatnonzero((table != 0.0).any(axis=1))
    rows = np.zeros((len(charged), 1 + table.shape[1]), np.int64)
    rows[:, 0] = charged
    rows[:, 1:] = table[charged].view(np.int64)
    return rows.ravel()
