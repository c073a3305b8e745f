"""Entries that a position keeps from acting are counted, not written down one by one."""

from __future__ import annotations

import numpy as np
import pytest

from wickwork import Bars, Instrument, Run, Timeframe, backtest, strategy, trade

HOUR = 3_600_000


def run_of(size: int, **options: object) -> Run:
    with strategy("Always") as s:
        trade.buy(when=s.bars.close > 1.0, size=trade.quantity(1), name="buy", **options)
    flat, start = np.full(size, 100.0), 1_600_000_000_000 // HOUR * HOUR
    times = start + np.arange(size) * HOUR
    return backtest(s, Bars.of(Instrument("A", "USDT"), Timeframe(HOUR), times, flat, flat, flat, flat, flat))


@pytest.mark.parametrize("size", [1, 2, 9, 3000])
def test_every_bar_after_the_fill_counts(size: int) -> None:
    run = run_of(size)
    assert run.signals_while_held == ({"buy": size - 1} if size > 1 else {})
    assert len(run.history.denied) == 0
    assert run.to_data()["signals_while_held"] == run.signals_while_held


def test_what_may_be_added_is_not_kept_from_acting() -> None:
    run = run_of(9, add=True)
    assert run.signals_while_held == {}
    assert len(run.history.fills) == 8
