"""A run by month and by drawdown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wickwork.analytics.ledger import Ledger, stretches

DEEPEST = 5


def months(ledger: Ledger) -> dict[str, Any]:
    """The return of each calendar month (UTC) and year in percent, None where the run was not; nothing after ruin.

    return = (equity at the period's last close / equity at the last close before it − 1) × 100; the first period
    begins with the capital.
    """
    size = len(ledger.returns)
    if not size:
        return {"years": [], "months": [], "totals": []}
    number = ledger.opened_at[:size].astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    monthly = _returns(ledger, number)
    first, last = int(number[0]) // 12, int(number[-1]) // 12
    yearly = _returns(ledger, number // 12)
    years = range(first, last + 1)
    return {
        "years": [1970 + year for year in years],
        "months": [[monthly.get(year * 12 + month) for month in range(12)] for year in years],
        "totals": [yearly.get(year) for year in years],
    }


def _returns(ledger: Ledger, period: Any) -> dict[int, float]:
    """The return of every period in percent; `period` numbers the one of each bar."""
    ends = np.append(np.flatnonzero(np.diff(period)) + 1, len(period))
    levels = ledger.curve[np.concatenate(([0], ends))]
    changes = (levels[1:] / levels[:-1] - 1.0) * 100.0
    found = zip(period[ends - 1].tolist(), changes.tolist(), strict=True)
    return {key: value for key, value in found if math.isfinite(value)}


def drawdowns(ledger: Ledger, most: int = DEEPEST) -> list[dict[str, Any]]:
    """The deepest falls from a peak: moments of the first bar below it, of the deepest and of the recovery, in ms.

    `depth` is in percent of the peak; `recovered_at` is None for one that lasts; `days` counts from the first bar
    below the peak to the recovery or the end of the run.
    """
    below = ledger.drawdowns[1:]
    starts, stops = stretches(below > 0.0)
    if not len(starts):
        return []
    depths = np.maximum.reduceat(below, starts)
    found = []
    for row in np.argsort(-depths, kind="stable")[:most].tolist():
        start, stop = int(starts[row]), int(stops[row])
        trough = start + int(np.argmax(below[start:stop]))
        end = ledger.opened_at[stop - 1] + ledger.timeframe.milliseconds
        found.append(
            {
                "depth": float(depths[row]) * 100.0,
                "began_at": int(ledger.opened_at[start]),
                "deepest_at": int(ledger.opened_at[trough]),
                "recovered_at": int(ledger.opened_at[stop]) if stop < len(ledger) else None,
                "days": float(end - ledger.opened_at[start]) / 86_400_000.0,
            }
        )
    return found
