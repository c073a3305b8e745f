"""Ledgers for tests: small ones by hand, and random ones kept by a bookkeeper that shares no code with the venue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from wickwork.analytics.ledger import Ledger, open_round_trips
from wickwork.model.bars import Bars
from wickwork.model.instrument import parse_instrument
from wickwork.model.timeframe import parse_timeframe
from wickwork.orders.records import FILL, LANE, ROUND_TRIP

START = 1_609_718_400_000  # 2021-01-04T00:00:00Z, a Monday
NAMES = ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT")


def make_bars(
    rows: Sequence[tuple[float, float, float, float]],
    timeframe: str = "1d",
    lane: int = 0,
    places: Sequence[int] | None = None,
) -> Bars:
    """Bars of (open, high, low, close); `places` are their numbers on the grid."""
    frame = parse_timeframe(timeframe)
    times = START + frame.milliseconds * np.asarray(range(len(rows)) if places is None else places, np.int64)
    o, h, l, c = (np.array(column) for column in (zip(*rows, strict=True) if rows else [()] * 4))  # noqa: E741
    return Bars.of(parse_instrument(NAMES[lane]), frame, times, o, h, l, c, np.ones(len(rows)))


def flat_bars(count: int, timeframe: str = "1d", price: float = 100.0) -> Bars:
    return make_bars([(price,) * 4] * count, timeframe)


def rows_of(kind: np.dtype[Any], rows: Sequence[dict[str, float]]) -> Any:
    """Records from dictionaries; what is not named is 0."""
    result = np.zeros(len(rows), kind)
    for target, row in zip(result, rows, strict=True):
        for name, value in row.items():
            target[name] = value
    return result


def round_trip(gain: float, **more: float) -> dict[str, float]:
    """A round trip of 1 unit from 100, from bar 0 to bar 1."""
    return {"direction": 1, "quantity": 1, "entry": 100, "exit": 100, "closed": 1, "gain": gain, **more}


def make_ledger(
    equity: Sequence[float],
    *,
    capital: float = 100.0,
    timeframe: str = "1d",
    bars: Sequence[Bars] | None = None,
    round_trips: Sequence[dict[str, float]] = (),
    still: Sequence[dict[str, float]] = (),
    fills: Sequence[dict[str, float]] = (),
    **more: Any,
) -> Ledger:
    frame = parse_timeframe(timeframe)
    return Ledger(
        timeframe=frame,
        opened_at=START + frame.milliseconds * np.arange(len(equity), dtype=np.int64),
        capital=capital,
        equity=np.array(equity, float),
        bars=tuple(bars) if bars is not None else (flat_bars(len(equity), timeframe),),
        fills=rows_of(FILL, fills),
        round_trips=rows_of(ROUND_TRIP, round_trips),
        open_round_trips=rows_of(ROUND_TRIP, still),
        **more,
    )


def trades_only(*gains: float, **more: Any) -> Ledger:
    """A ledger of trades with these gains; equity is flat."""
    return make_ledger([100.0, 100.0], round_trips=[round_trip(gain) for gain in gains], **more)


def scaled(ledger: Ledger, factor: float) -> Ledger:
    """The same run with that many times the money: quantities and all sums are multiplied, prices stay."""

    def grow(rows: Any, names: str) -> Any:
        copy = rows.copy()
        for name in names.split():
            copy[name] *= factor
        return copy

    return replace(
        ledger,
        capital=ledger.capital * factor,
        equity=ledger.equity * factor,
        fills=grow(ledger.fills, "quantity fee position gain slippage"),
        round_trips=grow(ledger.round_trips, "quantity gain fees funding risk"),
        open_round_trips=grow(ledger.open_round_trips, "quantity gain fees funding risk"),
        fees=ledger.fees * factor,
        slippage=ledger.slippage * factor,
        funding=ledger.funding * factor,
    )


def random_ledger(
    seed: int, size: int, lanes: int = 1, activity: float = 0.3, timeframe: str = "1h", capital: float = 1e4
) -> Ledger:
    """Random bars (some missing), random fills at prices that the bars allow, and their books.

    Quantities are whole, so that positions come back to exactly 0. The account may go bankrupt and trades on.
    """
    luck = np.random.default_rng(seed)
    frame = parse_timeframe(timeframe)
    bars, places = [], []
    for lane in range(lanes):
        here = np.flatnonzero(luck.random(size) < 0.9) if lanes > 1 else np.arange(size)
        here = here if len(here) else np.array([0])
        close = np.round(100 * np.exp(np.cumsum(luck.normal(0, 0.02, len(here)))), 2)
        opens = np.round(np.append(100.0, close[:-1]) * (1 + luck.normal(0, 0.002, len(here))), 2)
        high = np.round(np.maximum(opens, close) * (1 + 0.01 * luck.random(len(here))), 2)
        low = np.round(np.minimum(opens, close) * (1 - 0.01 * luck.random(len(here))), 2)
        rows = np.column_stack(
            (opens, np.maximum.reduce((high, opens, close)), np.minimum.reduce((low, opens, close)), close)
        )
        bars.append(make_bars([tuple(row) for row in rows.tolist()], timeframe, lane, here))
        places.append({int(t): i for i, t in enumerate(here)})
    desks = [Context(lane) for lane in range(lanes)]
    cash, equity, fills, round_trips, marks = capital, [], [], [], [0.0] * lanes
    for t in range(size):
        for lane, ctx in enumerate(desks):
            at = places[lane].get(t)
            if at is None:
                continue
            marks[lane] = float(bars[lane].close[at])
            for _ in range(int(luck.random() < activity) + int(luck.random() < activity / 4)):
                side, quantity = int(luck.choice((-1, 1))), float(luck.integers(1, 6))
                if ctx.quantity and luck.random() < 0.5:
                    side, quantity = -int(np.sign(ctx.quantity)), abs(ctx.quantity)
                market = float(bars[lane].open[at])
                inside = luck.random() < 0.5
                if inside:
                    market = float(luck.uniform(bars[lane].low[at], bars[lane].high[at]))
                slip = 0.0 if inside else 0.0005
                cash -= ctx.fill(
                    t, side, quantity, market * (1 + side * slip), abs(market * slip) * quantity, len(fills) + 1
                )
                fills.append(ctx.row)
                round_trips += ctx.closed
        equity.append(cash + sum(ctx.quantity * mark for ctx, mark in zip(desks, marks, strict=True)))
    lane_rows = rows_of(LANE, [ctx.lane_row() for ctx in desks])
    return Ledger(
        timeframe=frame,
        opened_at=START + frame.milliseconds * np.arange(size, dtype=np.int64),
        capital=capital,
        equity=np.array(equity),
        bars=tuple(bars),
        fills=rows_of(FILL, fills),
        round_trips=rows_of(ROUND_TRIP, round_trips),
        open_round_trips=open_round_trips(lane_rows, bars, size - 1),
        fees=sum(row["fee"] for row in fills),
        slippage=sum(row["slippage"] for row in fills),
    )


class Context:
    """The books of one instrument, the slow and obvious way: every unit of a trade is remembered."""

    FEE = 0.001

    def __init__(self, number: int) -> None:
        self.number, self.quantity, self.round_trip = number, 0.0, {}
        self.closed: list[dict[str, float]] = []

    def fill(self, bar: int, side: int, quantity: float, price: float, slippage: float, order: int) -> float:
        """Book it and return the cash that it takes."""
        fee, before, self.closed = quantity * price * self.FEE, self.quantity, []
        closing = min(quantity, abs(before)) if before * side < 0 else 0.0
        gain = (price - self.average()) * closing * np.sign(before) if closing else 0.0
        if closing:
            self._leave(closing, price, fee * closing / quantity, gain)
            if closing == abs(before):
                self._close(bar, order)
        opening = quantity - closing
        if opening:
            self._enter(bar, side, opening, price, fee * opening / quantity, order)
        self.quantity = before + side * quantity
        self.row = {
            "bar": bar, "lane": self.number, "order": order, "action": order % 3, "side": side, "quantity": quantity,
            "price": price, "fee": fee, "position": self.quantity, "gain": gain, "slippage": slippage,
        }  # fmt: skip
        return side * quantity * price + fee

    def average(self) -> float:
        return self.round_trip["average"]

    def _enter(self, bar: int, side: int, quantity: float, price: float, fee: float, order: int) -> None:
        if not self.round_trip:
            self.round_trip = {
                "bar": bar, "side": side, "order": order, "in": 0.0, "in_value": 0.0, "out": 0.0, "out_value": 0.0,
                "fees": 0.0, "gain": 0.0, "held": 0.0, "average": 0.0, "risk": 2.0 * quantity if order % 2 else 0.0,
            }  # fmt: skip
        round_trip = self.round_trip
        round_trip["average"] = (round_trip["average"] * round_trip["held"] + price * quantity) / (
            round_trip["held"] + quantity
        )
        round_trip["held"] += quantity
        round_trip["in"] += quantity
        round_trip["in_value"] += quantity * price
        round_trip["fees"] += fee

    def _leave(self, quantity: float, price: float, fee: float, gain: float) -> None:
        round_trip = self.round_trip
        round_trip["held"] -= quantity
        round_trip["out"] += quantity
        round_trip["out_value"] += quantity * price
        round_trip["fees"] += fee
        round_trip["gain"] += gain

    def _close(self, bar: int, order: int) -> None:
        round_trip, self.round_trip = self.round_trip, {}
        self.closed.append(
            {
                "lane": self.number, "direction": round_trip["side"], "opened": round_trip["bar"], "closed": bar,
                "entry_order": round_trip["order"], "exit_order": order, "exit_action": order % 3,
                "quantity": round_trip["in"],
                "entry": round_trip["in_value"] / round_trip["in"], "exit": round_trip["out_value"] / round_trip["out"],
                "gain": round_trip["gain"] - round_trip["fees"], "fees": round_trip["fees"], "risk": round_trip["risk"],
            }
        )  # fmt: skip

    def lane_row(self) -> dict[str, float]:
        round_trip = self.round_trip
        if not round_trip:
            return {}
        return {
            "quantity": self.quantity, "average": round_trip["average"], "entered": round_trip["in"],
            "entered_value": round_trip["in_value"],
            "round_trip_fees": round_trip["fees"], "round_trip_gain": round_trip["gain"],
            "initial_risk": round_trip["risk"], "opened_bar": round_trip["bar"],
            "entry_order": round_trip["order"],
        }  # fmt: skip
