# /// script
# requires-python = ">=3.11"
# dependencies = ["raptorbt==0.13.4", "numpy==2.4.6"]
# [tool.against]
# title = "raptorbt"
# ///
"""raptorbt: a Rust core that takes entry and exit signals; these are built with its EMA and numpy, within the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PACKAGES = ("raptorbt", "numpy")
BUILT = "signals built with raptorbt's EMA and numpy, in the time"


def start(variant: str) -> dict[str, dict[str, Any]]:
    """Which works there are, and what is to be said about them."""
    import raptorbt

    assert raptorbt
    return {
        "cross": {"most": 1_000_000, "note": BUILT},
        "stops": {"most": 1_000_000, "note": "take profit and trailing stop; the trail replaces the fixed stop loss"},
        "unit": {"most": 1_000_000, "note": f"one unit as a share of the capital; {BUILT}"},
        "unit_stops": {"most": 1_000_000, "note": f"as with all in; one unit as a share of the capital; {BUILT}"},
        "sweep": {"most": 1_000, "note": f"one batch call over all cores; {BUILT}; memory grows with the pairs"},
    }


def signals(close: Any, fast: int, slow: int) -> tuple[Any, Any]:
    """Where the fast average crosses the slow one, upwards and downwards."""
    import raptorbt

    above = raptorbt.ema(close, fast) > raptorbt.ema(close, slow)
    entries, exits = np.zeros(len(close), bool), np.zeros(len(close), bool)
    entries[1:], exits[1:] = above[1:] & ~above[:-1], ~above[1:] & above[:-1]
    return entries, exits


def _five(metrics: Any) -> dict[str, Any]:
    return {
        "trades": metrics.total_trades,
        "total_return": metrics.total_return_pct,
        "sharpe": metrics.sharpe_ratio,
        "max_drawdown": metrics.max_drawdown_pct,
        "win_rate": metrics.win_rate_pct,
    }


def prepare(given: Any) -> Callable[[], dict[str, Any]]:
    """One work, ready to be done again and again."""
    import raptorbt

    config = raptorbt.BacktestConfig(initial_capital=1e6, fees=given.fee, slippage=given.slippage)
    config.periods_per_year = 365.0 * 24.0 * 60.0
    if given.work.endswith("stops"):
        config.set_fixed_stop(given.stop)
        config.set_fixed_target(given.target)
        config.set_trailing_stop(given.trail)
    shares = None
    if given.work.startswith("unit"):
        shares = given.close * (1.0 + given.fee) * (1.0 + given.slippage) / 1e6
    columns = (given.times * 1_000_000, given.open, given.high, given.low, given.close, given.volume)

    def single() -> dict[str, Any]:
        entries, exits = signals(given.close, given.fast, given.slow)
        return _five(raptorbt.run_single_backtest(*columns, entries, exits, 1, 1.0, "BTC", config, shares).metrics)

    def sweep() -> dict[str, Any]:
        items = [
            raptorbt.BatchSingleItem(f"{fast}-{slow}", *signals(given.close, fast, slow)) for fast, slow in given.pairs
        ]
        rows = [_five(one[1].metrics) for one in raptorbt.batch_single_backtest(*columns, items, config)]
        return {name: np.mean([row[name] for row in rows]) for name in rows[0]}

    return sweep if given.work == "sweep" else single
