"""The account over a run of bars on which nothing happens: equity at every close, and the running statistics."""

from __future__ import annotations

from typing import Any, NamedTuple

from wickwork.graph.native import force_inline
from wickwork.orders.records import Account


def value(account: Account, last_closes: Any, start: int, stop: int, equity: Any, cash: float, quantity: float) -> None:
    """One instrument: write equity for the bars `start <= i < stop` and take them into the statistics."""
    if quantity == 0.0:
        account.bars += stop - start
        for i in range(start, stop):
            equity[i] = cash
        if account.equity != cash:
            _one(account, cash)
        return
    now = EquityStats(account.equity, account.peak, account.trough, account.drawdown, account.returns, account.squares)
    for i in range(start, stop):
        equity[i] = cash + quantity * last_closes[i]
        now = _after(now, equity[i])
    _write(account, now, stop - start)


def tally(account: Account, start: int, stop: int, equity: Any) -> None:
    """Take equity that is already written into the statistics."""
    now = EquityStats(account.equity, account.peak, account.trough, account.drawdown, account.returns, account.squares)
    for i in range(start, stop):
        now = _after(now, equity[i])
    _write(account, now, stop - start)


class EquityStats(NamedTuple):
    """The running statistics while a loop goes over bars: equity, the highest so far, the lowest since, and sums."""

    equity: float
    peak: float
    trough: float
    drawdown: float
    returns: float
    squares: float


@force_inline
def _after(was: EquityStats, equity: float) -> EquityStats:
    """The statistics one bar later.

    A fall is deepest where equity is lowest, so that it is worked out only when a new peak ends it (or the loop does):
    the lowest needs no branch, which a falling market would take or not take in no order.
    """
    change = equity / was.equity - 1.0 if was.equity != 0.0 else 0.0
    returns, squares = was.returns + change, was.squares + change * change
    if equity > was.peak:
        return EquityStats(equity, equity, equity, _deepest(was), returns, squares)
    trough = equity if equity < was.trough else was.trough
    return EquityStats(equity, was.peak, trough, was.drawdown, returns, squares)


def _deepest(now: EquityStats) -> float:
    """The deepest fall so far, as a share of the peak before it."""
    return max(now.drawdown, 1.0 - now.trough / now.peak)


def _write(account: Account, now: EquityStats, bars: int) -> None:
    """Write statistics back into the account, `bars` more than before."""
    account.bars += bars
    account.equity, account.peak, account.trough = now.equity, now.peak, now.trough
    account.drawdown, account.returns, account.squares = _deepest(now), now.returns, now.squares


def _one(account: Account, now: float) -> None:
    """One bar on which equity changed; the flat bars after it change nothing more."""
    before = account.equity
    change = now / before - 1.0 if before != 0.0 else 0.0
    account.returns += change
    account.squares += change * change
    account.equity = now
    if now > account.peak:
        account.peak = now
        account.trough = now
    elif now < account.trough:
        account.trough = now
        account.drawdown = max(account.drawdown, 1.0 - now / account.peak)
