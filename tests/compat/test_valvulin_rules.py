"""The backtester of Valvulin beside a slow one, written bar by bar from its description, over random signals."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wickwork import demo_bars
from wickwork.compat.valvulin import Backtester, TradeSignal

pd = pytest.importorskip("pandas")
COST, SLIP = 0.0004, 0.0002


@dataclass
class Held:
    """A position, by the slow backtester."""

    side: int
    bar: int
    entry: float
    quantity: float
    stop: float
    target: float
    r: float
    """The distance to the first stop."""
    extreme: float
    moved: bool = False


def slowly(df: Any, signals: dict[int, TradeSignal], rr: float) -> tuple[list[tuple[Any, ...]], float]:
    """Entry and exit bar, side and quantity of each trade, with prices, and the equity at the end; no trailing stop."""
    o, h, low, c = (df[name].to_numpy() for name in ("open", "high", "low", "close"))
    before = np.concatenate([[np.nan], c[:-1]])
    ranges = np.maximum(h, before) - np.minimum(low, before)
    cash, peak, halted, held, trades = 1000.0, 1000.0, False, None, []
    equity, day_r, at_risk, order = 1000.0, 0.0, np.nan, None
    for t in range(len(c)):
        if order is not None:
            side, quantity, distance, stop, target = order
            entry = o[t] * (1 + side * SLIP)
            stop = entry - side * distance if stop is None else stop
            r = side * (entry - stop)
            if target is None:
                target = entry + side * max(rr, 1.5) * (r if order[3] is not None else distance)
            cash -= quantity * entry * COST
            held, order = Held(side, t, entry, quantity, stop, target, r, entry), None
        if held is not None:
            s = held.side
            worst, best = (low[t], h[t]) if s > 0 else (h[t], low[t])
            price = None
            if s * (o[t] - held.stop) <= 0:
                price = o[t] * (1 - s * SLIP)
            elif held.bar < t and s * (o[t] - held.target) >= 0:
                price = o[t]
            elif s * (worst - held.stop) <= 0:
                price = held.stop * (1 - s * SLIP)
            elif s * (best - held.target) >= 0:
                price = held.target
            if price is not None:
                cash += held.quantity * (s * (price - held.entry) - price * COST)
                trades.append((held.bar, t, s, held.quantity, held.entry, price))
                held = None
        now = cash + (held.side * held.quantity * (c[t] - held.entry) if held is not None else 0.0)
        if t and df.index[t].date() != df.index[t - 1].date():
            day_r = 0.0
        if np.isfinite(at_risk):
            day_r += (now - equity) / at_risk
        equity, peak = now, max(peak, now)
        fall = 1 - equity / peak
        halted = halted or fall >= 0.1
        if held is not None:
            s = held.side
            seen = c[t] if held.bar == t else h[t] if s > 0 else low[t]
            held.extreme = max(held.extreme, seen) if s > 0 else min(held.extreme, seen)
            if not held.moved and s * (held.extreme - held.entry) >= held.r:
                held.moved, held.stop = True, held.entry
        elif t in signals:
            one = signals[t]
            side = 1 if one.side == "BUY" else -1
            atr = ranges[t - 14 : t].mean() if t >= 15 else 0.0
            base = 2 * atr if atr > 0 else 0.01 * c[t]
            distance = base if one.stop_loss is None else abs(c[t] - one.stop_loss)
            quantity = min(0.01 * equity * (0.5 if fall >= 0.08 else 1.0) / distance, one.quantity or np.inf)
            at_risk = quantity * distance
            if not halted and day_r > -2 + 1e-9:
                order = (side, quantity, distance, one.stop_loss, one.take_profit)
    return trades, equity


def chosen(df: Any, seed: int) -> dict[int, TradeSignal]:
    """Signals at random bars, some with prices and quantities of their own."""
    chance = random.Random(seed)
    found = {}
    for bar in sorted(chance.sample(range(5, len(df) - 2), 120)):
        side, close = chance.choice(["BUY", "SELL"]), float(df.close.iloc[bar])
        way = 1 if side == "BUY" else -1
        stop = close * (1 - way * chance.uniform(0.01, 0.03)) if chance.random() < 0.3 else None
        target = close * (1 + way * chance.uniform(0.01, 0.05)) if chance.random() < 0.3 else None
        quantity = chance.choice([None, None, 0.001])
        found[bar] = TradeSignal("BTCUSDT", df.index[bar], side, quantity, stop_loss=stop, take_profit=target)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_trades_are_those_of_a_slow_backtester(seed: int) -> None:
    chance = random.Random(seed)
    start = chance.randrange(20_000)
    df = demo_bars("BTC/USDT", chance.choice(["1h", "15m"])).slice(start, start + 1500).to_pandas()
    signals, rr = chosen(df, seed), chance.choice([1.0, 2.0, 3.0])
    result = Backtester(df, rr_ratio=rr, trail_atr_multiplier=None, leverage=20).run(signals.values())
    expected, equity = slowly(df, signals, rr)
    closed = [one for one in result.trades if one.exit_reason != "end of the bars"]
    found = [
        (
            df.index.get_loc(one.entry_time), df.index.get_loc(one.exit_time), 1 if one.signal.side == "BUY" else -1,
            one.quantity, one.entry_price, one.exit_price,
        )
        for one in closed
    ]  # fmt: skip
    assert len(found) > 5
    assert [row[:3] for row in found] == [row[:3] for row in expected]
    assert np.allclose([row[3:] for row in found], [row[3:] for row in expected], rtol=1e-9)
    assert result.final_equity == pytest.approx(equity, rel=1e-9)
