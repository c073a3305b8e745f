"""The five figures of a sweep, from the sums that the venue keeps while a run goes on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics.ledger import YEAR_DAYS
from wickwork.analytics.metrics.definition import MIN_BARS, MIN_DAYS, NOISE
from wickwork.engine.feed import Feed
from wickwork.model.bars import Floats
from wickwork.model.timeframe import DAY

FIGURES = ("total_return", "sharpe", "max_drawdown", "win_rate", "trades")
"""By their names among the metrics of a run."""
CANCELS = 0.5
"""Where less than this share of Σr² is left of it without the mean, rounding might show in the Sharpe ratio."""


def years_of(feed: Feed) -> float:
    """Calendar time of the bars, in years of 365 days."""
    return float(feed.opened_at[-1] - feed.opened_at[0] + feed.timeframe.milliseconds) / DAY / YEAR_DAYS


def figures_of(books: NDArray[Any], feed: Feed, capital: float) -> dict[str, Floats]:
    """The figures of runs (rows of `BOOKS`), as the metrics of a run define them; NaN where those say None.

    Total return, drawdown, win rate and trades have the same bits. The Sharpe ratio comes of the sums Σr and Σr²
    instead of a second look at every return: it differs by less than 1e-12 of itself, or of 1 where that is more.
    """
    size = feed.size
    with np.errstate(all="ignore"):
        mean = books["returns"] / size
        apart = books["squares"] - books["returns"] * mean
        deviation = np.sqrt(np.maximum(apart, 0.0) / (size - 1))
        sharpe = mean / deviation * math.sqrt(feed.timeframe.bars_per_year)
        enough = size >= MIN_BARS and years_of(feed) * YEAR_DAYS >= MIN_DAYS
        known = enough & (deviation > NOISE * np.abs(mean)) & ~_ruined(books)
        return {
            "total_return": (books["equity"] / capital - 1.0) * 100.0 + 0.0,
            "sharpe": np.where(known, sharpe + 0.0, np.nan),
            "max_drawdown": books["drawdown"] * 100.0,
            "win_rate": np.where(books["trips"] > 0, books["wins"] / books["trips"] * 100.0, np.nan),
            "trades": books["trips"].astype(np.float64),
        }


def doubtful(books: NDArray[Any]) -> NDArray[np.intp]:
    """The runs of which the sums do not tell enough: what matters in them may have been rounded away."""
    with np.errstate(all="ignore"):
        mean = books["returns"] / books["bars"]
        rounded = books["squares"] - books["returns"] * mean < CANCELS * books["squares"]
        # Equity of 0 or less cannot be told from hardly any, where a new peak came after it.
        fallen = (books["drawdown"] == 1.0) & (books["trough"] > 0.0) & (books["perpetuals"] > 0)
        return np.flatnonzero(rounded | fallen)


def _ruined(books: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether equity was ever used up."""
    return (books["drawdown"] > 1.0) | (books["trough"] <= 0.0)
