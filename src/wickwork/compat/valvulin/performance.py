"""The figures of trades as Valvulin computes them, and the honest ones beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics.ledger import deepest_fall, worst_twentieth
from wickwork.model.errors import InputError
from wickwork.model.finite import is_finite

PERIODS = 252
"""By its square root Valvulin multiplies a ratio of trades, however many trades a year has."""
ROUNDING = 1e-12
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class PerformanceMetrics:
    """Figures of trades. R is the result of a trade, costs included, in multiples of what it risked."""

    total_trades: int
    winning_trades: int
    losing_trades: int
    win_rate: float
    """Trades that won, as a share of all: 0 to 1."""
    profit_factor: float
    """What was won divided by what was lost; infinite without a loss, 0 without trades."""
    average_r_multiple: float
    total_r_multiple: float
    expectancy: float
    """In R: the share of winners × their mean, plus the share of losers × their mean, which is below 0."""
    average_win_r: float
    average_loss_r: float
    rr_effective: float
    """`average_win_r` / |`average_loss_r|`; infinite without a loss, 0 without a winner."""
    breakeven_winrate_pct: float
    """The win rate in percent at which winners and losers of these sizes balance: 100 / (1 + `rr_effective`)."""
    max_drawdown: float
    """The deepest fall of equity from its highest value so far, in quote units."""
    max_drawdown_pct: float
    """The deepest fall in percent of the highest value so far; it may be another fall than that of `max_drawdown`."""
    cumulative_return: float
    """Final equity less the initial one, in quote units."""
    cumulative_return_pct: float
    final_equity: float
    sharpe: float | None
    """Of the returns of all bars, annualised by the bars of a year, as `run.stats["sharpe"]`; None without bars."""
    sortino: float | None
    """As `sharpe`, of falls alone."""
    per_trade_sharpe: float | None
    """Valvulin's Sharpe: mean / deviation of the results of trades in percent, × √252. None of less than two trades.

    It is no yearly figure unless there are 252 trades in a year."""
    per_trade_sortino: float | None
    """The mean / root mean square of the losses, × √252. None without a loss."""
    max_consecutive_losses: int
    value_at_risk_pct: float
    """What all but the worst 5 % of the trades (at least one) did not lose more than, in percent of equity."""
    capital_at_risk: float
    """The most that one trade risked, in quote units."""
    equity_at_risk_pct: float
    """The mean of what trades risked, in percent of the equity at their entry."""

    def to_dict(self) -> dict[str, Any]:
        """The figures by name."""
        return asdict(self)


def compute_performance_metrics(trades: Any, initial_equity: float | None = None) -> PerformanceMetrics:
    """The figures of a `BacktestResult`, or of trades in the order in which they were closed.

    Of a result, drawdown, Sharpe and Sortino are those of its equity at each bar. Trades alone have no such: their
    drawdown is that of equity after each trade, and `sharpe` and `sortino` are None. That equity begins at
    `initial_equity`, else at the first trade's `entry_equity`; without both at 0, and its percentages are 0. A trade
    without `pnl_pct` has its `pnl` in percent of its `entry_equity`, else of that equity.

    Trades are records of a backtest, mappings, or a DataFrame; each has `pnl`, and may have `r_multiple`, `pnl_pct`,
    `risk_amount` and `entry_equity`.

    Raises InputError for trades without a result in numbers, and for an initial equity below 0.
    """
    if hasattr(trades, "equity_curve"):
        columns = _with_percentages(_columns(trades.trades), 0.0)
        return _metrics(columns, trades.initial_equity, trades.equity_curve.to_numpy(), trades.ratios)
    if initial_equity is not None and not (is_finite(initial_equity) and initial_equity >= 0):
        raise InputError(f"initial_equity is a number from 0 on, was {initial_equity!r:.60}.")
    columns = _columns(trades)
    known = columns["entry_equity"][np.isfinite(columns["entry_equity"])]
    start = float(known[0]) if initial_equity is None and len(known) else float(initial_equity or 0.0)
    return _metrics(_with_percentages(columns, start), start, start + np.cumsum(columns["pnl"]), (None, None))


def group_metrics_by_strategy(trades: Any) -> dict[str, PerformanceMetrics]:
    """The figures of the trades of each strategy (`client_tag` of the signal; `backtest` where it has none)."""
    groups: dict[str, list[Any]] = {}
    rows = trades.trades if hasattr(trades, "trades") else rows_of(trades)
    for row in rows:
        groups.setdefault(strategy_name(row), []).append(row)
    return {name: compute_performance_metrics(group) for name, group in groups.items()}


def strategy_name(trade: Any) -> str:
    """The strategy that a trade belongs to."""
    tag = value_of(trade, "strategy")
    return str(tag) if is_known(tag) and tag != "" else "backtest"


def _metrics(
    columns: Mapping[str, Numbers], start: float, curve: Numbers, ratios: tuple[float | None, float | None]
) -> PerformanceMetrics:
    pnl, percent = columns["pnl"], columns["pnl_pct"]
    r = columns["r_multiple"][np.isfinite(columns["r_multiple"])]
    won, lost, count = pnl[pnl > 0].sum(), -pnl[pnl < 0].sum(), len(pnl)
    win_r, loss_r = _mean(r[r > 0]), _mean(r[r < 0])
    effective = win_r / -loss_r if loss_r else (math.inf if win_r else 0.0)
    equity = np.concatenate(([start], curve))
    final = float(equity[-1])
    return PerformanceMetrics(
        total_trades=count,
        winning_trades=int((pnl > 0).sum()),
        losing_trades=int((pnl < 0).sum()),
        win_rate=float((pnl > 0).sum()) / count if count else 0.0,
        profit_factor=float(won / lost) if lost else (math.inf if won else 0.0),
        average_r_multiple=_mean(r),
        total_r_multiple=float(r.sum()),
        expectancy=float((r > 0).mean() * win_r + (r < 0).mean() * loss_r) if len(r) else 0.0,
        average_win_r=win_r,
        average_loss_r=loss_r,
        rr_effective=effective,
        breakeven_winrate_pct=100.0 / (1.0 + effective) if len(r) else 0.0,
        max_drawdown=float((np.maximum.accumulate(equity) - equity).max()),
        max_drawdown_pct=100.0 * deepest_fall(np.ascontiguousarray(curve), start),
        cumulative_return=final - start,
        cumulative_return_pct=100.0 * (final / start - 1.0) if start > 0 else 0.0,
        final_equity=final,
        sharpe=ratios[0],
        sortino=ratios[1],
        per_trade_sharpe=_ratio(percent, float(percent.std(ddof=1)) if count > 1 else 0.0),
        per_trade_sortino=_ratio(percent, float(np.sqrt(np.mean(np.minimum(percent, 0.0) ** 2))) if count > 1 else 0.0),
        max_consecutive_losses=_longest(pnl < 0),
        value_at_risk_pct=max(-float(worst_twentieth(percent)[-1]), 0.0) if count else 0.0,
        capital_at_risk=float(np.nanmax(columns["risk_amount"], initial=0.0)),
        equity_at_risk_pct=_mean(_finite(100.0 * columns["risk_amount"] / columns["entry_equity"])),
    )


def _mean(values: Numbers) -> float:
    return float(values.mean()) if len(values) else 0.0


def _finite(values: Numbers) -> Numbers:
    return values[np.isfinite(values)]


def _ratio(percent: Numbers, deviation: float) -> float | None:
    """The ratio of trades; None where they do not deviate but by rounding."""
    if not deviation > ROUNDING * np.abs(percent).max(initial=0.0):
        return None
    return float(percent.mean()) / deviation * math.sqrt(PERIODS)


def _longest(mask: NDArray[np.bool_]) -> int:
    """The most trues in a row."""
    most = row = 0
    for one in mask.tolist():
        row = row + 1 if one else 0
        most = max(most, row)
    return most


def _columns(trades: Any) -> dict[str, Numbers]:
    """The columns of trades that the figures need, NaN where a trade has none."""
    rows = rows_of(trades)
    columns = {}
    for name in ("pnl", "pnl_pct", "r_multiple", "risk_amount", "entry_equity"):
        columns[name] = np.array([number_of(row, name) for row in rows], np.float64)
    bad = ~np.isfinite(columns["pnl"])
    if bad.any():
        raise InputError(
            f"The trade {int(np.argmax(bad)) + 1} of {len(rows)} has no result: it needs pnl, a number in quote units."
        )
    return columns


def _with_percentages(columns: Mapping[str, Numbers], start: float) -> dict[str, Numbers]:
    """The columns with the equity at the entry and the result in percent of it, where trades do not have these.

    That equity is then `start` and what the trades before have won and lost. Where it is not above 0, the percentage
    is 0.
    """
    pnl, equity = columns["pnl"], columns["entry_equity"]
    before = start + np.cumsum(pnl) - pnl if start > 0 else np.full(len(pnl), np.nan)
    equity = np.where(np.isfinite(equity), equity, before)
    equity = np.where(equity > 0, equity, np.nan)
    percent = np.where(np.isfinite(columns["pnl_pct"]), columns["pnl_pct"], np.nan_to_num(100.0 * pnl / equity))
    return {**columns, "entry_equity": equity, "pnl_pct": percent}


def rows_of(trades: Any) -> Sequence[Any]:
    """The trades as a list of records or mappings."""
    if hasattr(trades, "to_dict") and hasattr(trades, "columns"):
        return [*trades.to_dict("records")]
    if isinstance(trades, str | bytes | Mapping) or not isinstance(trades, Iterable):
        raise InputError(f"Trades are a list of records or a DataFrame, was given {trades!r:.60}.")
    return list(trades)


def value_of(trade: Any, name: str) -> Any:
    """What a trade has under that name, as a key or an attribute; None where it has none."""
    return trade.get(name) if isinstance(trade, Mapping) else getattr(trade, name, None)


def number_of(trade: Any, name: str) -> float:
    """What a trade has under that name as a number; NaN where it has none. Raises InputError for something else."""
    value = value_of(trade, name)
    if not is_known(value):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"The {name} of a trade is no number, but {value!r:.60}.") from None


def is_known(value: Any) -> bool:
    """Whether a value is none of those that stand for a missing one in a list or a DataFrame."""
    import pandas as pd

    return value is not None and not (pd.api.types.is_scalar(value) and bool(pd.isna(value)))
