"""How deep and how long equity was below its peak."""

from __future__ import annotations

import numpy as np

from wickwork.analytics.ledger import Ledger, stretches
from wickwork.analytics.metrics.definition import metric
from wickwork.analytics.metrics.returns import cagr
from wickwork.model.timeframe import DAY


@metric(name="max_drawdown", title="Maximum drawdown", unit="percent", group="drawdown", better="lower")
def max_drawdown(ledger: Ledger) -> float | None:
    """The deepest fall of equity from a peak, at closes.

    maximum drawdown = max over bars of (peak − equity) / peak × 100, in percent, where peak is the highest equity so
    far, the capital included. Above 100 where equity fell below 0. None without bars or capital.
    """
    if not len(ledger) or ledger.capital <= 0.0:
        return None
    return ledger.deepest_drawdown * 100.0


@metric(name="average_drawdown", title="Average drawdown", unit="percent", group="drawdown", better="lower")
def average_drawdown(ledger: Ledger) -> float | None:
    """How deep a drawdown is on average, from a peak until that peak is reached again or the run ends.

    average drawdown = mean over drawdowns of each one's deepest (peak − equity) / peak × 100, in percent; 0 when
    there was none. None without bars or capital.
    """
    if not len(ledger) or ledger.capital <= 0.0:
        return None
    starts, _ = stretches(ledger.drawdowns > 0.0)
    # Bars at the peak between two drawdowns are 0 deep and change no maximum.
    return float(np.maximum.reduceat(ledger.drawdowns, starts).mean()) * 100.0 if starts.size else 0.0


@metric(name="longest_drawdown", title="Longest drawdown", unit="days", group="drawdown", better="lower")
def longest_drawdown(ledger: Ledger) -> float | None:
    """The longest time under water: how long equity stayed below its peak.

    longest drawdown = max over drawdowns of (close of the last bar below the peak − opening of the first) / 1 day, in
    days of calendar time, finished or not; 0 when there was none. None without bars or capital.
    """
    if not len(ledger) or ledger.capital <= 0.0:
        return None
    starts, stops = stretches(ledger.drawdowns[1:] > 0.0)
    if not starts.size:
        return 0.0
    lasted = ledger.opened_at[stops - 1] - ledger.opened_at[starts] + ledger.timeframe.milliseconds
    return float(lasted.max()) / DAY


@metric(name="longest_drawdown_bars", title="Longest drawdown, bars", unit="bars", group="drawdown", better="lower")
def longest_drawdown_bars(ledger: Ledger) -> float | None:
    """The most bars in a row that closed below the peak.

    longest drawdown = max over drawdowns of the number of bars with equity < peak, finished or not; 0 when there was
    none. None without bars or capital.
    """
    if not len(ledger) or ledger.capital <= 0.0:
        return None
    starts, stops = stretches(ledger.drawdowns[1:] > 0.0)
    return float((stops - starts).max()) if starts.size else 0.0


@metric(name="calmar", title="Calmar ratio", unit="ratio", group="drawdown", better="higher")
def calmar(ledger: Ledger) -> float | None:
    """Yearly growth for each unit of the deepest drawdown, over the whole run.

    Calmar = CAGR / maximum drawdown, a ratio. None without a drawdown or before 30 days have passed. Source: T. W.
    Young, Calmar Ratio: A Smoother Tool, 1991, who took the last 36 months.
    """
    growth, deepest = cagr(ledger), max_drawdown(ledger)
    return growth / deepest if growth is not None and deepest else None
