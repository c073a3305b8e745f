"""The Python interface of the Valvulin Trading Engine over Wickwork's strategies, engine and metrics.

A script of Valvulin runs with other import lines: strategies with `generate_signals(df)`, `Backtester` and
`TradeSignal`, `compute_performance_metrics`, and the plots (`pip install wickwork[plots]`). `EMAMACDStrategy`,
`BreakoutVolumeStrategy` and `PullbackEMAStrategy` are compared with signals of Valvulin itself; the four others have
none in that sample, and are written from their description. A filter without enough bars lets no signal pass, and
`RSIDivergenceStrategy` computes the RSI where there is no column `rsi`. Orders are those of Wickwork's engine:
its differences are listed at `Backtester`.
"""

from wickwork.compat.valvulin.averages import EMAMACDStrategy, PullbackEMAStrategy
from wickwork.compat.valvulin.backtester import Backtester
from wickwork.compat.valvulin.base import BaseStrategy
from wickwork.compat.valvulin.bursts import BreakoutVolumeStrategy, MomentumBurstStrategy
from wickwork.compat.valvulin.candles import CandlestickPatternStrategy, InsideBarStrategy
from wickwork.compat.valvulin.divergence import RSIDivergenceStrategy
from wickwork.compat.valvulin.interactive import plot_backtest_signals
from wickwork.compat.valvulin.performance import (
    PerformanceMetrics,
    compute_performance_metrics,
    group_metrics_by_strategy,
)
from wickwork.compat.valvulin.plots import (
    plot_equity_curve,
    plot_r_distribution,
    plot_strategy_patterns,
    plot_trade_signals,
)
from wickwork.compat.valvulin.records import BacktestResult, TradeRecord, aggregate_backtest_results
from wickwork.compat.valvulin.settings import BacktestSettings
from wickwork.compat.valvulin.signals import OrderStatus, TradeSignal

STRATEGIES = (
    EMAMACDStrategy,
    BreakoutVolumeStrategy,
    PullbackEMAStrategy,
    CandlestickPatternStrategy,
    InsideBarStrategy,
    RSIDivergenceStrategy,
    MomentumBurstStrategy,
)
"""The seven strategies of Valvulin."""

__all__ = [
    "STRATEGIES",
    "BacktestResult",
    "BacktestSettings",
    "Backtester",
    "BaseStrategy",
    "BreakoutVolumeStrategy",
    "CandlestickPatternStrategy",
    "EMAMACDStrategy",
    "InsideBarStrategy",
    "MomentumBurstStrategy",
    "OrderStatus",
    "PerformanceMetrics",
    "PullbackEMAStrategy",
    "RSIDivergenceStrategy",
    "TradeRecord",
    "TradeSignal",
    "aggregate_backtest_results",
    "compute_performance_metrics",
    "group_metrics_by_strategy",
    "plot_backtest_signals",
    "plot_equity_curve",
    "plot_r_distribution",
    "plot_strategy_patterns",
    "plot_trade_signals",
]
