"""The ledger: the results of a run, and columns that several metrics share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics.excursion import excursions
from wickwork.model.bars import Bars, Floats, Times
from wickwork.model.errors import InputError
from wickwork.model.timeframe import DAY, Timeframe
from wickwork.orders.records import ROUND_TRIP

YEAR_DAYS = 365.0
ROW = 512
"""Block size of the search for a new peak."""
CANCELS = 0.5
"""Below this share of Σr² that remains without the mean, rounding may affect the deviation."""
STILL_OPEN = -1
"""The `exit_kind` of a trade that has not been closed."""


@dataclass(frozen=True, eq=False)
class Ledger:
    """One account over one run.

    Bars are numbered on the common grid `opened_at` (ms, UTC, of each bar's opening); `fill.bar`, `round_trip.opened`
    and `round_trip.closed` are such numbers, lanes are positions in `bars`. Money is in quote units.
    """

    timeframe: Timeframe
    opened_at: Times
    capital: float
    equity: Floats
    """At the close of each bar of the grid, marked to market."""
    bars: tuple[Bars, ...]
    """One for each lane; their times are a part of the grid."""
    fills: NDArray[Any]
    """Rows of `FILL`, in order of time."""
    round_trips: NDArray[Any]
    """Rows of `ROUND_TRIP`: the closed round trips, in the order in which they closed. Users know them as trades."""
    open_round_trips: NDArray[Any]
    """Rows of `ROUND_TRIP` for what is still held, as `open_round_trips` makes them."""
    fees: float = 0.0
    slippage: float = 0.0
    funding: float = 0.0
    """Paid over the run; negative when more was received."""
    ambiguous: int = 0
    """Bars, counted once for each lane, whose outcome depended on the path inside the bar."""
    sums: tuple[float, float] | None = None
    """Σr and Σr² over the returns of all bars, where the venue kept them on the way."""
    deepest: float | None = None
    """The deepest drawdown as a share, where the venue kept it on the way."""
    parts: tuple[str, ...] = ()
    """The strategy of each lane of a portfolio; empty for a single strategy."""

    def __post_init__(self) -> None:
        if len(self.equity) != len(self.opened_at):
            raise InputError(f"A ledger needs the equity of every bar: {len(self.equity)} of {len(self.opened_at)}.")
        with np.errstate(all="ignore"):
            total = self.equity.sum()
        if not math.isfinite(total):  # rare, and cheaper than a test of each value
            missing = ~np.isfinite(self.equity)
            if missing.any():
                raise InputError(
                    f"The equity of bar {int(np.argmax(missing))} is missing; cut the ledger where the run ended."
                )

    def __len__(self) -> int:
        return len(self.equity)

    @property
    def lane_names(self) -> tuple[str, ...]:
        """The instrument of each lane, with its strategy in a portfolio: `trend: BTC/USDT`."""
        names = [str(bars.instrument) for bars in self.bars]
        return tuple(map("{}: {}".format, self.parts, names)) if self.parts else tuple(names)

    @property
    def final_equity(self) -> float:
        """Equity at the last close, or the capital when there were no bars."""
        return float(self.equity[-1]) if len(self) else float(self.capital)

    @property
    def days(self) -> float:
        """Calendar time from the first bar's opening to the last one's close, holes included."""
        if not len(self):
            return 0.0
        return float(self.opened_at[-1] - self.opened_at[0] + self.timeframe.milliseconds) / DAY

    @property
    def years(self) -> float:
        """`days` in years of 365 days."""
        return self.days / YEAR_DAYS

    @property
    def bars_per_year(self) -> float:
        """Bars of the grid in 365 days, absent ones left out; there must be some bars."""
        return bars_per_year(self.timeframe, self.opened_at)

    @cached_property
    def curve(self) -> Floats:
        """The capital, followed by the equity of each bar."""
        return np.concatenate(([float(self.capital)], self.equity))

    @cached_property
    def ruined(self) -> bool:
        """Whether equity was ever 0 or less at a close; returns end there."""
        return self.capital <= 0.0 or bool(len(self) and self.equity.min() <= 0.0)

    @cached_property
    def returns(self) -> Floats:
        """The return of each bar as a share: the first is on the capital; none after equity was 0 or less."""
        equity = self.equity
        if self.ruined:
            equity = equity[: int(np.argmax(self.curve <= 0.0))]
        changes = np.empty(len(equity))
        if len(equity):
            changes[0] = equity[0] / float(self.capital)
            np.divide(equity[1:], equity[:-1], out=changes[1:])
            changes -= 1.0
        return changes

    @cached_property
    def mean_return(self) -> float:
        """The mean of `returns`; there must be some."""
        if self.sums is not None and not self.ruined:
            return self.sums[0] / len(self)
        return float(self.returns.mean())

    @cached_property
    def deviation(self) -> float:
        """The standard deviation of `returns` as a sample; there must be two."""
        mean = self.mean_return
        if self.sums is not None and not self.ruined:
            apart = self.sums[1] - self.sums[0] * mean
            if apart >= CANCELS * self.sums[1]:
                return math.sqrt(apart / (len(self) - 1))
        squares = self.returns - mean
        return math.sqrt(float(np.square(squares, out=squares).sum()) / (len(squares) - 1))

    @cached_property
    def daily_returns(self) -> Floats:
        """The returns from one UTC day's last close to the next one's, up to ruin; none for bars longer than a day."""
        size = len(self.returns)
        if not size or self.timeframe.milliseconds > DAY:
            return np.zeros(0)
        times = self.opened_at[:size]
        midnights = np.arange(times[0] // DAY + 1, times[-1] // DAY + 1) * DAY
        ends = np.append(np.searchsorted(times, midnights), size)
        levels = self.curve[np.concatenate(([0], ends[np.diff(ends, prepend=0) > 0]))]
        return levels[1:] / levels[:-1] - 1.0

    @cached_property
    def drawdowns(self) -> Floats:
        """The fall of the capital and of each bar's equity from the highest value so far, as a share of that."""
        return falls(self.curve)

    @cached_property
    def deepest_drawdown(self) -> float:
        """The largest of `drawdowns`, computed without them."""
        if self.deepest is not None:
            return self.deepest
        return deepest_fall(self.equity, float(self.capital))

    @cached_property
    def worst_returns(self) -> Floats:
        """The lowest 5 % of the returns of bars (at least one), unsorted, except that the last is the largest."""
        return worst_twentieth(self.returns)

    @cached_property
    def trades(self) -> NDArray[Any]:
        """The closed trades, then those that are still open."""
        return np.concatenate((self.round_trips, self.open_round_trips))

    @cached_property
    def openers(self) -> NDArray[np.int64]:
        """For each of `trades` the position in `fills` of the fill that opened it; −1 where that is not among them."""
        fills, trades, size = self.fills, self.trades, len(self) + 1
        # After it the position points the way of the fill and is no larger: it was flat, or on the other side, before.
        opens = (fills["position"] * fills["side"] > 0.0) & (np.abs(fills["position"]) <= fills["quantity"])
        rows = np.flatnonzero(opens)
        keys = fills["order"][rows] * size + fills["bar"][rows]
        order = np.argsort(keys, kind="stable")
        wanted = trades["entry_order"] * size + trades["opened"]
        found = np.searchsorted(keys, wanted, sorter=order)
        known = np.append(rows[order], -1)[found]
        return np.where(np.append(keys[order], -1)[found] == wanted, known, -1)

    @cached_property
    def excursions(self) -> tuple[Floats, Floats]:
        """Against and in favour of each of `trades`, as shares of the entry price; see `excursion`."""
        opener = self.openers
        entries = self.trades["entry"].copy()
        known = np.flatnonzero(opener >= 0)
        fills = self.fills[opener[known]]
        entries[known] = fills["price"] - fills["side"] * fills["slippage"] / fills["quantity"]
        held = np.arange(len(self.trades)) >= len(self.round_trips)
        return excursions(self.trades, held, entries, self.opened_at, self.bars)


def bars_per_year(timeframe: Timeframe, opened_at: Times) -> float:
    """How many of these bars there are in 365 days, by which figures are annualised; at least one bar is needed.

    Without holes it is `timeframe.bars_per_year`, to the bit. With holes it is n / years, with n the number of bars
    and years the calendar time from the first opening to the last close: a return over a hole counts once, like
    that of one long bar.
    """
    span = int(opened_at[-1] - opened_at[0]) + timeframe.milliseconds
    if span == len(opened_at) * timeframe.milliseconds:
        return timeframe.bars_per_year
    return len(opened_at) / (span / DAY / YEAR_DAYS)


def open_round_trips(lanes: NDArray[Any], bars: Sequence[Bars], last: int) -> NDArray[Any]:
    """The open positions of the lanes (rows of `LANE`) after the bar numbered `last`, as rows of `ROUND_TRIP`.

    They are valued at each instrument's last close, without the costs of leaving: `exit` is that close, `closed` the
    last bar, and `gain` counts what was gained by leaving in part, the value of the rest, fees and funding so far.
    """
    held = np.flatnonzero(lanes["quantity"] != 0.0)
    rows = np.zeros(len(held), ROUND_TRIP)
    for row, number in zip(rows, held.tolist(), strict=True):
        lane, mark = lanes[number], bars[number].close[-1]
        row["lane"], row["direction"] = number, 1 if lane["quantity"] > 0.0 else -1
        row["opened"], row["closed"], row["entry_order"] = lane["opened_bar"], last, lane["entry_order"]
        row["exit_kind"] = row["exit_action"] = STILL_OPEN
        row["quantity"], row["entry"], row["exit"] = lane["entered"], lane["entered_value"] / lane["entered"], mark
        row["fees"], row["funding"], row["risk"] = (
            lane["round_trip_fees"],
            lane["round_trip_funding"],
            lane["initial_risk"],
        )
        open_gain = (mark - lane["average"]) * lane["quantity"]
        row["gain"] = lane["round_trip_gain"] + open_gain - lane["round_trip_fees"] - lane["round_trip_funding"]
    return rows


def falls(curve: Floats) -> Floats:
    """The fall of each value from the highest one so far, as a share of it: above 1 where the value is below 0."""
    peaks = np.maximum.accumulate(curve)
    if len(peaks) and peaks[0] <= 0.0:
        return np.zeros(len(curve))
    shares = curve / peaks
    return np.subtract(1.0, shares, out=shares)


def deepest_fall(values: Floats, start: float) -> float:
    """The largest of `falls` of a curve that begins at `start` and goes on with the values, to the last bit.

    Where a row of values holds no new peak its fall is deepest at its lowest value: rounding keeps the order of
    quotients and differences, so that one division does for the whole row.
    """
    if start <= 0.0:
        return 0.0
    rows = values[: len(values) // ROW * ROW].reshape(-1, ROW)
    before = np.maximum.accumulate(np.concatenate(([start], rows.max(axis=1))))
    calm = before[1:] == before[:-1]
    share = float((rows.min(axis=1)[calm] / before[:-1][calm]).min(initial=1.0))
    for top, row in ((before[:-1][~calm, None], rows[~calm]), (before[-1:, None], values[None, rows.size :])):
        peaks = np.maximum(np.maximum.accumulate(row, axis=1), top)
        share = min(share, float((row / peaks).min(initial=1.0)))
    return 1.0 - share


def worst_twentieth(returns: Floats) -> Floats:
    """The lowest 5 % of the returns, rounded down but at least one of them; the last is the highest of these."""
    if not len(returns):
        return returns
    count = max(1, len(returns) // 20)
    return np.partition(returns, count - 1)[:count]


def stretches(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where runs of True start, and where they stop (not included)."""
    edges = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    if len(mask) and mask[0]:
        edges = np.concatenate(([0], edges))
    if len(mask) and mask[-1]:
        edges = np.append(edges, len(mask))
    return edges[::2], edges[1::2]
