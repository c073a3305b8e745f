"""Members with slower bars, where bars of the run are missing: each computes what it computes alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from wickwork import Bars, Member, Strategy, backtest, demo_bars, portfolio, strategy, ta, trade
from wickwork.market.resample import resample

QUARTER = 15 * 60_000
ALL = demo_bars("BTC/USDT", "15m").slice(0, 2_000)


def without(bars: Bars, gone: NDArray[np.bool_]) -> Bars:
    """The bars but those."""
    names = ("opened_at", "open", "high", "low", "close", "volume")
    return Bars.of(bars.instrument, bars.timeframe, *(getattr(bars, name)[~gone] for name in names))


def appears(bars: Bars, own: Bars) -> list[int]:
    """The number of the bar with which each slower bar appears: its last one, or the first one after it."""
    end = own.opened_at + own.timeframe.milliseconds
    return [int(np.flatnonzero(bars.opened_at + QUARTER >= one)[0]) for one in end]


def timed() -> Strategy:
    with strategy("Timed") as s:
        hour, slow = ta.hour(), s.bars("4h").close
        range_ = ta.opening_range(s.bars, minutes=120)
        trade.buy(when=ta.equal(hour, 3.0) | (s.bars.close > slow), size=trade.quantity(1))
        trade.close(when=ta.equal(hour, 11.0) | (s.bars.close < range_.low))
    return s


def test_a_slower_bar_that_appears_late_has_its_own_time() -> None:
    """Its last bar is missing, so it appears with the first bar of the next one: on another hour, or another day."""
    slot = ALL.opened_at // QUARTER
    bars = without(ALL, ((slot % 4 == 3) & (slot % 16 > 11)) | (slot % 96 == 95))
    run = backtest(portfolio(Member("a", timed(), "BTC/USDT", "1h")), bars)
    own = resample(bars, "1h")
    alone, rows = backtest(timed(), own), appears(bars, own)
    assert (bars.opened_at[rows] + QUARTER > own.opened_at + 4 * QUARTER).sum() > 100
    static = [name for name, column in alone.history.program.names.items() if not column.dynamic]
    for name in (name for name in alone.columns if name in static or f"{name}.value" in static):
        np.testing.assert_array_equal(run.columns[f"a__{name}"][rows], alone.columns[name], name)


def test_a_member_decides_when_its_own_bars_close() -> None:
    """Not on a bar between them, with which a slower bar of an instrument that it reads appears late."""
    eth = demo_bars("ETH/USDT", "15m").slice(0, 2_000)
    read = without(eth, eth.opened_at // QUARTER % 12 == 3)
    with strategy("Reads another") as reads:
        trade.buy(when=reads.bars_of("ETH/USDT").close > 0.0, size=trade.quantity(0.001), add=True)
    run = backtest(portfolio(Member("a", reads, "BTC/USDT", "1h")), ALL, with_bars=read, capital=1e6)
    assert len(run.fills) > 300
    assert set(run.orders.created_at.dt.minute) == {0}


def never_filled(good_for: int) -> Strategy:
    """Orders that expire, and a message with the age of the newest."""
    with strategy("Never filled") as s:
        order = trade.place(
            when=ta.rsi(s.bars.close, period=2) < 40.0,
            side="buy",
            order="limit",
            price=s.bars.close / 2,
            size=trade.quantity(1),
            good_for=good_for,
        )
        ta.order_state(order).age  # noqa: B018
    return s


@pytest.mark.parametrize("good_for", [1, 2, 5])
def test_orders_expire_after_as_many_bars_of_the_member(good_for: int) -> None:
    """Whatever bars are missing inside: an order ends with the last slower bar that it counts."""
    hour, r = ALL.opened_at // QUARTER // 4, np.random.default_rng(good_for)
    inside = (ALL.opened_at // QUARTER % 4 < 3) & (r.random(len(ALL)) < 0.4)
    bars = without(ALL, inside | np.isin(hour, r.choice(hour, 60)))
    own = resample(bars, "1h")
    alone = backtest(never_filled(good_for), own, finer=bars, capital=1e9)
    run = backtest(portfolio(Member("a", never_filled(good_for), "BTC/USDT", "1h")), bars, capital=1e9)
    expected, found = alone.history.closed_orders, run.history.closed_orders
    assert len(expected) > 100
    ends = bars.opened_at[found["bar"]] // QUARTER // 4
    np.testing.assert_array_equal(ends[: len(expected)], own.opened_at[expected["bar"]] // QUARTER // 4)
    np.testing.assert_array_equal(found["reason"][: len(expected)], expected["reason"])


def test_the_age_of_an_order_counts_from_the_bar_that_was_decided_on_late() -> None:
    """Where the last bar inside a slower bar is missing, the member decides with the first bar of the next one."""
    slot = ALL.opened_at // QUARTER
    bars = without(ALL, (slot % 4 == 3) & (slot // 4 % 5 < 2))
    own = resample(bars, "1h")
    alone = backtest(never_filled(7), own, capital=1e9)
    run, rows = (
        backtest(portfolio(Member("a", never_filled(7), "BTC/USDT", "1h")), bars, capital=1e9),
        appears(bars, own),
    )
    name = next(name for name in alone.columns if name.endswith(".age"))
    expected = alone.columns[name]
    assert np.nanmax(expected) > 3.0
    np.testing.assert_array_equal(run.columns[f"a__{name}"][rows], expected)


def test_a_member_reads_the_slower_bars_of_another_instrument_as_alone() -> None:
    """Bars of the other are missing, also the last inside a slower bar, and some slower bars of both altogether."""
    r, slot = np.random.default_rng(5), ALL.opened_at // QUARTER
    eth = demo_bars("ETH/USDT", "15m").slice(0, 2_000)
    read = without(eth, (r.random(2_000) < 0.4) | np.isin(slot // 4, r.choice(slot // 4, 30)) | (slot - slot[0] < 3))
    late = (slot % 4 == 3) & np.isin(slot // 4, r.choice(slot // 4, 60))
    bars = without(ALL, late | np.isin(slot // 4, r.choice(slot // 4, 30)))
    with strategy("Reads another") as reads:
        other = reads.bars_of("ETH/USDT")
        ta.ema(other.close, period=5, name="mean")
        ta.highest(other.high, period=3, name="top")
        ta.atr(other, period=4, name="range")
    run, own = backtest(portfolio(Member("a", reads, "BTC/USDT", "1h")), bars, with_bars=read), resample(bars, "1h")
    # What comes while the member's own instrument has no bar is not read, alone neither.
    together = without(read, ~np.isin(read.opened_at, bars.opened_at))
    alone, rows = backtest(reads, own, with_bars=resample(together, "1h")), appears(bars, own)
    for name in ("mean", "top", "range"):
        expected = alone.columns[name]
        assert 100 < np.isfinite(expected).sum() < len(expected) - 20
        # At the end of the data nobody can say that the other's last bar is not a part of a whole one.
        np.testing.assert_array_equal(run.columns[f"a__{name}"][rows][:-1], expected[:-1], name)
