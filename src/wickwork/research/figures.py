"""The five figures of a sweep, computed from the sums in the account of each run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics.ledger import CANCELS, YEAR_DAYS, bars_per_year
from wickwork.analytics.metrics.definition import MIN_BARS, MIN_DAYS, NOISE
from wickwork.engine.feed import Feed
from wickwork.model.bars import Floats
from wickwork.model.timeframe import DAY

FIGURES = ("total_return", "sharpe", "max_drawdown", "win_rate", "trades")
"""Names of metrics of a run."""


def years_of(feed: Feed) -> float:
    """Calendar time of the bars, in years of 365 days."""
    return float(feed.opened_at[-1] - feed.opened_at[0] + feed.timeframe.milliseconds) / DAY / YEAR_DAYS


def figures_of(account: NDArray[Any], feed: Feed, capital: float) -> dict[str, Floats]:
    """The figures of runs (rows of `ACCOUNT`), equal to the metrics of a run bit for bit; NaN for None."""
    size = feed.size
    with np.errstate(all="ignore"):
        mean = account["returns"] / size
        apart = account["squares"] - account["returns"] * mean
        deviation = np.sqrt(np.maximum(apart, 0.0) / (size - 1))
        sharpe = mean / deviation * math.sqrt(bars_per_year(feed.timeframe, feed.opened_at))
        enough = size >= MIN_BARS and years_of(feed) * YEAR_DAYS >= MIN_DAYS
        known = enough & (deviation > NOISE * np.abs(mean)) & ~_ruined(account)
        return {
            "total_return": (account["equity"] / capital - 1.0) * 100.0 + 0.0,
            "sharpe": np.where(known, sharpe + 0.0, np.nan),
            "max_drawdown": account["drawdown"] * 100.0,
            "win_rate": np.where(
                account["round_trip_total"] > 0, account["wins"] / account["round_trip_total"] * 100.0, np.nan
            ),
            "trades": account["round_trip_total"].astype(np.float64),
        }


def imprecise(account: NDArray[Any]) -> NDArray[np.intp]:
    """The indices of runs whose sums lost too many digits to rounding; their figures need a full run."""
    with np.errstate(all="ignore"):
        mean = account["returns"] / account["bars"]
        rounded = account["squares"] - account["returns"] * mean < CANCELS * account["squares"]
        # Equity of 0 or less looks like equity just above 0 if a new peak followed.
        fallen = (account["drawdown"] == 1.0) & (account["trough"] > 0.0) & (account["perpetuals"] > 0)
        return np.flatnonzero(rounded | fallen)


def _ruined(account: NDArray[Any]) -> NDArray[np.bool_]:
    """Mask of the runs whose equity fell to 0 or below."""
    return (account["drawdown"] > 1.0) | (account["trough"] <= 0.0)
