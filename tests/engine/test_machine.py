"""The machine: it goes on where it stood, its outputs grow, and it refuses what it cannot do."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.sim.both import empty_program
from wickwork import InputError, Strategy, strategy, ta, trade
from wickwork.engine.feed import Feed, feed_of
from wickwork.engine.machine import Machine
from wickwork.graph import types as t
from wickwork.graph.program import Program, plan
from wickwork.model import order_kinds
from wickwork.model.bars import Bars
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import HOUR, Timeframe
from wickwork.orders.records import FOREVER
from wickwork.sim.terms import Terms

START = 1_704_067_200_000  # 2024-01-01

PLACE = t.Intent(verb=t.PLACE, kind=order_kinds.LIMIT, side=1, size=1.0, limit=1.0)


def feed(size: int, lanes: int = 1, seed: int = 0) -> Feed:
    r = np.random.default_rng(seed)
    given = []
    for lane in range(lanes):
        points = 100.0 * np.exp(np.cumsum(r.normal(0, 0.004, (size, 4)).ravel())).reshape(size, 4)
        low, high = points.min(axis=1), points.max(axis=1)
        times = START + HOUR * np.arange(size)
        instrument = Instrument(f"C{lane}", "USDT", "USDT")
        given.append(Bars.of(instrument, Timeframe(HOUR), times, points[:, 0], high, low, points[:, 3], np.ones(size)))
    return feed_of(given, funding_rate=0.0001)


def busy() -> Strategy:
    """A strategy that remembers, reads its position, and has all kinds of orders at work."""
    with strategy("busy") as s:
        close = s.bars.close
        fast, slow = ta.ema(close, period=3), ta.sma(close, period=8)
        size = trade.percent_of_equity(50.0)
        trade.buy(
            when=fast > slow, size=size, stop_loss=trade.percent(1), take_profit=trade.r(2), trailing=trade.atr(2)
        )
        trade.short(when=fast < slow, size=size, limit=close * 1.002, good_for=3, stop_loss=trade.percent(1))
        trade.close(when=ta.bars_held() > 9)
        trade.place(when=fast > slow, side="sell", size=trade.quantity(0.1), order="trailing", trail=trade.percent(1))
    return s


def program(built: Strategy) -> Program:
    return plan(built.check(), Timeframe(HOUR))


def everything(machine: Machine) -> dict[str, Any]:
    result: dict[str, Any] = {
        name: machine.output(name).tolist() for name in ("fills", "closed_orders", "round_trips", "denied")
    }
    return result | {"equity": machine.equity.tolist(), "working": machine.working().tolist(), "state": machine.save()}


def test_nothing_can_be_asked_before_the_first_bar() -> None:
    machine = Machine(empty_program(), feed(5), Terms())
    with pytest.raises(InputError, match="before the first bar"):
        machine.request(0, PLACE, 0)
    machine.run(1)
    machine.request(0, PLACE, 0)
    assert len(machine.working()) == 1


def test_outputs_grow_by_asking_alone() -> None:
    """Ten times the room that there was at first, without a bar going by."""
    machine = Machine(empty_program(), feed(3), Terms())
    machine.run(1)
    room = len(machine.outputs["denied"])
    for k in range(10 * room):
        machine.request(0, t.Intent(verb=t.CLOSE, size=100.0), k)
    assert machine.written("denied") == 10 * room
    assert machine.output("denied")["action"].tolist() == list(range(10 * room))
    assert len(machine.outputs["denied"]) >= 10 * room


@pytest.mark.parametrize("lanes", [1, 3])
def test_outputs_grow_while_running(lanes: int) -> None:
    with strategy("always") as s:
        true = s.bars.close > 0.0
        trade.place(when=true, side="buy", size=trade.quantity(0.01), order="market")
        trade.place(when=true, side="sell", size=trade.quantity(0.01), order="market")
        trade.place(when=true, side="buy", size=trade.quantity(1.0), price=-1.0)  # denied
    size = 3000
    machine = Machine(program(s), feed(size, lanes), Terms(capital=1e6))
    room = len(machine.outputs["fills"])
    machine.run(size)
    fills = machine.output("fills")
    assert len(fills) == 2 * lanes * (size - 1) > room
    assert (np.bincount(fills["bar"])[1:] == 2 * lanes).all()
    assert machine.written("denied") == lanes * size
    assert not np.isnan(machine.equity).any()


@pytest.mark.parametrize("lanes", [1, 2])
@pytest.mark.parametrize("block", [1, 7, 64, 0])
def test_any_split_into_blocks_and_calls_gives_the_same_bits(block: int, lanes: int) -> None:
    whole = Machine(program(busy()), feed(400, lanes), Terms(leverage=3.0))
    whole.run(400)
    parts = Machine(program(busy()), feed(400, lanes), Terms(leverage=3.0), block=block)
    for stop in sorted({*np.random.default_rng(block).integers(1, 400, 30).tolist(), 400}):
        parts.run(stop)
    first, second = everything(whole), everything(parts)
    for name in ("fills", "closed_orders", "round_trips", "denied", "equity"):
        assert repr(first[name]) == repr(second[name]), name
    assert len(first["fills"]) > 50


def test_running_backward_does_nothing() -> None:
    machine = Machine(program(busy()), feed(100), Terms())
    machine.run(100)
    before = everything(machine)
    machine.run(50)
    assert machine.done == 100
    assert repr(everything(machine)) == repr(before)


@pytest.mark.parametrize("lanes", [1, 2])
@pytest.mark.parametrize("at", [1, 57, 199])
def test_a_saved_machine_goes_on_with_the_same_bits(at: int, lanes: int) -> None:
    whole = Machine(program(busy()), feed(200, lanes), Terms(leverage=3.0))
    whole.run(at)
    fills = whole.written("fills")
    saved = json.loads(json.dumps(whole.save(), allow_nan=False))
    whole.run(200)
    other = Machine(program(busy()), feed(200, lanes), Terms(leverage=3.0))
    other.load(saved)
    assert other.done == at
    other.run(200)
    assert repr(other.equity[at:].tolist()) == repr(whole.equity[at:].tolist())
    assert repr(other.output("fills").tolist()) == repr(whole.output("fills")[fills:].tolist())
    assert sorted(other.working()["id"].tolist()) == sorted(whole.working()["id"].tolist())
    assert other.arrays["account"]["cash"][0] == whole.arrays["account"]["cash"][0]


def test_a_state_of_another_program_is_refused() -> None:
    machine = Machine(program(busy()), feed(50), Terms())
    machine.run(20)
    with pytest.raises(InputError, match="another program"):
        Machine(empty_program(), feed(50), Terms()).load(machine.save())


def test_equity_can_be_done_without() -> None:
    a = Machine(program(busy()), feed(300), Terms(leverage=3.0))
    b = Machine(program(busy()), feed(300), Terms(leverage=3.0), equity=False)
    for machine in (a, b):
        machine.run(300)
    assert b.equity.size == 0
    assert repr(a.output("fills").tolist()) == repr(b.output("fills").tolist())
    assert a.arrays["account"]["equity"][0] == b.arrays["account"]["equity"][0] == a.equity[-1]


def test_columns_that_are_kept_are_the_wires() -> None:
    planned = program(busy())
    index = planned.column("ema").index
    machine = Machine(planned, feed(300), Terms(), keep={"fast": index}, block=32)
    machine.run(300)
    close, expected = machine.feed.columns[0][3], []
    for i, c in enumerate(close):  # seeded with the mean of the first three
        value = c if i == 0 else expected[-1] + (c - expected[-1]) * (0.5 if i >= 3 else 1 / (i + 1))
        expected.append(value)
    assert machine.kept["fast"][0][2:] == pytest.approx(expected[2:], rel=1e-12)
    assert np.isnan(machine.kept["fast"][0][:2]).all()


def test_what_is_asked_for_between_bars_is_heard_in_the_order_of_asking() -> None:
    machine = Machine(empty_program(), feed(10), Terms())
    machine.run(3)
    for k in range(3):
        machine.request(0, PLACE._replace(limit=1.0 + k), 10 + k)
    working = machine.working()
    assert working["id"].tolist() == [1, 2, 3]
    assert working["action"].tolist() == [10, 11, 12]
    assert set(working["created_bar"].tolist()) == {2}
    assert set(working["live_from"].tolist()) == {3}


def test_a_lane_without_orders_has_nothing_to_wait_for() -> None:
    """As its fields say, before the first bar and after each that leaves no order: else every bar would be an event."""
    machine = Machine(empty_program(), feed(50, 2), Terms())
    lanes = machine.arrays["lanes"]
    assert lanes["deadline"].tolist() == [FOREVER] * 2
    assert lanes["ambiguous_bar"].tolist() == [-1] * 2
    machine.run(10)
    machine.request(0, PLACE._replace(limit=1e-3), 0)
    assert lanes["band_low"][0] >= 0.0
    machine.request(0, t.Intent(verb=t.CANCEL), 0)
    machine.run(20)
    assert lanes["count"].tolist() == [0, 0]
    assert (lanes["band_low"].tolist(), lanes["band_high"].tolist()) == ([-np.inf] * 2, [np.inf] * 2)


def test_an_entry_is_marked_as_one_however_it_was_placed() -> None:
    for intent in (
        t.Intent(verb=t.ENTER, side=1, size=1.0),
        t.Intent(verb=t.REVERSE, side=1, size=1.0),
    ):
        machine = Machine(empty_program(), feed(50), Terms())
        machine.run(10)
        machine.request(0, intent, 0)
        assert machine.working()["entry"].tolist() == [1]
        assert machine.arrays["lanes"]["entries"].tolist() == [1]
