"""The five figures of a sweep, from the sums that the venue keeps while a run goes on."""

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
"""By their names among the metrics of a run."""


def years_of(feed: Feed) -> float:
    """Calendar time of the bars, in years of 365 days."""
    return float(feed.opened_at[-1] - feed.opened_at[0] + feed.timeframe.milliseconds) / DAY / YEAR_DAYS


def figures_of(account: NDArray[Any], feed: Feed, capital: float) -> dict[str, Floats]:
    """The figures of runs (rows of `ACCOUNT`), bit for bit those of the metrics of a run; NaN where these say None."""
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
            "win_rate": np.where(account["round_trips"] > 0, account["wins"] / account["round_trips"] * 100.0, np.nan),
            "trades": account["round_trips"].astype(np.float64),
        }


def doubtful(account: NDArray[Any]) -> NDArray[np.intp]:
    """The runs of which the sums do not tell enough: what matters in them may have been rounded away."""
    with np.errstate(all="ignore"):
        mean = account["returns"] / account["bars"]
        rounded = account["squares"] - account["returns"] * mean < CANCELS * account["squares"]
        # Equity of 0 or less cannot be told from hardly any, where a new peak came after it.
        fallen = (account["drawdown"] == 1.0) & (account["trough"] > 0.0) & (account["perpetuals"] > 0)
        return np.flatnonzero(rounded | fallen)


def _ruined(account: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether equity was ever used up."""
    return (account["drawdown"] > 1.0) | (account["trough"] <= 0.0)
