"""The trades and the result of a Valvulin backtest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics import Stats
from wickwork.analytics.run import Run
from wickwork.compat.valvulin.exports import export
from wickwork.compat.valvulin.performance import PerformanceMetrics, compute_performance_metrics
from wickwork.compat.valvulin.signals import OrderStatus, TradeSignal
from wickwork.compat.valvulin.writing import path_of
from wickwork.model.errors import InputError
from wickwork.model.moments import to_milliseconds
from wickwork.model.timeframe import Timeframe
from wickwork.orders.records import FILL, ROUND_TRIP


@dataclass(frozen=True)
class TradeRecord:
    """One trade. Times are those at which its bars open; money is in quote units, fees are in `pnl`."""

    signal: TradeSignal
    entry_time: Any
    exit_time: Any
    entry_price: float
    exit_price: float
    quantity: float
    pnl: float
    r_multiple: float | None
    """`pnl` / `risk_amount`."""
    status: OrderStatus
    """FILLED, or EXPIRED for a position that is open at the last bar, valued at its close."""
    pnl_pct: float = 0.0
    """`pnl` in percent of `entry_equity`."""
    risk_amount: float = 0.0
    """The quantity × the distance from the entry price to the first stop loss."""
    entry_equity: float = 0.0
    """Equity at the close before the bar of the entry."""
    exit_equity: float = 0.0
    """Equity at the close of the bar of the exit."""
    fees: float = 0.0
    exit_reason: str = ""
    """`stop loss`, `take profit`, `trailing stop`, `liquidation`, or `end of the bars`."""

    @property
    def strategy(self) -> str | None:
        """The tag of its signal."""
        return self.signal.client_tag

    def as_dict(self) -> dict[str, Any]:
        """The trade as plain values by name."""
        own = {name: getattr(self, name) for name in type(self).__dataclass_fields__ if name != "signal"}
        about = {"symbol": self.signal.symbol, "side": self.signal.side, "strategy": self.strategy}
        return {**about, **own, "status": self.status.value}

    def in_zone(self, zone: Any) -> TradeRecord:
        """The same with times in a zone; None for UTC times without a zone."""
        times = {name: getattr(self, name) for name in ("entry_time", "exit_time")}
        moved = {n: t.tz_localize(None) if zone is None else t.tz_convert(zone) for n, t in times.items()}
        return replace(self, **moved)


@dataclass(frozen=True, eq=False, repr=False)
class BacktestResult:
    """What came of the signals: trades in the order in which they ended, equity at each bar, and what was skipped."""

    trades: list[TradeRecord]
    equity_curve: Any
    """Equity at the close of each bar as a Series, by the opening time of the bar."""
    initial_equity: float
    timeframe: Timeframe
    skipped: tuple[tuple[TradeSignal, str], ...] = ()
    """The signals that no trade came of, with the reason."""
    run: Run | None = None
    """The run of Wickwork's engine, with its orders, its figures and its report; None without one."""

    def __repr__(self) -> str:
        counts = f"{len(self.trades):,} trades, {len(self.skipped):,} signals skipped"
        return f"<BacktestResult: {counts}, equity {self.initial_equity:,.2f} → {self.final_equity:,.2f}>"

    @cached_property
    def metrics(self) -> PerformanceMetrics:
        """The figures of the result."""
        return compute_performance_metrics(self)

    @cached_property
    def ratios(self) -> tuple[float | None, float | None]:
        """The Sharpe and the Sortino ratio of the returns of all bars; None where there is too little data."""
        opened_at = to_milliseconds(self.equity_curve.index)
        stats = Stats(
            Ledger(
                timeframe=self.timeframe,
                opened_at=opened_at,
                capital=self.initial_equity,
                equity=self.equity_curve.to_numpy(np.float64),
                bars=(),
                fills=np.zeros(0, FILL),
                round_trips=np.zeros(0, ROUND_TRIP),
                open_round_trips=np.zeros(0, ROUND_TRIP),
            )
        )
        return stats["sharpe"], stats["sortino"]

    @property
    def drawdown_curve(self) -> Any:
        """At each bar, how far equity is below its highest value so far, in percent of that: 0 or less."""
        peaks = np.maximum(self.equity_curve.cummax(), self.initial_equity)
        return (100.0 * (self.equity_curve / peaks - 1.0)).rename("drawdown_pct")

    @property
    def r_distribution(self) -> Any:
        """R of each trade that has one, as a Series."""
        import pandas as pd

        values = [one.r_multiple for one in self.trades if one.r_multiple is not None]
        return pd.Series(values, dtype=np.float64, name="r_multiple")

    def __getattr__(self, name: str) -> Any:
        """The figures of `metrics`, under their names: `result.win_rate`."""
        if name in PerformanceMetrics.__dataclass_fields__:
            return getattr(self.metrics, name)
        raise AttributeError(f"A BacktestResult has no {name!r}.")

    def trades_frame(self) -> Any:
        """The trades as a DataFrame, one row each."""
        import pandas as pd

        columns = [
            "symbol",
            "side",
            "strategy",
            *(name for name in TradeRecord.__dataclass_fields__ if name != "signal"),
        ]
        return pd.DataFrame([one.as_dict() for one in self.trades], columns=columns)

    def summary(self) -> dict[str, Any]:
        """The figures by name."""
        return self.metrics.to_dict()

    def export(self, directory: str | Path) -> dict[str, Path]:
        """Write trades, equity, R and figures as CSV and the summary as JSON into a folder; the paths by name.

        Raises InputError where the folder cannot be written.
        """
        return export(self, path_of(directory, "A result"))


def aggregate_backtest_results(results: Mapping[str, BacktestResult]) -> BacktestResult:
    """Several results, by the name of each, as one: their accounts side by side.

    Trades get the name as the `client_tag` of their signals. Equity is the sum of all; before a result's first bar it
    counts with its initial equity, after its last one with its last value. Raises InputError without results, and where
    some have times with a zone and others without.
    """
    import pandas as pd

    if not isinstance(results, Mapping) or not results:
        raise InputError('There are no results to put together; give them by name, {"BTC": result, …}.')
    for name, one in results.items():
        if not isinstance(one, BacktestResult):
            raise InputError(f"{name} is no BacktestResult, but {one!r:.60}.")
    if len({one.equity_curve.index.tz is None for one in results.values()}) > 1:
        raise InputError("Some results have times with a zone and some without; give the bars of all in UTC.")
    curves = pd.concat({name: one.equity_curve for name, one in results.items()}, axis=1).sort_index().ffill()
    starts = {name: one.initial_equity for name, one in results.items()}
    trades = [
        replace(trade, signal=replace(trade.signal, client_tag=str(name)))
        for name, one in results.items()
        for trade in one.trades
    ]
    skipped = [
        (replace(signal, client_tag=str(name)), reason)
        for name, one in results.items()
        for signal, reason in one.skipped
    ]
    return BacktestResult(
        sorted(trades, key=lambda one: one.exit_time),
        curves.fillna(starts).sum(axis=1).rename("equity"),
        float(sum(starts.values())),
        min((one.timeframe for one in results.values()), key=lambda one: one.milliseconds),
        tuple(sorted(skipped, key=lambda pair: pair[0].moment)),
    )
