"""The newest bar of every instrument, laid out as the compiled loop reads a whole history.

The loop finds bar t at `column + 8·t`. A window holds two bars, the newest and the one before it, and its
column addresses are shifted as if the whole history preceded them. So its size is constant, and bar t + 1 cannot be
read.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.feed import FUNDING_INTERVAL, AverageTrueRange, lane_column, missing_column
from wickwork.graph.operation import AVERAGE_RANGE, CLOSE, DATA, EQUITY, HIGH, LAST_CLOSE, LOW, OPEN, TIME
from wickwork.model.bars import COLUMNS, LEAST_PRICE, MOST_PRICE, MOST_VOLUME, first_fault, iso
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.events import BarsClosed, Row
from wickwork.model.finite import is_finite
from wickwork.model.instrument import Instrument, Kind
from wickwork.model.timeframe import Timeframe
from wickwork.orders.frame import MARK_COLUMNS, SCAN_HIGHS, SCAN_LOWS
from wickwork.sim.terms import Terms

_BEFORE, _NOW = 0, 1
_MISSING = (float("nan"),) * 5


@dataclass(frozen=True)
class Universe:
    """The instruments and the timeframes of the bars that a run receives."""

    instruments: tuple[Instrument, ...]
    timeframe: Timeframe
    finer: Timeframe | None = None
    """The shorter bars that come inside the bars, if any."""
    funding: tuple[str, ...] = ()
    """The instruments whose funding rates come with the bars; others are charged the constant rate of the terms."""
    marks: tuple[str, ...] = ()
    """The instruments whose mark prices come with the bars; these have no shorter bars inside them then."""

    def __post_init__(self) -> None:
        perpetuals = [str(one) for one in self.instruments if one.kind is Kind.PERPETUAL]
        for what, names in (("funding rates", self.funding), ("mark prices", self.marks)):
            for name in names:
                if name not in perpetuals:
                    raise InputError(
                        f"There are {what} of {name}, but the perpetuals of the run are "
                        f"{', '.join(perpetuals) or 'none'}.{did_you_mean(name, perpetuals)}"
                    )
        if self.finer and self.marks:
            raise InputError(
                f"The mark prices of {', '.join(self.marks)} come with the bars, not with shorter bars of {self.finer} "
                "inside them; leave the shorter bars out (--finer none) or the mark prices."
            )

    @property
    def most_finer(self) -> int:
        """How many shorter bars one bar has."""
        return self.timeframe.milliseconds // self.finer.milliseconds if self.finer else 0


class BarWindow:
    """The counterpart of `Feed` for bars that arrive one moment after the other."""

    def __init__(self, universe: Universe, terms: Terms, external: tuple[str, ...] = ()) -> None:
        """Hold what a run of these instruments needs; `external` names the columns from outside that are read."""
        lanes = len(universe.instruments)
        self.universe, self.instruments, self.timeframe = universe, universe.instruments, universe.timeframe
        self.size, self.most_finer = 0, universe.most_finer
        self.opened_at: int | None = None
        """When the newest bar opened."""
        self.funding_before = 0
        """The number of funding moments that every open position has paid; they are no longer stored."""
        self._charges: list[int] = []
        self._rates = [terms.of(str(i)).funding_rate if i.kind is Kind.PERPETUAL else 0.0 for i in universe.instruments]
        self._ranges = [AverageTrueRange() for _ in universe.instruments] if terms.slippage_model == "atr" else []
        self._values = np.full((lanes, DATA - 1, 2), np.nan)
        self._values[:, LAST_CLOSE] = 0.0
        self._times = self._values[:, TIME].view(np.int64)
        self._times[:] = 0
        # Single numbers are written through this: one by one numpy takes ten times as long.
        self._cells = self._values.data.cast("B").cast("d")
        self.external = external
        self._others = [lane_column(name, self.instruments) for name in external]
        self._outside = np.full((lanes, max(len(external), 1), 2), np.nan)
        self._inside = np.zeros((lanes, 5, max(self.most_finer, 1)))
        self._starts = np.zeros((lanes, 2), np.int64)
        self._marks = np.full((lanes, MARK_COLUMNS, 2) if universe.marks else (0, MARK_COLUMNS, 2), np.nan)
        self._mark_columns = _addresses(self._marks)
        self._columns = _addresses(self._values)
        self._columns_inside = np.column_stack([_addresses(self._starts), _addresses(self._inside)])

    @property
    def funding(self) -> NDArray[np.int64]:
        """The funding moments that are stored, in the layout of `Feed.funding`."""
        return np.array(self._charges, np.int64)

    def push(self, event: BarsClosed) -> bool:
        """Take bars that `refuse_faults` let pass; True when funding was charged since the ones before."""
        charged = self._charge(event.opened_at, event.funding)
        values, cells = self._values, self._cells
        values[:, :, _BEFORE] = values[:, :, _NOW]  # last close and range stay where no bar brings others
        self._times[:, _NOW] = event.opened_at
        for lane, row in enumerate(event.rows):
            at = 2 * (DATA - 1) * lane + _NOW
            for k, number in enumerate(row or _MISSING, OPEN):
                cells[at + 2 * k] = number
            if row is None:
                continue
            cells[at + 2 * LAST_CLOSE] = row[CLOSE]
            if self._ranges:
                cells[at + 2 * AVERAGE_RANGE] = self._ranges[lane].add(row[HIGH], row[LOW], row[CLOSE])
        if self.external:
            self._take_outside(event)
        if self.most_finer:
            self._take_inside(event)
        if self.universe.marks:
            self._take_marks(event)
        self.opened_at = event.opened_at
        self.size += 1
        return charged

    def _take_outside(self, event: BarsClosed) -> None:
        """Take the columns from outside and those of other instruments' bars, where their instrument has a bar."""
        self._outside[:, :, _BEFORE] = self._outside[:, :, _NOW]
        for j, (name, other) in enumerate(zip(self.external, self._others, strict=True)):
            values: Sequence[float | None] = event.columns[name] if other is None else self._of_lane(event, *other)
            for lane, (row, value) in enumerate(zip(event.rows, values, strict=True)):
                self._outside[lane, j, _NOW] = np.nan if row is None or value is None else value

    def _of_lane(self, event: BarsClosed, lane: int, column: int) -> list[float | None]:
        """A column of one instrument's bar for every lane; None where it has no bar."""
        row = event.rows[lane]
        return [None if row is None else row[column]] * len(event.rows)

    def _take_marks(self, event: BarsClosed) -> None:
        """Take the mark prices; a bar without has its own prices."""
        for lane, (row, mark) in enumerate(zip(event.rows, event.marks, strict=True)):
            own = (row or _MISSING)[:4]
            prices = own if row is None or mark is None else mark
            self._marks[lane, :4, _NOW] = prices
            self._marks[lane, SCAN_LOWS, _NOW] = min(own[LOW], prices[LOW])
            self._marks[lane, SCAN_HIGHS, _NOW] = max(own[HIGH], prices[HIGH])

    def _take_inside(self, event: BarsClosed) -> None:
        """Take the shorter bars of a moment, where they make up their bar."""
        self._starts[:] = 0
        for lane, (row, within) in enumerate(zip(event.rows, event.finer, strict=True)):
            if row is not None and within and self._agrees(row, within):
                self._inside[lane] = np.array(within).T
                self._starts[lane, 1] = self.most_finer

    def place(self, data: NDArray[np.int64], finer: NDArray[np.int64], marks: NDArray[np.int64]) -> None:
        """Write into a machine's tables the column addresses, shifted as if the window were a whole history."""
        self._place_columns(data)
        if self.most_finer:
            self._place_inside(finer)
        if self.universe.marks:
            np.subtract(self._mark_columns, 8 * (self.size - 2), out=marks)

    def _place_columns(self, data: NDArray[np.int64]) -> None:
        """Write addresses such that the newest bar lies at the number that it has in the run."""
        np.subtract(self._columns, 8 * (self.size - 2), out=data[:, :EQUITY])
        if self.external:
            np.subtract(_addresses(self._outside), 8 * (self.size - 2), out=data[:, DATA:])

    def _place_inside(self, finer: NDArray[np.int64]) -> None:
        """The same for the bars inside of the newest bar."""
        finer[:] = self._columns_inside
        finer[:, 0] -= 8 * (self.size - 1)

    def addresses(self, equity: NDArray[np.float64], external: Sequence[str] = ()) -> NDArray[np.int64]:
        """The (shifted) addresses of the columns, and of equity: `DATA` addresses for each lane.

        Those of the columns from outside follow; they must be the window's own.

        Raises InputError for other columns.
        """
        if tuple(external) != self.external:
            raise InputError(f"The window holds the columns {self.external} from outside, not {tuple(external)}.")
        table = np.zeros((len(self.instruments), DATA + len(external)), np.int64)
        self._place_columns(table)
        table[:, EQUITY] = _addresses(equity)
        return table

    def finer_addresses(self) -> NDArray[np.int64]:
        """The same for the shorter bars: six addresses for each lane, zeros where there are none."""
        table = np.zeros((len(self.instruments), 6), np.int64)
        if self.most_finer:
            self._place_inside(table)
        return table

    def mark_addresses(self) -> NDArray[np.int64]:
        """As `Feed.mark_addresses`."""
        return self._mark_columns - 8 * (self.size - 2)

    def forget_funding(self, passed: int) -> None:
        """Delete the moments before number `passed`."""
        if passed > self.funding_before:
            del self._charges[: (1 + len(self._rates)) * (passed - self.funding_before)]
            self.funding_before = passed

    def save(self) -> dict[str, Any]:
        """The state of the window as plain JSON; missing numbers are None."""
        return {
            "size": self.size,
            "opened_at": self.opened_at,
            "values": _plain(self._values[:, :TIME, _NOW]),
            "average_range": _plain(self._values[:, AVERAGE_RANGE, _NOW]),
            "ranges": [[None if r.close != r.close else r.close, r.seen, r.value] for r in self._ranges],
            "funding": list(self._charges),
            "funding_before": self.funding_before,
        } | ({"outside": _plain(self._outside[:, :, _NOW])} if self.external else {})

    def load(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `save` gave."""
        lanes = len(self.instruments)
        self.size, self.opened_at = saved["size"], saved["opened_at"]
        self._values[:, :TIME, _NOW] = np.array(saved["values"], np.float64).reshape(lanes, TIME)
        self._values[:, AVERAGE_RANGE, _NOW] = np.array(saved["average_range"], np.float64)
        if self.external:
            self._outside[:, :, _NOW] = np.array(saved["outside"], np.float64).reshape(lanes, -1)
        self._times[:, _NOW] = self.opened_at or 0
        for ranges, (close, seen, value) in zip(self._ranges, saved["ranges"], strict=True):
            ranges.close, ranges.seen, ranges.value = np.nan if close is None else close, seen, value
        self._charges = np.array(saved["funding"], np.int64).tolist()
        self.funding_before = int(saved.get("funding_before", 0))

    def _charge(self, opened_at: int, given: Sequence[float | None]) -> bool:
        """Note the rates charged since the bar before: those given, else the constant ones."""
        if self.opened_at is None or not (given or any(self._rates)):
            return False
        passed = opened_at // FUNDING_INTERVAL - self.opened_at // FUNDING_INTERVAL
        if passed == 0 and not given:
            return False
        rates = [passed * rate for rate in self._rates]
        if given:
            rates = [rate if own is None else own for rate, own in zip(rates, given, strict=True)]
        if not any(rates):
            return False
        charges = struct.pack(f"={len(rates)}d", *rates)
        self._charges += [self.size, *struct.unpack(f"={len(rates)}q", charges)]
        return True

    def _agrees(self, row: Row, within: Sequence[Row]) -> bool:
        """Whether the shorter bars cover the bar completely and make it up."""
        return (
            len(within) == self.most_finer
            and within[0][OPEN] == row[OPEN]
            and within[-1][CLOSE] == row[CLOSE]
            and max(one[HIGH] for one in within) == row[HIGH]
            and min(one[LOW] for one in within) == row[LOW]
        )

    def _refuse_series(self, event: BarsClosed) -> None:
        """Raise InputError where funding rates or mark prices are missing, are not expected, or are no such numbers."""
        at, names = iso(event.opened_at), [str(one) for one in self.instruments]
        for what, given, expected in (
            ("funding rates", event.funding, self.universe.funding),
            ("mark prices", event.marks, self.universe.marks),
        ):
            if bool(given) != bool(expected) or len(given) not in (0, len(names)):
                raise InputError(
                    f"The bars of {at} have {len(given)} {what}; the run has {len(names) if expected else 0}."
                )
        for name, rate in zip(names, event.funding, strict=False):
            fits = rate is None if name not in self.universe.funding else rate is not None and is_finite(rate)
            if not fits:
                raise InputError(f"{name}: {rate!r} is no funding rate of the bars of {at}.")
        for name, mark in zip(names, event.marks, strict=False):
            if mark is not None and (name not in self.universe.marks or not _is_valid((*mark, 0.0))):
                raise InputError(f"{name}: {mark!r} are no mark prices of the bars of {at}.")

    def refuse_faults(self, event: BarsClosed) -> None:
        """Raise InputError where bars break the rules of `Bars` or do not follow the last ones."""
        count, moment = len(self.instruments), event.opened_at
        if len(event.rows) != count or len(event.finer) != count:
            raise InputError(f"The bars of {iso(moment)} are {len(event.rows)}; the run has {count}.")
        if self.opened_at is not None and moment <= self.opened_at:
            raise InputError(f"The bars of {iso(moment)} do not come after those of {iso(self.opened_at)}.")
        if all(row is None for row in event.rows):
            raise InputError(f"At {iso(moment)} no instrument has a bar.")
        for name, other in zip(self.external, self._others, strict=True):
            if other is None and len(event.columns.get(name, ())) != count:
                raise missing_column(name, event.columns, self.instruments)
        self._refuse_series(event)
        on_grid = (moment - self.timeframe.floor(0)) % self.timeframe.milliseconds == 0
        for instrument, row, within in zip(self.instruments, event.rows, event.finer, strict=True):
            fault = "" if row is None or (on_grid and _is_valid(row)) else _fault(self.timeframe, [moment], [row])
            if within and self.universe.finer and not fault:
                step = self.universe.finer.milliseconds
                fault = _fault(self.universe.finer, [moment + step * i for i in range(len(within))], within)
            if fault:
                raise InputError(f"{instrument}: {fault}")


def _plain(array: NDArray[np.float64]) -> list[float | None]:
    """Numbers as JSON can hold them; missing ones are None."""
    return [None if v != v else v for v in array.ravel().tolist()]


def _addresses(array: NDArray[Any]) -> NDArray[np.int64]:
    """Where the rows along the last axis of a contiguous array begin."""
    places = np.arange(array.size // array.shape[-1], dtype=np.int64) * array.strides[-2]
    return (array.ctypes.data + places).reshape(array.shape[:-1])


def _is_valid(row: Row) -> bool:
    """Whether one bar keeps the rules of `Bars`; where it does not, `_fault` says why."""
    start, high, low, close, volume = row
    return LEAST_PRICE <= low <= start <= high <= MOST_PRICE and low <= close <= high and 0.0 <= volume <= MOST_VOLUME


def _fault(timeframe: Timeframe, times: Sequence[int], rows: Sequence[Row]) -> str:
    """The first fault of these rows as bars, empty where there is none."""
    columns = dict(zip(COLUMNS, np.array(rows, np.float64).T, strict=True))
    return first_fault(timeframe, np.array(times), columns)
