# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["vectorbt==1.2.0", "vectorbt-rust==1.2.0"]
# [tool.against]
# title = "vectorbt"
# variants = ["numba", "rust"]
# ///
"""vectorbt (open source), once with each of its two engines."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np

PACKAGES = ("vectorbt", "vectorbt-rust", "numba", "numpy", "pandas")
CHUNK = 200
UNIT = "no average in its first 25 bars; fills at the close of the signal"
EPSILON = "all in, it stops trading when the cash is below its epsilon, so that it makes fewer trades"


def start(variant: str) -> dict[str, dict[str, Any]]:
    """Which works there are, and what is to be said about them."""
    import vectorbt

    vectorbt.settings["engine"] = variant
    return {
        "cross": {"most": 1_000_000, "note": EPSILON},
        "stops": {
            "most": 1_000_000,
            "note": f"one call holds no fixed and trailing stop together: trailing stop and take profit; {EPSILON}",
        },
        "unit": {"most": 1_000_000, "note": UNIT},
        "unit_stops": {"most": 1_000_000, "note": f"trailing stop and take profit; {UNIT}"},
        "sweep": {"most": 200, "note": f"memory grows with the pairs, so that {CHUNK} go at once"},
        "universe": {"most": 1, "note": "cash_sharing, call_seq=auto; counts open trades, too"},
    }


def _five(portfolio: Any) -> dict[str, Any]:
    return {
        "trades": np.mean(portfolio.trades.count()),
        "total_return": np.mean(portfolio.total_return()) * 100.0,
        "sharpe": np.mean(portfolio.sharpe_ratio()),
        "max_drawdown": -np.mean(portfolio.max_drawdown()) * 100.0,
        "win_rate": np.mean(portfolio.trades.win_rate()) * 100.0,
    }


def _signals(close: Any, fast: Any, slow: Any) -> tuple[Any, Any]:
    import vectorbt

    quick = vectorbt.MA.run(close, fast, ewm=True, short_name="fast")
    calm = vectorbt.MA.run(close, slow, ewm=True, short_name="slow")
    return quick.ma_crossed_above(calm), quick.ma_crossed_below(calm)


def prepare(given: Any) -> Callable[[], dict[str, Any]]:
    """One work, ready to be done again and again."""
    import pandas as pd
    import vectorbt

    build = vectorbt.Portfolio.from_signals
    terms: dict[str, Any] = {"fees": given.fee, "slippage": given.slippage, "init_cash": 1e6, "freq": "1min"}
    if given.work == "universe":
        index = pd.DatetimeIndex(given.lanes[0].times.astype("datetime64[ms]"))
        table = pd.DataFrame({f"C{i:02d}": lane.close for i, lane in enumerate(given.lanes)}, index)
        terms |= {"freq": "1h", "size": 0.1, "size_type": "percent", "cash_sharing": True, "group_by": True}

        def universe() -> dict[str, Any]:
            entries, exits = (x.values for x in _signals(table, given.fast, given.slow))
            return _five(build(table, entries, exits, call_seq="auto", **terms))

        return universe
    index = pd.DatetimeIndex(given.times.astype("datetime64[ms]"))
    prices = {name: pd.Series(getattr(given, name), index) for name in ("open", "high", "low", "close")}
    close = prices["close"]
    if given.work.startswith("unit"):
        terms["size"] = 1.0
    if given.work.endswith("stops"):
        terms |= {name: prices[name] for name in ("open", "high", "low")}
        terms |= {"sl_stop": given.trail, "sl_trail": True, "tp_stop": given.target}

    def single() -> dict[str, Any]:
        return _five(build(close, *_signals(close, given.fast, given.slow), **terms))

    def sweep() -> dict[str, Any]:
        rows, sizes = [], []
        for first in range(0, len(given.pairs), CHUNK):
            fast, slow = zip(*given.pairs[first : first + CHUNK], strict=True)
            rows.append(_five(build(close, *_signals(close, list(fast), list(slow)), **terms)))
            sizes.append(len(fast))
            gc.collect()
        return {name: np.average([row[name] for row in rows], weights=sizes) for name in rows[0]}

    return sweep if given.work == "sweep" else single
