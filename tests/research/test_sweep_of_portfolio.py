"""Combinations of the parameters of a portfolio: each is the backtest with these parameters."""

from __future__ import annotations

from typing import Any

import pytest

from wickwork import (
    FrameStrategy,
    InputError,
    Member,
    Strategy,
    backtest,
    demo_bars,
    portfolio,
    strategy,
    sweep,
    ta,
    trade,
)

pytest.importorskip("pandas")
BTC, ETH = (demo_bars(name, "15m").slice(0, 2_000) for name in ("BTC/USDT", "ETH/USDT"))


def trend(slow: int) -> Strategy:
    with strategy("Trend") as s:
        fast, average = ta.ema(s.bars.close, period=12), ta.ema(s.bars.close, period=slow)
        trade.buy(when=ta.crosses_above(fast, average), size=trade.quantity(0.1), stop_loss=trade.percent(2))
        trade.close(when=ta.crosses_below(fast, average))
    return s


def grid() -> Strategy:
    with strategy("Grid") as s:
        up = ta.crosses_above(ta.rsi(s.bars.close), 50.0)
        trade.grid(when=up, levels=4, spacing=trade.percent(0.3), size=trade.quantity(0.01))
    return s


class Above(FrameStrategy):
    warmup, window, length = 21, 60, 20
    size = trade.quantity(0.3)

    def generate_signals(self, df: Any) -> Any:
        df["signal"] = (df.close > df.close.rolling(self.length).mean()).astype(int)
        return df


def test_each_combination_is_a_backtest() -> None:
    """Several times as many lanes as instruments, in another order; some columns are computed once for all."""
    both = portfolio(
        Member("g", grid(), "ETH/USDT", "1h"),
        Member("a", trend(26), ["BTC/USDT", "ETH/USDT"], "1h"),
        Member("b", trend(40), "ETH/USDT", "15m"),
        Member("c", Above, "BTC/USDT", "30m"),
    )
    found = sweep(both, [BTC, ETH], {"a__ema.period": [5, 9, 12], "g__rsi.period": [5, 14]}, capital=1e6)
    for row in found.table.to_dict("records"):
        params = {name: int(row[name]) for name in ("a__ema.period", "g__rsi.period")}
        stats = backtest(both, [BTC, ETH], params=params, capital=1e6).stats
        assert (row["total_return"], row["trades"]) == (stats["total_return"], stats["trades"])


def test_each_member_trades_its_own_instruments() -> None:
    """As many lanes as instruments, but in another order than the bars."""
    both = portfolio(Member("a", trend(26), "ETH/USDT", "15m"), Member("b", grid(), "BTC/USDT", "15m"))
    found = sweep(both, [BTC, ETH], {"a__ema.period": [5, 9]}, capital=1e6)
    for row in found.table.to_dict("records"):
        stats = backtest(both, [BTC, ETH], params={"a__ema.period": int(row["a__ema.period"])}, capital=1e6).stats
        assert row["total_return"] == stats["total_return"]


def test_parameters_of_a_class_do_not_vary_inside_a_portfolio() -> None:
    both = portfolio(Member("a", trend(26), "ETH/USDT", "15m"), Member("c", Above, "BTC/USDT", "30m"))
    with pytest.raises(InputError, match="sweep the class alone"):
        sweep(both, [BTC, ETH], {"c.length": [10, 20]})
