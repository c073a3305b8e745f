"""Faults of older systems that must not come back, as tests of the public API. Numbers are those of the list.

Each was seen in a trading system whose best parts live on here; the docstrings say what went wrong and what must hold.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

from wickwork import Bars, Instrument, Strategy, Timeframe, backtest, demo_bars, strategy, ta, trade
from wickwork.engine.feed import feed_of
from wickwork.engine.machine import Machine
from wickwork.graph.program import plan
from wickwork.graph.types import Port
from wickwork.nodes import builtin
from wickwork.sim.terms import Terms

START = 1_704_067_200_000  # 2024-01-01

HOUR = 3_600_000
SPOT, SWAP = Instrument("C", "USDT"), Instrument("C", "USDT", "USDT")
FREE: dict[str, Any] = {"maker_fee": 0.0, "taker_fee": 0.0, "slippage": 0.0, "funding_rate": 0.0}
FLAT = (100, 100, 100, 100)


def bars_of(rows: Any, instrument: Instrument = SWAP, length: int = HOUR) -> Bars:
    o, h, low, c = np.array(rows, float).T
    return Bars.of(instrument, Timeframe(length), START + length * np.arange(len(o)), o, h, low, c, np.ones(len(o)))


def random_bars(size: int, seed: int, scale: float = 0.01, price: float = 100.0, instrument: Instrument = SWAP) -> Bars:
    """A random walk with gaps, every bar wide enough to hit anything."""
    r = np.random.default_rng(seed)
    points = price * np.exp(np.cumsum(r.normal(0, scale, size * 5)) % 2.0).reshape(size, 5)
    low, high = points.min(axis=1), points.max(axis=1)
    rows = np.stack([points[:, 0], high, low, points[:, -1]], axis=1)
    return bars_of(rows, instrument)


# ---- 1


def both_ways(**levels: Any) -> Strategy:
    """In the market all the time, on either side, with a bracket."""
    with strategy("both ways") as s:
        up = s.bars.close > ta.previous(s.bars.close)
        trade.buy(when=up, size=trade.quantity(1.0), **levels)
        trade.short(when=~up, size=trade.quantity(1.0), **levels)
    return s


LEVELS: dict[str, dict[str, Any]] = {
    "tight": {"stop_loss": trade.percent(0.5), "take_profit": trade.percent(0.5)},
    "wide": {"stop_loss": trade.percent(3), "take_profit": trade.r(2)},
    "three": {"stop_loss": trade.percent(1), "take_profit": trade.percent(1), "trailing": trade.percent(0.7)},
}


@pytest.mark.parametrize("assume", ["worst", "best"])
@pytest.mark.parametrize("levels", LEVELS)
def test_1_stop_and_target_in_one_bar_never_both_fill(levels: str, assume: str) -> None:
    """Where one bar reached both exits, both were booked, and the second exit opened a position the other way around.

    Of the exits of one entry only one fills, and no exit carries the position through zero.
    """
    run = backtest(both_ways(**LEVELS[levels]), random_bars(5000, 1), assume=assume, capital=1e6, **FREE)
    fills, orders = run.fills, run.orders
    exits = fills[fills["leg"] != ""]
    assert len(exits) > 500
    assert (exits["position"] == 0.0).all()
    assert (fills["position"].abs() <= 1.0).all()
    closed = orders[(orders["leg"] != "") & (orders["state"] == "filled")]
    assert closed["parent"].is_unique
    others = orders[(orders["leg"] != "") & orders["parent"].isin(closed["parent"]) & (orders["state"] != "filled")]
    assert (others["filled"] == 0.0).all()
    assert (others["reason"] == "other leg filled").all()
    forced = fills["kind"] == "liquidation"  # a gap may double the price of what was sold short
    entries = fills[(fills["leg"] == "") & ~forced]
    assert len(entries) - len(exits) - forced.sum() in (0, 1)


@pytest.mark.parametrize(("assume", "price"), [("worst", 99.0), ("best", 101.0)])
def test_1_one_bar_that_holds_both(assume: str, price: float) -> None:
    """The smallest case: bought at 100, and the same bar saw 99 and 101."""
    with strategy() as s:
        bracket = {"stop_loss": trade.price(99.0), "take_profit": trade.price(101.0)}
        trade.buy(when=s.bars.volume > 0.0, size=trade.quantity(1.0), **bracket)
    run = backtest(s, bars_of([FLAT, (100, 102, 98, 100)]), assume=assume, **FREE)
    assert run.fills["price"].tolist() == [100.0, price]
    assert run.fills["position"].tolist() == [1.0, 0.0]
    assert run.stats["ambiguous_bars"] == 1


# ---- 2


def test_2_a_wick_before_the_entry_stops_nobody_out() -> None:
    """The exit was looked for in the bar whose close was the entry: a wick of before the entry stopped the trade out.

    The bar that decides has a wick to 90 and the stop loss is at 95: entered at the next open, the trade lives.
    """
    with strategy() as s:
        trade.buy(when=s.bars.low < 91.0, size=trade.quantity(1.0), stop_loss=trade.price(95.0))
    run = backtest(s, bars_of([FLAT, (100, 110, 90, 100), (100, 101, 99, 100), FLAT]), **FREE)
    assert [(f.price, f.position) for f in run.fills.itertuples()] == [(100.0, 1.0)]
    assert int(run.history.fills["bar"][0]) == 2


def test_2_a_target_that_was_only_seen_before_the_entry_is_not_taken() -> None:
    """A limit entry at 98 in a bar that had been at 105 before: the target at 104 may not fill in it.

    The bar alone cannot tell, so `worst` does not take it and counts the bar as ambiguous; finer bars settle it, even
    under `best`.
    """
    with strategy() as s:
        trade.buy(when=s.bars.high < 101.0, size=trade.quantity(1.0), limit=98.0, take_profit=trade.price(104.0))
    coarse = bars_of([FLAT, (100, 105, 98, 99), (99, 100, 99, 99)])
    points = [[100.0] * 4, [100.0, 105.0, 98.0, 99.0], [99.0, 100.0, 99.0, 99.0]]
    finer = bars_of([(p, p, p, p) for row in points for p in row], length=HOUR // 4)
    run = backtest(s, coarse, **FREE)
    assert run.fills["price"].tolist() == [98.0]
    assert run.stats["ambiguous_bars"] == 1
    settled = backtest(s, coarse, finer=finer, assume="best", **FREE)
    assert settled.fills["price"].tolist() == [98.0]
    assert settled.stats["ambiguous_bars"] == 0


@pytest.mark.parametrize("kind", ["market", "limit", "stop"])
def test_2_every_exit_uses_a_price_of_after_the_entry(kind: str) -> None:
    """With the true path as finer bars, the path comes to each exit's price at or after the entry's moment."""
    r, size, per = np.random.default_rng(3), 2000, 12
    walk = np.cumsum(r.choice([-1, 0, 1], size * per))
    points = 75.0 + np.abs((walk + 200) % 400 - 200) * 0.25  # by one step at most, so that every level is met
    length = HOUR // per
    finer = bars_of(np.stack([points] * 4, axis=1), length=length)
    p = points.reshape(size, per)
    coarse = bars_of(np.stack([p[:, 0], p.max(axis=1), p.min(axis=1), p[:, -1]], axis=1))
    with strategy() as s:
        up, close = s.bars.close > ta.previous(s.bars.close), s.bars.close
        levels = {"stop_loss": trade.price(close - 2.0), "take_profit": trade.price(close + 2.0)}
        price = {"market": {}, "limit": {"limit": close - 0.5}, "stop": {"stop": close + 0.5}}[kind]
        trade.buy(when=up, size=trade.quantity(1.0), **price, **levels)
    run = backtest(s, coarse, finer=finer, capital=1e6, **FREE)
    fills = run.history.fills
    moments = fills["bar"] * per + fills["finer_bar"]
    assert (points[moments] == fills["price"]).all()
    exits = np.flatnonzero(fills["leg"] > 0)
    assert len(exits) > 30
    assert (moments[exits] >= moments[exits - 1]).all()
    assert (fills["leg"][exits - 1] == 0).all()


# ---- 3 and 4


def everything() -> Strategy:
    """A strategy whose orders depend on every kind of memory: averages, windows, the position, slower bars."""
    with strategy("everything") as s:
        close, slow = s.bars.close, s.bars("4h").close
        ta.rsi(close, name="rsi")
        ta.sma(close, period=20, name="sma")
        ta.ema(close, period=12, name="ema")
        ta.rma(close, period=9, name="rma")
        ta.wma(close, period=15, name="wma")
        ta.atr(name="atr")
        ta.bollinger(close, name="bands")
        ta.highest(s.bars.high, period=24, name="top")
        ta.ema(slow, period=5, name="slow")
        up = ta.crosses_above(ta.ema(close, period=5), ta.ema(close, period=13))
        bracket = {"stop_loss": trade.atr(2.0), "take_profit": trade.r(2.0), "trailing": trade.percent(2.0)}
        trade.buy(when=up, size=trade.risk_percent(1.0), **bracket)
        trade.short(when=ta.rsi(close) > 70.0, size=trade.percent_of_equity(20.0), limit=close * 1.01, good_for=5)
        trade.close(when=ta.bars_held() > 40.0)
    return s


NAMES = ("rsi", "sma", "ema", "rma", "wma", "atr", "bands.upper", "bands.lower", "top", "slow")


@cache
def demo(size: int = 4000) -> Bars:
    bars = demo_bars("BTC/USDT", "1h").slice(0, size)
    return Bars.of(SWAP, bars.timeframe, bars.opened_at, bars.open, bars.high, bars.low, bars.close, bars.volume)


@cache
def full() -> Any:
    return backtest(everything(), demo())


@pytest.mark.parametrize("end", [1, 50, 777, 2500, 3999])
def test_3_a_prefix_gives_what_the_full_history_gave(end: int) -> None:
    """Indicators worked out over the whole table knew later bars; a strategy in the past decided with them.

    A run that ends earlier agrees with the longer one to the last bit: wires, fills, refusals, equity.
    """
    short, whole = backtest(everything(), demo().slice(0, end)), full()
    for name in NAMES:
        assert short.columns[name].tobytes() == whole.columns[name][:end].tobytes(), name
    for table in ("fills", "closed_orders", "denied"):
        mine, theirs = getattr(short.history, table), getattr(whole.history, table)
        assert mine.tolist() == theirs[theirs["bar"] < end].tolist()
    assert short.history.equity.tobytes() == whole.history.equity[:end].tobytes()
    assert len(whole.history.fills) > 100


def test_3_bar_by_bar_gives_what_the_full_history_gave() -> None:
    """The live path was other code than the backtest. Here it is the same machine, given one bar at a time."""
    program = plan(everything().check(), demo().timeframe)
    keep = {name: program.column(name).index for name in NAMES}
    size, whole = 1500, full()
    machine = Machine(program, feed_of([demo().slice(0, size)], funding_rate=Terms().funding_rate), Terms(), keep=keep)
    for bar in range(size):
        machine.run(bar + 1)
    for name in NAMES:
        assert machine.kept[name][0].tobytes() == whole.columns[name][:size].tobytes(), name
    fills = whole.history.fills
    assert machine.output("fills").tolist() == fills[fills["bar"] < size].tolist()
    assert machine.equity.tobytes() == whole.history.equity[:size].tobytes()


def values(make: Any, bars: Bars) -> np.ndarray[Any, Any]:
    with strategy() as s:
        make(s, "wire")
        trade.buy(when=s.bars.close < 0.0)
    return backtest(s, bars).columns["wire"]


WINDOWS = {
    "sma": lambda s, name: ta.sma(s.bars.close, period=20, name=name),
    "wma": lambda s, name: ta.wma(s.bars.close, period=20, name=name),
    "highest": lambda s, name: ta.highest(s.bars.high, period=20, name=name),
    "standard_deviation": lambda s, name: ta.standard_deviation(s.bars.close, period=20, name=name),
    "roc": lambda s, name: ta.roc(s.bars.close, period=10, name=name),
}
RECURSIVE = {  # how much of a difference is left after one bar
    "ema": (lambda s, name: ta.ema(s.bars.close, period=20, name=name), 1 - 2 / 21),
    "ema, first": (lambda s, name: ta.ema(s.bars.close, period=20, seed="first", name=name), 1 - 2 / 21),
    "rma": (lambda s, name: ta.rma(s.bars.close, period=14, name=name), 1 - 1 / 14),
    "rsi": (lambda s, name: ta.rsi(s.bars.close, period=14, name=name), 1 - 1 / 14),
    "atr": (lambda s, name: ta.atr(period=14, name=name), 1 - 1 / 14),
}
BEGINNINGS = (1, 100, 333)


@pytest.mark.parametrize("name", WINDOWS)
def test_4_a_window_does_not_know_where_the_data_began(name: str) -> None:
    """How many bars were asked for changed the value of a bar.

    How many come later changes nothing (point 3). Where the data begins changes nothing for what looks at a window,
    once that is full (but for the last digits of running sums).
    """
    whole = values(WINDOWS[name], demo(1500))
    for begin in BEGINNINGS:
        part = values(WINDOWS[name], demo(1500).slice(begin, 1500))
        assert part[30:] == pytest.approx(whole[begin + 30 :], rel=1e-9)


@pytest.mark.parametrize("name", RECURSIVE)
def test_4_a_recursive_average_forgets_where_the_data_began(name: str) -> None:
    """An average that never quite forgets does depend on where the data begins: honestly said, and only at first.

    The difference shrinks with every bar by the average's own factor, and is gone after enough of them.
    """
    make, left = RECURSIVE[name]
    whole = values(make, demo(1500))
    for begin in BEGINNINGS:
        difference = np.abs(values(make, demo(1500).slice(begin, 1500)) - whole[begin:])
        scale = float(np.nanmax(np.abs(whole)))
        start = float(np.nanmax(difference[20:60]))
        assert start > 1e-9 * scale  # it does depend at first
        bars = int(np.ceil(np.log(1e-9) / np.log(left)))
        assert np.nanmax(difference[60 + bars :]) < 2e-8 * scale
        for later in (100, 200):
            assert np.nanmax(difference[60 + later : 160 + later]) <= 20.0 * start * left**later + 1e-12 * scale


def test_4_a_running_total_keeps_its_beginning_but_not_its_steps() -> None:
    """On-balance volume counts from the first bar there is: its level is a convention, its changes are not."""
    whole = values(lambda s, name: ta.obv(name=name), demo(1500))
    for begin in BEGINNINGS:
        part = values(lambda s, name: ta.obv(name=name), demo(1500).slice(begin, 1500))
        assert np.diff(part)[1:] == pytest.approx(np.diff(whole[begin:])[1:], rel=1e-6, abs=1e-6)


# ---- 6


def moving_averages() -> list[str]:
    """Every node of the catalogue that calls itself a moving average: one series in, one out."""
    return [
        n.name
        for n in builtin().values()
        if not n.verb
        and n.group == "trend"
        and len(n.outputs) == 1
        and n.outputs[0].port is Port.SERIES
        and [i.port for i in n.inputs if i.required] == [Port.SERIES]
        and any(
            word in " ".join((n.title, n.help, *n.terms)).lower() for word in ("moving average", "smoothed average")
        )
        and any(p.name == "period" for p in n.parameters)
    ]


def test_6_the_list_of_averages_is_not_empty() -> None:
    assert {"sma", "ema", "wma", "rma"} <= set(moving_averages())


@pytest.mark.parametrize("period", [2, 14, 200])
@pytest.mark.parametrize("name", moving_averages())
def test_6_no_moving_average_runs_away(name: str, period: int) -> None:
    """One average was unstable and left for infinity after some hundred bars.

    Over 10,000 random bars (walks, jumps over eight orders of magnitude and back, flat stretches) none leaves the range
    of its inputs by more than half of that range, nor does any value go missing.
    """
    r = np.random.default_rng(6)
    walk = 100.0 * np.exp(np.cumsum(r.normal(0, 0.02, 10_000)))
    jumps = np.where(r.random(10_000) < 0.01, 1e4, 1e-4) * r.uniform(1, 2, 10_000)
    flat = np.repeat(r.uniform(1, 100, 100), 100)
    for closes in (walk, jumps, flat):
        bars = bars_of(np.stack([closes] * 4, axis=1))
        with strategy() as s:
            getattr(ta, name)(s.bars.close, period=period, name="average")
            trade.buy(when=s.bars.close < 0.0)
        average = backtest(s, bars).columns["average"]
        node = builtin()[name]
        known = average[max(4 * period + 10, node.warmup_bars(node.check({"period": period}))) :]
        assert np.isfinite(known).all()
        low, high = closes.min(), closes.max()
        span = max(high - low, high * 1e-9)
        assert known.min() >= low - span / 2
        assert known.max() <= high + span / 2


# ---- 7


def test_7_prices_of_a_hundred_millionth_keep_all_their_digits() -> None:
    """An analyzer rounded prices to two decimals, and a coin of 0.00001234 cost nothing.

    Tables and JSON give the price of the bar itself, digit by digit, and gains agree with it.
    """
    bars = random_bars(400, 7, price=1.23456789e-8, instrument=SPOT)
    with strategy() as s:
        up = s.bars.close > ta.previous(s.bars.close)
        trade.buy(when=up, size=trade.quote(50.0))
        trade.close(when=~up)
    run = backtest(s, bars, **FREE)
    assert len(run.trades) > 50
    opens = bars.open[run.history.fills["bar"]]
    assert run.fills["price"].tolist() == opens.tolist()
    data = json.loads(run.to_json())
    assert [f["price"] for f in data["fills"]] == opens.tolist()
    for row in run.trades[~run.trades["open"]].itertuples():
        assert row.entry in opens
        assert row.gain == pytest.approx(row.quantity * (row.exit - row.entry), rel=1e-6, abs=1e-12)
    assert all(0.0 < t["entry"] < 1e-6 for t in data["trades"])


@pytest.mark.parametrize("power", [-40, -27, 20])
def test_7_a_run_does_not_care_in_which_unit_prices_are_told(power: int) -> None:
    """Prices times a power of two (exact in binary), volumes to match: the same trades, and equity to the last bit."""
    bars = demo(2000)
    factor = 2.0**power
    o, h, low, c = (getattr(bars, n) * factor for n in ("open", "high", "low", "close"))
    scaled = Bars.of(SWAP, bars.timeframe, bars.opened_at, o, h, low, c, bars.volume / factor)
    one, other = backtest(everything(), bars), backtest(everything(), scaled)
    assert one.history.equity.tobytes() == other.history.equity.tobytes()
    assert (one.history.fills["price"] * factor).tolist() == other.history.fills["price"].tolist()
    for name, value in one.stats.items():
        assert other.stats[name] == value, name
