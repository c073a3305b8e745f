"""The account over a run of bars on which nothing happens: equity at every close, and the running statistics."""

from __future__ import annotations

from typing import Any, NamedTuple

from wickwork.graph.native import merged


def value(books: Any, marks: Any, start: int, stop: int, equity: Any, cash: float, quantity: float) -> None:
    """One instrument: write equity for the bars `start <= i < stop` and take them into the statistics."""
    if quantity == 0.0:
        books.bars += stop - start
        for i in range(start, stop):
            equity[i] = cash
        if books.equity != cash:
            _one(books, cash)
        return
    now = Standing(books.equity, books.peak, books.trough, books.drawdown, books.returns, books.squares)
    for i in range(start, stop):
        equity[i] = cash + quantity * marks[i]
        now = _after(now, equity[i])
    _write(books, now, stop - start)


def tally(books: Any, start: int, stop: int, equity: Any) -> None:
    """Take equity that is already written into the statistics."""
    now = Standing(books.equity, books.peak, books.trough, books.drawdown, books.returns, books.squares)
    for i in range(start, stop):
        now = _after(now, equity[i])
    _write(books, now, stop - start)


class Standing(NamedTuple):
    """The running statistics while a loop goes over bars: equity, the highest so far, the lowest since, and sums."""

    equity: float
    peak: float
    trough: float
    drawdown: float
    returns: float
    squares: float


@merged
def _after(was: Standing, equity: float) -> Standing:
    """The statistics one bar later.

    A fall is deepest where equity is lowest, so that it is worked out only when a new peak ends it (or the loop does):
    the lowest needs no branch, which a falling market would take or not take in no order.
    """
    change = equity / was.equity - 1.0 if was.equity != 0.0 else 0.0
    returns, squares = was.returns + change, was.squares + change * change
    if equity > was.peak:
        return Standing(equity, equity, equity, _deepest(was), returns, squares)
    trough = equity if equity < was.trough else was.trough
    return Standing(equity, was.peak, trough, was.drawdown, returns, squares)


def _deepest(now: Standing) -> float:
    """The deepest fall so far, as a share of the peak before it."""
    return max(now.drawdown, 1.0 - now.trough / now.peak)


def _write(books: Any, now: Standing, bars: int) -> None:
    books.bars += bars
    books.equity, books.peak, books.trough = now.equity, now.peak, now.trough
    books.drawdown, books.returns, books.squares = _deepest(now), now.returns, now.squares


def _one(books: Any, now: float) -> None:
    """One bar on which equity changed; the flat bars after it change nothing more."""
    before = books.equity
    change = now / before - 1.0 if before != 0.0 else 0.0
    books.returns += change
    books.squares += change * change
    books.equity = now
    if now > books.peak:
        books.peak = now
        books.trough = now
    elif now < books.trough:
        books.trough = now
        books.drawdown = max(books.drawdown, 1.0 - now / books.peak)
