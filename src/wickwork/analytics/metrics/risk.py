"""Risk: deviations of returns, ratios of return to risk, and the tail of the losses.

Bars per year: those of the timeframe (8,760 hours, 365 days); where bars are absent, the number
of bars / calendar years.
"""

from __future__ import annotations

import math

import numpy as np

from wickwork.analytics.ledger import Ledger, worst_twentieth
from wickwork.analytics.metrics.definition import MIN_BARS, MIN_DAYS, NOISE, metric


def _yearly(ledger: Ledger) -> bool:
    """Whether returns are enough for figures by the year."""
    return not ledger.ruined and len(ledger) >= MIN_BARS and ledger.days >= MIN_DAYS


def _deviation(ledger: Ledger) -> float:
    """The standard deviation of the returns as a sample; 0 where it is only rounding."""
    return ledger.deviation if ledger.deviation > NOISE * abs(ledger.mean_return) else 0.0


@metric(name="volatility", title="Volatility", unit="percent", group="risk", better="lower")
def volatility(ledger: Ledger) -> float | None:
    """The deviation of returns, by the year.

    volatility = √(Σ(r − mean r)² / (n − 1)) × √(bars per year) × 100, in percent, with r the return of each bar on
    the equity before it (the first on the capital), a year of 365 days, and bars per year = bars / calendar years
    from the first opening to the last close. None for fewer than 30 bars or 30 days, or when equity was used up.
    """
    if not _yearly(ledger):
        return None
    return _deviation(ledger) * math.sqrt(ledger.bars_per_year) * 100.0


@metric(name="sharpe", title="Sharpe ratio", unit="ratio", group="risk", better="higher")
def sharpe(ledger: Ledger) -> float | None:
    """Mean return for each unit of its deviation, by the year, over a riskless rate of 0.

    Sharpe = mean(r) / √(Σ(r − mean r)² / (n − 1)) × √(bars per year), r the return of each bar. None for fewer than
    30 bars or 30 days, without variance, or when equity was used up. Source: W. F. Sharpe, The Sharpe Ratio, 1994.
    """
    deviation = _deviation(ledger) if _yearly(ledger) else 0.0
    if deviation == 0.0:
        return None
    return ledger.mean_return / deviation * math.sqrt(ledger.bars_per_year)


@metric(name="sortino", title="Sortino ratio", unit="ratio", group="risk", better="higher")
def sortino(ledger: Ledger) -> float | None:
    """Like Sharpe, but only falls count as risk.

    Sortino = mean(r) / √(Σ min(r, 0)² / n) × √(bars per year), r the return of each bar, target 0. None for fewer
    than 30 bars or 30 days, without a falling bar, or when equity was used up. Source: F. Sortino and L. Price, 1994.
    """
    if not _yearly(ledger):
        return None
    down = np.minimum(ledger.returns, 0.0)
    downside = math.sqrt(float(np.square(down, out=down).mean()))
    if downside == 0.0:
        return None
    return ledger.mean_return / downside * math.sqrt(ledger.bars_per_year)


@metric(name="omega", title="Omega ratio", unit="ratio", group="risk", better="higher")
def omega(ledger: Ledger) -> float | None:
    """What rising bars gave for each unit that falling bars took; above 1 is profit.

    Omega = Σ max(r, 0) / Σ max(−r, 0), r the return of each bar, threshold 0. None for fewer than 30 bars, without a
    falling bar, or when equity was used up. Source: C. Keating and W. Shadwick, A Universal Performance Measure,
    2002.
    """
    returns = ledger.returns
    if ledger.ruined or len(returns) < MIN_BARS:
        return None
    lost = -float(np.minimum(returns, 0.0).sum())
    return float(np.maximum(returns, 0.0).sum()) / lost if lost > 0.0 else None


@metric(name="value_at_risk", title="Value at risk 95 %, one bar", unit="percent", group="risk", better="lower")
def value_at_risk(ledger: Ledger) -> float | None:
    """The loss that one bar in twenty reached or exceeded.

    VaR = −(the k-th lowest return of a bar) × 100, k = max(1, ⌊n / 20⌋), in percent of equity; below 0 where even
    that bar gained. None for fewer than 30 bars. Source: historical simulation, P. Jorion, Value at Risk.
    """
    if len(ledger.returns) < MIN_BARS:
        return None
    return -float(ledger.worst_returns[-1]) * 100.0


@metric(
    name="expected_shortfall", title="Expected shortfall 95 %, one bar", unit="percent", group="risk", better="lower"
)
def expected_shortfall(ledger: Ledger) -> float | None:
    """The average loss in the worst twentieth of the bars.

    ES = −(mean of the k lowest returns of a bar) × 100, k = max(1, ⌊n / 20⌋), in percent of equity. None for fewer
    than 30 bars. Source: C. Acerbi and D. Tasche, On the Coherence of Expected Shortfall, 2002.
    """
    if len(ledger.returns) < MIN_BARS:
        return None
    return -float(ledger.worst_returns.mean()) * 100.0


@metric(name="value_at_risk_day", title="Value at risk 95 %, one day", unit="percent", group="risk", better="lower")
def value_at_risk_day(ledger: Ledger) -> float | None:
    """The loss that one day in twenty reached or exceeded.

    VaR = −(the k-th lowest return of a UTC day) × 100, k = max(1, ⌊n / 20⌋), in percent of equity, from one day's
    last close to the next one's. None for fewer than 30 days with bars, or when bars are longer than a day. Source:
    as for one bar.
    """
    if len(ledger.daily_returns) < MIN_DAYS:
        return None
    return -float(worst_twentieth(ledger.daily_returns)[-1]) * 100.0


@metric(
    name="expected_shortfall_day",
    title="Expected shortfall 95 %, one day",
    unit="percent",
    group="risk",
    better="lower",
)
def expected_shortfall_day(ledger: Ledger) -> float | None:
    """The average loss in the worst twentieth of the days.

    ES = −(mean of the k lowest returns of a UTC day) × 100, k = max(1, ⌊n / 20⌋), in percent of equity. None for
    fewer than 30 days with bars, or when bars are longer than a day. Source: as for one bar.
    """
    if len(ledger.daily_returns) < MIN_DAYS:
        return None
    return -float(worst_twentieth(ledger.daily_returns).mean()) * 100.0
