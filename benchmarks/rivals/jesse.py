# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["jesse==3.5.3"]
# [tool.against]
# title = "jesse"
# ///
"""jesse: `research.backtest` with fast_mode. Its averages are kept up to date by hand, which is kind to it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

PACKAGES = ("jesse", "jesse-rust", "numpy", "pandas")
VENUE = "Bybit USDT Perpetual"
MODEST = (
    "fast_mode; futures at leverage 1, no slippage; Sharpe from days; averages updated by one multiplication a bar, "
    "which is kinder than `ta.ema(self.candles, …)`"
)


def start(variant: str) -> dict[str, dict[str, Any]]:
    """Which works there are, and what is to be said about them."""
    os.chdir(tempfile.mkdtemp())  # inside one of its projects it would look for PostgreSQL and Redis
    from jesse import research

    assert research
    return {"unit": {"most": 100_000, "note": MODEST}, "unit_stops": {"most": 100_000, "note": MODEST}}


def prepare(given: Any) -> Callable[[], dict[str, Any]]:
    """One work, ready to be done again and again."""
    from jesse import research
    from jesse.strategies import Strategy

    stops = given.work.endswith("stops")

    class Cross(Strategy):  # type: ignore[misc]
        def before(self) -> None:
            price, v = self.close, self.vars
            if self.index == 0:
                v.update(quick=price, calm=price, above=False, crossed=0)
            v["quick"] += 2.0 / (given.fast + 1) * (price - v["quick"])
            v["calm"] += 2.0 / (given.slow + 1) * (price - v["calm"])
            above = v["quick"] > v["calm"]
            v["crossed"] = int(above) - int(v["above"])
            v["above"] = above

        def should_long(self) -> bool:
            return self.vars["crossed"] == 1

        def should_short(self) -> bool:
            return False

        def go_long(self) -> None:
            self.buy = 1, self.price

        def should_cancel_entry(self) -> bool:
            return True

        def on_open_position(self, order: Any) -> None:
            if stops:
                self.stop_loss = 1, self.price * (1.0 - given.stop)
                self.take_profit = 1, self.price * (1.0 + given.target)

        def update_position(self) -> None:
            if self.vars["crossed"] == -1:
                self.liquidate()
            elif stops and self.high * (1.0 - given.trail) > self.average_stop_loss:
                self.stop_loss = 1, self.high * (1.0 - given.trail)

    rows = np.stack([given.times.astype(float), given.open, given.close, given.high, given.low, given.volume], axis=1)
    config = {
        "starting_balance": 1_000_000,
        "fee": given.fee,
        "type": "futures",
        "futures_leverage": 1,
        "futures_leverage_mode": "cross",
        "exchange": VENUE,
        "warm_up_candles": 0,
    }
    routes = [{"exchange": VENUE, "strategy": Cross, "symbol": "BTC-USDT", "timeframe": "1m"}]
    candles = {f"{VENUE}-BTC-USDT": {"exchange": VENUE, "symbol": "BTC-USDT", "candles": rows}}

    def run() -> dict[str, Any]:
        found = research.backtest(config, routes, [], candles, fast_mode=True)["metrics"]
        return {
            "trades": found["total"],
            "total_return": found["net_profit_percentage"],
            "sharpe": found["sharpe_ratio"],
            "max_drawdown": -found["max_drawdown"],
            "win_rate": found["win_rate"] * 100.0,
        }

    return run
