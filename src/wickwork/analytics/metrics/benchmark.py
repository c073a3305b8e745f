"""Against doing nothing: all instruments bought at the start and held."""

from __future__ import annotations

import numpy as np

from wickwork.analytics.ledger import Ledger, falls
from wickwork.analytics.metrics.definition import metric
from wickwork.analytics.metrics.returns import total_return
from wickwork.model.bars import Bars, Floats, Times


def _value(bars: Bars, opened_at: Times) -> Floats:
    """The value at each close of the grid of 1 put into the instrument at its first open; 1 before that."""
    grown: Floats = bars.close / bars.open[0]
    if len(bars) == len(opened_at):
        return grown
    places = np.searchsorted(opened_at, bars.opened_at)
    lasts = np.diff(places, append=len(opened_at))
    return np.concatenate((np.ones(int(places[0])), np.repeat(grown, lasts)))


def held_value(ledger: Ledger) -> Floats | None:
    """What 1 became in equal parts in all instruments, bought once and held: at the start and at each close.

    The value of an instrument is close / first open, 1 before its first bar and that of its last bar where it has
    none. None without bars.
    """
    if not _usable(ledger):
        return None
    value = np.empty(len(ledger) + 1)
    value[0] = 1.0
    value[1:] = _value(ledger.bars[0], ledger.opened_at)
    for bars in ledger.bars[1:]:
        value[1:] += _value(bars, ledger.opened_at)
    value[1:] /= len(ledger.bars)
    return value


def _usable(ledger: Ledger) -> bool:
    return len(ledger.bars) > 0 and all(len(bars) for bars in ledger.bars)


@metric(name="buy_and_hold", title="Buy and hold", unit="percent", group="benchmark", better="higher")
def buy_and_hold(ledger: Ledger) -> float | None:
    """What the same capital would have become in equal parts in all instruments, bought once and held.

    buy and hold = (mean over instruments of last close / first open − 1) × 100, in percent, from each instrument's
    own first bar. No cost is counted, not even that of the one purchase. None without bars.
    """
    if not _usable(ledger):
        return None
    return float(np.mean([bars.close[-1] / bars.open[0] for bars in ledger.bars]) - 1.0) * 100.0


@metric(
    name="buy_and_hold_max_drawdown",
    title="Maximum drawdown of buy and hold",
    unit="percent",
    group="benchmark",
    better="lower",
)
def buy_and_hold_max_drawdown(ledger: Ledger) -> float | None:
    """The deepest fall from a peak, at closes, of equal parts in all instruments, bought once and held.

    maximum drawdown = max over bars of (peak − value) / peak × 100, in percent, with value = mean over instruments of
    close / first open (1 before an instrument's first bar, its last close where it has none), the start included. No
    cost is counted. None without bars.
    """
    value = held_value(ledger)
    return None if value is None else float(falls(value).max()) * 100.0


@metric(name="alpha", title="Return above buy and hold", unit="percent", group="benchmark", better="higher")
def alpha(ledger: Ledger) -> float | None:
    """What the strategy earned beyond buying and holding; a plain difference, not the regression of that name.

    alpha = total return − buy and hold, in percentage points. None without bars or capital.
    """
    own, other = total_return(ledger), buy_and_hold(ledger)
    return own - other if own is not None and other is not None else None
