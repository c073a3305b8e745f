# /// script
# requires-python = ">=3.11"
# dependencies = ["backtrader==1.9.78.123", "numpy==2.4.6", "pandas==3.1.1"]
# [tool.against]
# title = "backtrader"
# ///
"""backtrader: runonce (vectorised indicators), no standard observers, analyzers for the statistics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PACKAGES = ("backtrader", "numpy", "pandas")
SEED = (
    "its EMA begins with a simple mean at bar 26; its slippage never leaves the range of the bar that it fills in; "
    "Sharpe from days; fills at the next open"
)


def start(variant: str) -> dict[str, dict[str, Any]]:
    """Which works there are, and what is to be said about them."""
    import backtrader

    assert backtrader
    return {
        "unit": {"most": 100_000, "note": SEED},
        "unit_stops": {"most": 100_000, "note": f"stops checked in next(), which fill at the next open; {SEED}"},
    }


def prepare(given: Any) -> Callable[[], dict[str, Any]]:
    """One work, ready to be done again and again."""
    import backtrader
    import numpy as np
    import pandas as pd

    stops = given.work.endswith("stops")

    class Cross(backtrader.Strategy):  # type: ignore[misc]
        def __init__(self) -> None:
            quick, calm = (backtrader.ind.EMA(period=n) for n in (given.fast, given.slow))
            self.cross = backtrader.ind.CrossOver(quick, calm)
            self.entry = self.highest = 0.0

        def next(self) -> None:
            crossed, held = self.cross[0], self.position.size
            if stops and held:
                self.highest = max(self.highest, self.data.high[0])
                floor = max(self.entry * (1.0 - given.stop), self.highest * (1.0 - given.trail))
                if self.data.low[0] <= floor or self.data.high[0] >= self.entry * (1.0 + given.target):
                    self.close()
                    return
            if crossed > 0 and not held:
                self.buy(size=1)
                self.entry = self.highest = self.data.close[0]
            elif crossed < 0 and held:
                self.close()

    names = ("open", "high", "low", "close", "volume")
    index = pd.DatetimeIndex(given.times.astype("datetime64[ms]"))
    frame = pd.DataFrame({name: getattr(given, name) for name in names}, index=index)

    def run() -> dict[str, Any]:
        cerebro = backtrader.Cerebro(stdstats=False)
        cerebro.adddata(backtrader.feeds.PandasData(dataname=frame))
        cerebro.addstrategy(Cross)
        cerebro.broker.setcash(1e6)
        cerebro.broker.setcommission(given.fee)
        cerebro.broker.set_slippage_perc(given.slippage)
        for name in ("DrawDown", "TradeAnalyzer"):
            cerebro.addanalyzer(getattr(backtrader.analyzers, name), _name=name)
        days = backtrader.TimeFrame.Days
        cerebro.addanalyzer(backtrader.analyzers.TimeReturn, _name="returns", timeframe=days)
        found = cerebro.run()[0].analyzers
        trades, daily = found.TradeAnalyzer.get_analysis(), np.array(list(found.returns.get_analysis().values()))
        return {
            "trades": trades.total.closed,
            "total_return": (cerebro.broker.getvalue() / 1e6 - 1.0) * 100.0,
            "sharpe": daily.mean() / daily.std(ddof=1) * 365.0**0.5,
            "max_drawdown": found.DrawDown.get_analysis().max.drawdown,
            "win_rate": trades.won.total / trades.total.closed * 100.0,
        }

    return run
