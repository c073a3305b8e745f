"""A desk for downloads: a local exchange, a store of its own, and a clock that only sleeping moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from exchange_server import HOUR, Exchange, Row, serving

from wickwork.market.download.backfill import Progress, backfill
from wickwork.market.download.connection import Connection, connect, find, timeframe_of
from wickwork.market.download.request import Timing
from wickwork.market.store import Store
from wickwork.model.bars import Bars
from wickwork.model.instrument import parse_instrument
from wickwork.model.timeframe import parse_timeframe

JANUARY = 1_704_067_200_000  # 2024-01-01
NOW = JANUARY + 400 * 24 * HOUR + 17 * 60_000  # 17 minutes into an hour


@dataclass
class Desk:
    exchange: Exchange
    address: str
    store: Store
    now: float = NOW
    pauses: list[tuple[float, str]] = field(default_factory=list)
    slept: float = 0.0
    timeout: float = 10.0

    def clock(self) -> int:
        return int(self.now)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += 1000 * seconds

    def on_pause(self, seconds: float, why: str) -> None:
        self.pauses.append((seconds, why))

    def place(self, venue: str, name: str) -> Connection:
        life = Timing(self.clock, self.sleep, lambda: 0.0)
        return connect(venue, parse_instrument(name).kind, life, self.on_pause, self.address, self.timeout)

    def fill(self, venue: str, name: str, start: int, stop: int, timeframe: str = "1h", **options: Any) -> Progress:
        """Download as `wick data download` does, with a new connection; the log begins with it."""
        self.exchange.log.clear()
        place = self.place(venue, name)
        found = find(place, parse_instrument(name))
        frame = timeframe_of(place, timeframe)
        return backfill(self.store, place, found, frame, (start, stop), on_pause=self.on_pause, **options)

    def stored(self, venue: str, name: str, timeframe: str = "1h") -> Bars:
        return self.store.load(name, timeframe, venue=venue)

    def has_all(self, venue: str, name: str, start: int, stop: int, timeframe: str = "1h") -> bool:
        """Whether exactly the exchange's closed bars of a span are stored, value by value."""
        bars, step = self.stored(venue, name, timeframe), parse_timeframe(timeframe).milliseconds
        rows = self.exchange.rows(name[:3], step, start, min(stop, self.clock() - step + 1))
        return rows_of(bars) == [tuple(round(value, 6) for value in row) for row in rows]


def rows_of(bars: Bars) -> list[Row]:
    columns = (bars.opened_at, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return [tuple(round(value, 6) for value in row) for row in zip(*(c.tolist() for c in columns), strict=True)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    exchange = Exchange()
    with serving(exchange) as address:
        made = Desk(exchange, address, Store(tmp_path / "bars"))
        exchange.now = made.clock
        yield made
