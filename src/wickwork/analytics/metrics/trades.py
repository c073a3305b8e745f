"""Trades: closed round trips.

A trade wins when its gain, net of fees and funding, is above 0, and loses when it is below; at 0 it does neither.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics.ledger import Ledger, stretches
from wickwork.analytics.metrics.definition import NOISE, metric
from wickwork.model.bars import Floats
from wickwork.model.timeframe import DAY

MIN_QUALITY = 30
"""Trades that a system quality number takes; Tharp's own lower bound for it."""


def percents(trades: NDArray[np.void]) -> Floats:
    """The gain of each trade (rows of `ROUND_TRIP`) in percent of its entry notional, `quantity × entry`."""
    notional = trades["quantity"] * trades["entry"]
    return trades["gain"] / np.where(notional > 0.0, notional, np.nan) * 100.0


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def _wins(ledger: Ledger) -> Floats:
    gains: Floats = ledger.round_trips["gain"]
    return gains[gains > 0.0]


def _losses(ledger: Ledger) -> Floats:
    """As numbers above 0."""
    gains: Floats = ledger.round_trips["gain"]
    return -gains[gains < 0.0]


@metric(name="trades", title="Trades", unit="count", group="trades")
def trades(ledger: Ledger) -> float | None:
    """Closed trades.

    trades = the number of round trips from flat to flat (or to the other side). Never None.
    """
    return float(len(ledger.round_trips))


@metric(name="win_rate", title="Win rate", unit="percent", group="trades", better="higher")
def win_rate(ledger: Ledger) -> float | None:
    """How many of the trades won.

    win rate = trades with gain > 0 / trades × 100, in percent. None without a closed trade.
    """
    if not len(ledger.round_trips):
        return None
    return len(_wins(ledger)) / len(ledger.round_trips) * 100.0


@metric(name="profit_factor", title="Profit factor", unit="ratio", group="trades", better="higher")
def profit_factor(ledger: Ledger) -> float | None:
    """What winning trades gained for each unit that losing trades lost; above 1 is profit.

    profit factor = Σ gains of winning trades / Σ |gains| of losing trades. None without a losing trade.
    """
    lost = float(_losses(ledger).sum())
    return float(_wins(ledger).sum()) / lost if lost > 0.0 else None


@metric(name="expectancy", title="Expectancy", unit="quote", group="trades", better="higher")
def expectancy(ledger: Ledger) -> float | None:
    """What a trade gained on average.

    expectancy = p(win) × average win − p(loss) × average loss = mean gain, in quote units. None without a closed trade.
    """
    return _mean(ledger.round_trips["gain"])


@metric(name="expectancy_ratio", title="Expectancy per average loss", unit="ratio", group="trades", better="higher")
def expectancy_ratio(ledger: Ledger) -> float | None:
    """What a trade gained for each unit of the average loss: the expectancy in R where trades have no stop loss.

    expectancy ratio = mean gain / mean |gain| of losing trades. None without a losing trade. Source: V. Tharp, Trade
    Your Way to Financial Freedom, who takes the average loss for 1 R where initial risks are unknown.
    """
    gain, loss = _mean(ledger.round_trips["gain"]), _mean(_losses(ledger))
    return gain / loss if gain is not None and loss else None


@metric(name="average_r", title="Expectancy in R", unit="R", group="trades", better="higher")
def average_r(ledger: Ledger) -> float | None:
    """The average R: what a trade gained for each unit of its initial risk. This is the expectancy in R.

    average R = mean(gain / risk) over the trades that began with a stop loss, risk = |entry − stop loss| × quantity;
    equal to p(win) × average win in R − p(loss) × average loss in R. None without such a trade. Source: V. Tharp,
    Trade Your Way to Financial Freedom.
    """
    risky = ledger.round_trips[ledger.round_trips["risk"] > 0.0]
    return _mean(risky["gain"] / risky["risk"])


@metric(name="system_quality", title="System quality number", unit="ratio", group="trades", better="higher")
def system_quality(ledger: Ledger) -> float | None:
    """How surely trades gain: the mean to the deviation of trades, which some call a Sharpe ratio of trades.

    SQN = √n × mean(gain) / √(Σ(gain − mean)² / (n − 1)), n trades. None for fewer than 30 trades or without variance.
    Source: V. Tharp, The Definitive Guide to Position Sizing, with gains in place of R.
    """
    gains: Floats = ledger.round_trips["gain"]
    if len(gains) < MIN_QUALITY:
        return None
    mean, deviation = float(gains.mean()), float(gains.std(ddof=1))
    return math.sqrt(len(gains)) * mean / deviation if deviation > NOISE * abs(mean) else None


@metric(name="average_win", title="Average win", unit="quote", group="trades", better="higher")
def average_win(ledger: Ledger) -> float | None:
    """What a winning trade gained on average.

    average win = mean gain of winning trades, in quote units. None without one.
    """
    return _mean(_wins(ledger))


@metric(name="average_loss", title="Average loss", unit="quote", group="trades", better="lower")
def average_loss(ledger: Ledger) -> float | None:
    """What a losing trade lost on average.

    average loss = mean |gain| of losing trades, in quote units, above 0. None without one.
    """
    return _mean(_losses(ledger))


