# /// script
# requires-python = ">=3.11"
# dependencies = ["backtesting==0.6.6"]
# [tool.against]
# title = "backtesting.py"
# ///
"""backtesting.py: a Python class called at every bar. It trades whole units alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

PACKAGES = ("backtesting", "numpy", "pandas")
SPREAD = "applies the slippage, given as spread, to entries only; fills at the next open"


def start(variant: str) -> dict[str, dict[str, Any]]:
    """Which works there are, and what is to be said about them."""
    warnings.filterwarnings("ignore")
    import backtesting

    backtesting.backtesting._tqdm = lambda bars, **_: bars  # no progress bar in the time
    return {
        "unit": {"most": 100_000, "note": SPREAD},
        "unit_stops": {"most": 100_000, "note": f"the trail is moved in next(); {SPREAD}"},
    }


def _average(values: Any, period: int) -> Any:
    import pandas as pd

    return pd.Series(values).ewm(span=period, adjust=False).mean().values


def prepare(given: Any) -> Callable[[], dict[str, Any]]:
    """One work, ready to be done again and again."""
    import pandas as pd
    from backtesting import Backtest, Strategy

    stops = given.work.endswith("stops")

    class Cross(Strategy):
        def init(self) -> None:
            self.quick = self.I(_average, self.data.Close, given.fast)
            self.calm = self.I(_average, self.data.Close, given.slow)

        def next(self) -> None:
            quick, calm = self.quick, self.calm
            if stops and self.position:
                for one in self.trades:
                    one.sl = max(one.sl or 0.0, self.data.High[-1] * (1.0 - given.trail))
            if quick[-1] > calm[-1] and quick[-2] <= calm[-2]:
                if not self.position:
                    price = self.data.Close[-1]
                    levels = {"sl": price * (1.0 - given.stop), "tp": price * (1.0 + given.target)} if stops else {}
                    self.buy(size=1, **levels)
            elif quick[-1] < calm[-1] and quick[-2] >= calm[-2] and self.position:
                self.position.close()

    frame = pd.DataFrame(
        {"Open": given.open, "High": given.high, "Low": given.low, "Close": given.close, "Volume": given.volume},
        index=pd.DatetimeIndex(given.times.astype("datetime64[ms]")),
    )

    def run() -> dict[str, Any]:
        stats = Backtest(frame, Cross, cash=1e6, commission=given.fee, spread=given.slippage).run()
        return {
            "trades": stats["# Trades"],
            "total_return": stats["Return [%]"],
            "sharpe": stats["Sharpe Ratio"],
            "max_drawdown": -stats["Max. Drawdown [%]"],
            "win_rate": stats["Win Rate [%]"],
        }

    return run
