"""Excursions: how far the price went against a trade and in its favour while it was held.

Only prices that the position *certainly* saw count, so an excursion is never larger than the real one:

- every bar between the entry bar and the exit bar: its high and its low;
- the entry bar, where the trade lasted beyond it: its close; its high if the entry lay at or above the open, its low
  if it lay at or below (the path from the open had to pass the entry first, so what lies beyond it came later; an
  entry at the open has seen the whole bar). A stop-limit order that was triggered inside its entry bar is counted
  alike;
- the exit bar: its open, where the trade began on an earlier bar;
- the average entry and the average exit price;
- for a trade that is still open, all of every bar after the entry bar.

"The entry" is the fill that opened the trade, without its slippage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.model.bars import Bars, Floats, Times

ROUNDING = 1e-9
"""Taking slippage out of a price leaves it this close to where the market was, as a share of the price."""


def excursions(
    trades: NDArray[Any], held: NDArray[np.bool_], entries: Floats, opened_at: Times, bars: Sequence[Bars]
) -> tuple[Floats, Floats]:
    """For each row of `ROUND_TRIP` the largest move against it and in its favour, as shares of its entry, at least 0.

    `held` marks the trades that are still open; `entries` is where the market was when each trade was opened.
    """
    low, high = np.minimum(trades["entry"], trades["exit"]), np.maximum(trades["entry"], trades["exit"])
    for lane, columns in enumerate(bars):
        mine = np.flatnonzero(trades["lane"] == lane)
        if mine.size and len(columns):
            first = _places(columns, opened_at, trades["opened"][mine])
            last = _places(columns, opened_at, trades["closed"][mine])
            seen = _seen(columns, first, last, held[mine], entries[mine])
            low[mine] = np.fmin(low[mine], seen[0])
            high[mine] = np.fmax(high[mine], seen[1])
    entry = np.where(trades["entry"] > 0.0, trades["entry"], np.nan)
    long = trades["direction"] > 0
    down, up = 1.0 - low / entry, high / entry - 1.0
    return np.where(long, down, up), np.where(long, up, down)


def _places(bars: Bars, opened_at: Times, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions in the instrument's own bars of bars of the common grid."""
    if len(bars) == len(opened_at):
        return numbers
    return np.minimum(np.searchsorted(bars.opened_at, opened_at[numbers]), len(bars) - 1)


def _seen(
    bars: Bars, first: NDArray[np.int64], last: NDArray[np.int64], held: NDArray[np.bool_], entries: Floats
) -> tuple[Floats, Floats]:
    """The lowest and the highest price of the bars that each trade certainly saw; NaN where there is none."""
    outlived, later, opens = held | (last > first), last > first, bars.open[first]
    low, high = np.full(len(first), np.nan), np.full(len(first), np.nan)

    def take(which: NDArray[np.bool_], lows: Floats, highs: Floats) -> None:
        np.fmin(low, np.where(which, lows, np.nan), out=low)
        np.fmax(high, np.where(which, highs, np.nan), out=high)

    nothing = np.full(len(first), np.nan)
    take(outlived, bars.close[first], bars.close[first])
    take(outlived & (opens >= entries * (1.0 - ROUNDING)), bars.low[first], nothing)
    take(outlived & (opens <= entries * (1.0 + ROUNDING)), nothing, bars.high[first])
    take(later & ~held, bars.open[last], bars.open[last])
    take(later & held, bars.low[last], bars.high[last])
    between = np.flatnonzero(first + 1 < last)
    if between.size:
        # reduceat takes the stretches [start, stop) and those from each stop to the next start, which are dropped.
        edges = np.column_stack((first[between] + 1, last[between])).ravel()
        low[between] = np.fmin(low[between], np.minimum.reduceat(bars.low, edges)[::2])
        high[between] = np.fmax(high[between], np.maximum.reduceat(bars.high, edges)[::2])
    return low, high
