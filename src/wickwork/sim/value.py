"""The account over a run of bars on which nothing happens: equity at every close, and the running statistics."""

from __future__ import annotations

from typing import Any


def value(books: Any, marks: Any, start: int, stop: int, equity: Any, cash: float, quantity: float) -> None:
    """One instrument: write equity for the bars `start <= i < stop` and take them into the statistics."""
    if quantity == 0.0:
        books.bars += stop - start
        for i in range(start, stop):
            equity[i] = cash
        if books.equity != cash:
            _one(books, cash)
        return
    for i in range(start, stop):
        equity[i] = cash + quantity * marks[i]
    tally(books, start, stop, equity)


def tally(books: Any, start: int, stop: int, equity: Any) -> None:
    """Take equity that is already written into the statistics."""
    books.bars += stop - start
    before, peak, trough, drawdown = books.equity, books.peak, books.trough, books.drawdown
    returns, squares = books.returns, books.squares
    for i in range(start, stop):
        now = equity[i]
        change = now / before - 1.0 if before != 0.0 else 0.0
        before = now
        returns += change
        squares += change * change
        if now > peak:
            peak = now
            trough = now
        elif now < trough:
            trough = now
            fall = 1.0 - now / peak
            if fall > drawdown:
                drawdown = fall
    books.equity, books.peak, books.trough, books.drawdown = before, peak, trough, drawdown
    books.returns, books.squares = returns, squares


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
