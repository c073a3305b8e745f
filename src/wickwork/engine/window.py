"""The newest bar of every instrument, laid out as the compiled loop reads a whole history.

The loop finds bar t at `column + 8·t`. A window holds two bars, the newest and the one before it, and gives out
addresses as if all of history lay in front of them; so its size never grows, and bar t + 1 is not there to be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.feed import TrueRange, funding_of
from wickwork.graph.program import CLOSE, EQUITY, HIGH, LOW, MARK, OPEN, RANGE, TIME, VOLUME
from wickwork.model.bars import COLUMNS, first_fault, iso
from wickwork.model.errors import InputError
from wickwork.model.event import BarsClosed, Row
from wickwork.model.instrument import Instrument, Kind
from wickwork.model.timeframe import Timeframe
from wickwork.sim.frame import DATA
from wickwork.sim.terms import Terms

_BEFORE, _NOW = 0, 1


@dataclass(frozen=True)
class Market:
    """Which bars a run hears."""

    instruments: tuple[Instrument, ...]
    timeframe: Timeframe
    finer: Timeframe | None = None
    """The shorter bars that come inside the bars, if any."""

    @property
    def most_finer(self) -> int:
        """How many shorter bars one bar has."""
        return self.timeframe.milliseconds // self.finer.milliseconds if self.finer else 0


class Window:
    """What `Feed` is for history, for bars that arrive one moment after the other."""

    def __init__(self, market: Market, terms: Terms) -> None:
        lanes = len(market.instruments)
        self.market, self.instruments, self.timeframe = market, market.instruments, market.timeframe
        self.size, self.most_finer = 0, market.most_finer
        self.opened_at: int | None = None
        """When the newest bar opened."""
        self.funding = np.zeros(0, np.int64)
        perpetual = any(i.kind is Kind.PERPETUAL for i in market.instruments)
        self._rate = terms.funding_rate if perpetual else 0.0
        self._ranges = [TrueRange() for _ in market.instruments] if terms.slippage_model == "atr" else []
        self._values = np.full((lanes, DATA - 1, 2), np.nan)
        self._values[:, MARK] = 0.0
        self._times = self._values[:, TIME].view(np.int64)
        self._times[:] = 0
        self._inside = np.zeros((lanes, 5, max(self.most_finer, 1)))
        self._starts = np.zeros((lanes, 2), np.int64)

    def push(self, event: BarsClosed) -> bool:
        """Take the bars of one moment; True when funding was charged since the moment before.

        Faults are refused as in `refuse_faults`; nothing is taken then.
        """
        self.refuse_faults(event)
        charged = self._charge(event.opened_at)
        values, before = self._values, self._values[:, :, _NOW].copy()
        values[:, :, _BEFORE] = before
        values[:, :, _NOW] = np.nan
        values[:, [MARK, RANGE], _NOW] = before[:, [MARK, RANGE]]
        self._times[:, _NOW] = event.opened_at
        for lane, (row, within) in enumerate(zip(event.rows, event.finer, strict=True)):
            self._starts[lane] = 0
            if row is None:
                continue
            values[lane, [OPEN, HIGH, LOW, CLOSE, VOLUME], _NOW] = row
            values[lane, MARK, _NOW] = row[3]
            if self._ranges:
                values[lane, RANGE, _NOW] = self._ranges[lane].add(row[1], row[2], row[3])
            if within and self._agrees(row, within):
                self._inside[lane] = np.array(within).T
                self._starts[lane, 1] = self.most_finer
        self.opened_at = event.opened_at
        self.size += 1
        return charged

    def addresses(self, equity: NDArray[np.float64]) -> NDArray[np.int64]:
        """Where the columns would lie if the window were a whole history."""
        table = np.zeros((len(self.instruments), DATA), np.int64)
        for lane in range(len(table)):
            for k in range(DATA - 1):
                table[lane, k] = self._values[lane, k].ctypes.data - 8 * (self.size - 2)
            table[lane, EQUITY] = equity[lane].ctypes.data
        return table

    def finer_addresses(self) -> NDArray[np.int64]:
        """The same for the shorter bars."""
        table = np.zeros((len(self.instruments), 6), np.int64)
        if self.most_finer:
            for lane in range(len(table)):
                table[lane, 0] = self._starts[lane].ctypes.data - 8 * (self.size - 1)
                table[lane, 1:] = [column.ctypes.data for column in self._inside[lane]]
        return table

    def save(self) -> dict[str, Any]:
        """What it remembers, as plain numbers; missing ones are None."""
        return {
            "size": self.size,
            "opened_at": self.opened_at,
            "values": [None if v != v else v for v in self._values[:, :TIME, _NOW].ravel().tolist()],
            "range": [None if v != v else v for v in self._values[:, RANGE, _NOW].tolist()],
            "ranges": [[None if r.close != r.close else r.close, r.seen, r.value] for r in self._ranges],
            "funding": self.funding.tolist(),
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `save` gave."""
        lanes = len(self.instruments)
        self.size, self.opened_at = saved["size"], saved["opened_at"]
        self._values[:, :TIME, _NOW] = np.array(saved["values"], np.float64).reshape(lanes, TIME)
        self._values[:, RANGE, _NOW] = np.array(saved["range"], np.float64)
        self._times[:, _NOW] = self.opened_at or 0
        for ranges, (close, seen, value) in zip(self._ranges, saved["ranges"], strict=True):
            ranges.close, ranges.seen, ranges.value = np.nan if close is None else close, seen, value
        self.funding = np.array(saved["funding"], np.int64)

    def _charge(self, opened_at: int) -> bool:
        """Note the funding moments that passed since the bar before."""
        if not self._rate or self.opened_at is None:
            return False
        pair = funding_of(np.array([self.opened_at, opened_at]), self._rate)
        if len(pair):
            self.funding = np.concatenate([self.funding, [self.size, pair[1]]])
        return len(pair) > 0

    def _agrees(self, row: Row, within: Sequence[Row]) -> bool:
        """Whether the shorter bars cover the bar completely and make it up."""
        return (
            len(within) == self.most_finer
            and within[0][0] == row[0]
            and within[-1][3] == row[3]
            and max(one[1] for one in within) == row[1]
            and min(one[2] for one in within) == row[2]
        )

    def refuse_faults(self, event: BarsClosed) -> None:
        """Raise InputError where bars break the rules of `Bars` or do not follow the last ones."""
        moment = iso(event.opened_at)
        if len(event.rows) != len(self.instruments) or len(event.finer) != len(self.instruments):
            raise InputError(f"The bars of {moment} are {len(event.rows)}; the run has {len(self.instruments)}.")
        if self.opened_at is not None and event.opened_at <= self.opened_at:
            raise InputError(f"The bars of {moment} do not come after those of {iso(self.opened_at)}.")
        if all(row is None for row in event.rows):
            raise InputError(f"At {moment} no instrument has a bar.")
        for instrument, row, within in zip(self.instruments, event.rows, event.finer, strict=True):
            fault = _fault(self.timeframe, [event.opened_at], [row]) if row is not None else ""
            if within and self.market.finer and not fault:
                step = self.market.finer.milliseconds
                fault = _fault(self.market.finer, [event.opened_at + step * i for i in range(len(within))], within)
            if fault:
                raise InputError(f"{instrument}: {fault}")


def _fault(timeframe: Timeframe, times: Sequence[int], rows: Sequence[Row]) -> str:
    columns = dict(zip(COLUMNS, np.array(rows, np.float64).T, strict=True))
    return first_fault(timeframe, np.array(times), columns)
