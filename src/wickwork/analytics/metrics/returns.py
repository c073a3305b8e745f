"""What the account earned, and how much of the time it was in the market."""

from __future__ import annotations

import numpy as np

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics.definition import MIN_DAYS, metric


@metric(name="final_equity", title="Final equity", unit="quote", group="returns", better="higher")
def final_equity(ledger: Ledger) -> float | None:
    """Equity at the last close, open positions marked to market.

    final equity = cash + Σ position × last close, in quote units; the capital when there were no bars. Never None.
    """
    return ledger.final_equity


@metric(name="total_return", title="Total return", unit="percent", group="returns", better="higher")
def total_return(ledger: Ledger) -> float | None:
    """What became of the capital.

    total return = (final equity / capital − 1) × 100, in percent. None without capital.
    """
    if ledger.capital <= 0.0:
        return None
    return (ledger.final_equity / ledger.capital - 1.0) * 100.0


@metric(name="cagr", title="CAGR", unit="percent", group="returns", better="higher")
def cagr(ledger: Ledger) -> float | None:
    """Compound annual growth rate: the steady yearly return that leads from the capital to the final equity.

    CAGR = ((final equity / capital)^(1 / years) − 1) × 100, in percent, with years = calendar days / 365 from the
    first opening to the last close; −100 when nothing is left. None before 30 days have passed. Source: GIPS,
    annualised returns.
    """
    if ledger.capital <= 0.0 or ledger.days < MIN_DAYS:
        return None
    growth = np.float64(max(ledger.final_equity, 0.0) / ledger.capital)
    return float(growth ** (1.0 / ledger.years) - 1.0) * 100.0


@metric(name="exposure", title="Exposure", unit="percent", group="returns")
def exposure(ledger: Ledger) -> float | None:
    """How much of the time something was held.

    exposure = bars that closed with a position in any instrument / bars × 100, in percent. None without bars.
    """
    if not len(ledger):
        return None
    trades, closed = ledger.trades, ledger.trades["closed"].copy()
    closed[len(ledger.round_trips) :] = len(ledger)  # still held at the last close
    order = np.argsort(trades["opened"], kind="stable")
    start, stop = trades["opened"][order], closed[order]
    if not len(order):
        return 0.0
    # Intervals [start, stop): each adds what reaches beyond all those before it.
    reached = np.concatenate(([0], np.maximum.accumulate(stop)[:-1]))
    held = np.maximum(stop - np.maximum(start, reached), 0)
    return float(held.sum()) / len(ledger) * 100.0
