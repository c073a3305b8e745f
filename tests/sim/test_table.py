"""The order table grows with need, in every kind of run, and changes nothing that the run does."""

from __future__ import annotations

import json

import numpy as np
import pytest

from wickwork import Bars, Instrument, Strategy, Terms, Timeframe, backtest, strategy, sweep, trade
from wickwork.engine.feed import feed_of
from wickwork.engine.machine import Machine
from wickwork.graph.check import check
from wickwork.graph.program import Program, plan
from wickwork.nodes import builtin
from wickwork.orders.records import DENIALS, MOST_ORDERS

HOUR = 3_600_000
HOURLY = Timeframe(HOUR)


def ladder() -> Strategy:
    """A resting buy at every close, each with two legs: three places of the table."""
    with strategy("Ladder") as s:
        trade.place(
            when=s.bars.close > 1.0,
            side="buy",
            size=trade.quantity(0.01),
            order="limit",
            price=s.bars.close - 50.0,
            stop_loss=trade.percent(5),
            take_profit=trade.percent(5),
            name="place",
        )
    return s


def bars(size: int, fall: bool = True) -> Bars:
    """Quiet at 100, and a fall to 50 at the end, at which all that works fills."""
    close = np.full(size, 100.0)
    low = close.copy()
    if fall:
        low[-2] = 49.0
    times = 1_600_000_000_000 // HOUR * HOUR + np.arange(size) * HOUR
    return Bars.of(Instrument("A", "USDT"), HOURLY, times, close, close, low, close, close)


def program() -> Program:
    return plan(check(ladder().graph, builtin()), HOURLY)


@pytest.mark.parametrize("size", [20, 80, 300])
def test_orders_beyond_the_first_rows_work_and_fill(size: int) -> None:
    run = backtest(ladder(), bars(size))
    assert len(run.history.denied) == 0
    assert (run.history.fills["side"] == 1).sum() == size - 2


def test_what_no_table_holds_is_denied_with_a_sentence() -> None:
    run = backtest(ladder(), bars(500, fall=False))
    reasons = {DENIALS[reason] for reason in run.history.denied["reason"]}
    assert len(run.history.working) == MOST_ORDERS // 3
    assert reasons == {"the order table is full: 1,024 orders and legs of an instrument can work at a time"}


@pytest.mark.parametrize("cut", [15, 130, 299])
def test_a_wide_table_can_be_saved_and_go_on(cut: int) -> None:
    feed = feed_of([bars(300)])
    whole, first, second = (Machine(program(), feed, Terms()) for _ in range(3))
    whole.run(300)
    first.run(cut)
    second.load(json.loads(json.dumps(first.save())))
    second.run(300)
    assert second.arrays["account"]["cash"] == whole.arrays["account"]["cash"]
    assert repr(second.working().tolist()) == repr(whole.working().tolist())


def test_blocks_of_any_size_do_the_same() -> None:
    feed = feed_of([bars(300)])
    one, many = Machine(program(), feed, Terms(), block=1), Machine(program(), feed, Terms())
    for machine in (one, many):
        machine.run(300)
    assert one.output("fills").tolist() == many.output("fills").tolist()


def test_several_instruments_have_tables_of_their_own() -> None:
    other = bars(300, fall=False)
    two = [bars(300), Bars.of(Instrument("B", "USDT"), HOURLY, other.opened_at, *[other.close] * 5)]
    alone, both = backtest(ladder(), two[0]), backtest(ladder(), two)
    assert (both.history.fills["lane"] == 0).sum() == len(alone.history.fills)
    assert (both.history.working["lane"] == 1).sum() == 300


def test_runs_of_a_sweep_have_the_room_that_they_need() -> None:
    found = sweep(ladder(), bars(300), {"place.stop_loss": [4.0, 5.0, 6.0]})
    run = backtest(ladder(), bars(300))
    assert found.account["closed_order_rows"][1] == len(run.history.closed_orders)
    assert found.account["net_cash"][1] == run.history.account["net_cash"]