@metric(name="payoff", title="Payoff ratio", unit="ratio", group="trades", better="higher")
def payoff(ledger: Ledger) -> float | None:
    """The average win for each unit of the average loss: the reward-to-risk ratio that was really had.

    payoff = average win / average loss. None without a winning or without a losing trade.
    """
    win, loss = average_win(ledger), average_loss(ledger)
    return win / loss if win is not None and loss else None


@metric(name="breakeven_win_rate", title="Break-even win rate", unit="percent", group="trades", better="lower")
def breakeven_win_rate(ledger: Ledger) -> float | None:
    """The win rate at which trades with this payoff would neither gain nor lose.

    break-even win rate = 100 / (1 + payoff), in percent. None without a winning or without a losing trade.
    """
    ratio = payoff(ledger)
    return 100.0 / (1.0 + ratio) if ratio is not None else None


@metric(name="best_trade", title="Best trade", unit="percent", group="trades", better="higher")
def best_trade(ledger: Ledger) -> float | None:
    """The highest gain of a trade for what it was entered with.

    best trade = max(gain / (quantity × entry)) × 100, in percent. None without a closed trade.
    """
    return float(percents(ledger.round_trips).max()) if len(ledger.round_trips) else None


@metric(name="worst_trade", title="Worst trade", unit="percent", group="trades", better="higher")
def worst_trade(ledger: Ledger) -> float | None:
    """The lowest gain of a trade for what it was entered with.

    worst trade = min(gain / (quantity × entry)) × 100, in percent, below 0 for a loss. None without a closed trade.
    """
    return float(percents(ledger.round_trips).min()) if len(ledger.round_trips) else None


@metric(name="average_trade", title="Average trade", unit="percent", group="trades", better="higher")
def average_trade(ledger: Ledger) -> float | None:
    """The average gain of a trade for what it was entered with; every trade weighs the same.

    average trade = mean(gain / (quantity × entry)) × 100, in percent. None without a closed trade.
    """
    return _mean(percents(ledger.round_trips))


@metric(name="average_duration", title="Average duration", unit="days", group="trades")
def average_duration(ledger: Ledger) -> float | None:
    """How long a trade lasted on average.

    average duration = mean(opening of the exit bar − opening of the entry bar) / 1 day, in days of calendar time; 0
    for a trade within one bar. None without a closed trade.
    """
    times = ledger.opened_at
    lasted = times[ledger.round_trips["closed"]] - times[ledger.round_trips["opened"]]
    return float(lasted.mean()) / DAY if len(lasted) else None


@metric(name="average_duration_bars", title="Average duration, bars", unit="bars", group="trades")
def average_duration_bars(ledger: Ledger) -> float | None:
    """How many bars a trade lasted on average.

    average duration = mean(exit bar − entry bar), in bars; 0 for a trade within one bar. None without a closed trade.
    """
    return _mean(ledger.round_trips["closed"] - ledger.round_trips["opened"])


@metric(name="winning_streak", title="Longest winning streak", unit="count", group="trades", better="higher")
def winning_streak(ledger: Ledger) -> float | None:
    """The most winning trades in a row, in the order in which they closed.

    longest winning streak = max run of trades with gain > 0. None without a closed trade.
    """
    return _longest(ledger.round_trips["gain"] > 0.0)


@metric(name="losing_streak", title="Longest losing streak", unit="count", group="trades", better="lower")
def losing_streak(ledger: Ledger) -> float | None:
    """The most losing trades in a row, in the order in which they closed.

    longest losing streak = max run of trades with gain < 0. None without a closed trade.
    """
    return _longest(ledger.round_trips["gain"] < 0.0)


def _longest(mask: NDArray[np.bool_]) -> float | None:
    starts, stops = stretches(mask)
    if not len(mask):
        return None
    return float((stops - starts).max()) if starts.size else 0.0


@metric(name="average_mae", title="Average adverse excursion", unit="percent", group="trades", better="lower")
def average_mae(ledger: Ledger) -> float | None:
    """How far the price went against a trade on average while it was held (MAE).

    MAE of a long = (1 − lowest price / entry) × 100, of a short = (highest price / entry − 1) × 100, in percent, at
    least 0; entry is the average entry price. Bars between entry and exit bar count with high and low; the entry bar
    with its close and with what lies beyond the entry seen from the open; the exit bar with its open and the exit
    price: only prices that the trade certainly saw. None without a closed trade. Source: J. Sweeney, Maximum Adverse
    Excursion, 1997.
    """
    return _mean(ledger.excursions[0][: len(ledger.round_trips)] * 100.0)


@metric(name="average_mfe", title="Average favourable excursion", unit="percent", group="trades", better="higher")
def average_mfe(ledger: Ledger) -> float | None:
    """How far the price went in favour of a trade on average while it was held (MFE).

    MFE of a long = (highest price / entry − 1) × 100, of a short = (1 − lowest price / entry) × 100, in percent, at
    least 0; the same prices count as for the adverse excursion. None without a closed trade. Source: J. Sweeney,
    Maximum Adverse Excursion, 1997.
    """
    return _mean(ledger.excursions[1][: len(ledger.round_trips)] * 100.0)
