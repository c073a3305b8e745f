"""Nodes that read orders, by hand: on which bar they see what, over history, bar by bar, reported and resumed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.slow_venue import slow
from tests.promises.live import events, heard
from tests.promises.programs import case_of
from wickwork import Bars, InputError, Instrument, Strategy, Terms, backtest, demo_bars, strategy, sweep, ta, trade
from wickwork.engine.advance import advance
from wickwork.engine.bot import Bot
from wickwork.engine.feed import feed_of
from wickwork.engine.machine import Machine
from wickwork.engine.window import Universe
from wickwork.graph.program import plan
from wickwork.graph.types import OrderState
from wickwork.model.events import BarsClosed, Filled
from wickwork.model.timeframe import HOUR, Timeframe

CASES = int(os.environ.get("WICKWORK_ORDER_STATE_CASES", "80")) // 4
START = 1_704_067_200_000
Row = tuple[float, float, float, float]
FLAT: Row = (100.0, 100.0, 100.0, 100.0)
nan = float("nan")


def run(make: Callable[[Strategy], dict[str, Any]], rows: Sequence[Row], **terms: Any) -> dict[str, list[float]]:
    """The wires that `make` names, bar by bar. The volume of a bar is its number, for conditions."""
    with strategy("hand") as s:
        wires = make(s)
    program = plan(s.check(), Timeframe(HOUR))
    keep = {name: program.names[f"{wire.node}.{wire.port}"].index for name, wire in wires.items()}
    columns = np.array(rows).T
    bars = Bars.of(
        Instrument("C", "USDT", "USDT"),
        Timeframe(HOUR),
        START + HOUR * np.arange(len(rows)),
        *columns,
        np.arange(len(rows), dtype=float),
    )
    machine = Machine(program, feed_of([bars]), Terms(**{"slippage_model": "none", **terms}), keep=keep)
    machine.run(len(rows))
    return {name: machine.kept[name][0].tolist() for name in wires}


def at(s: Strategy, bar: int) -> Any:
    """True on that bar."""
    return s.bars.volume == float(bar)


def same(a: list[float], b: list[float]) -> bool:
    return np.array_equal(a, b, equal_nan=True)


def test_a_limit_order_is_seen_from_the_bar_after_its_decision_and_filled_on_the_bar_of_its_fill() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        entry = trade.buy(when=at(s, 1), size=trade.quantity(2), limit=98.0)
        return {n: getattr(entry, n) for n in ("working", "filled", "complete", "price", "remaining", "age", "average")}

    seen = run(make, [FLAT, FLAT, FLAT, (100, 100, 97, 100), FLAT, FLAT])
    assert same(seen["working"], [0, 0, 1, 0, 0, 0])
    assert same(seen["filled"], [0, 0, 0, 1, 0, 0])
    assert same(seen["complete"], [0, 0, 0, 1, 1, 1])
    assert same(seen["price"], [nan, nan, 98, 98, 98, 98])
    assert same(seen["remaining"], [0, 0, 2, 0, 0, 0])
    assert same(seen["age"], [nan, nan, 1, 2, 3, 4])
    assert same(seen["average"], [nan, nan, nan, 98, 98, 98])


def test_each_part_of_a_fill_is_an_event_and_the_order_is_complete_with_the_last() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        entry = trade.place(when=at(s, 2), side="buy", size=trade.quantity(2), order="market")
        return {n: getattr(entry, n) for n in ("filled", "complete", "working", "filled_quantity")}

    seen = run(make, [FLAT] * 7, volume_limit=0.25)  # 0.75 of the third bar, 1 of the fourth, the rest of the fifth
    assert same(seen["filled"], [0, 0, 0, 1, 1, 1, 0])
    assert same(seen["complete"], [0, 0, 0, 0, 0, 1, 1])
    assert same(seen["working"], [0, 0, 0, 1, 1, 0, 0])
    assert same(seen["filled_quantity"], [nan, nan, nan, 0.75, 1.75, 2, 2])


def test_a_canceled_order_is_seen_as_canceled_on_the_next_bar() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        entry = trade.buy(when=at(s, 0), size=trade.quantity(2), limit=98.0)
        entry.cancel(when=entry.age == 2.0)
        return {n: getattr(entry, n) for n in ("working", "canceled", "complete", "orders")}

    seen = run(make, [FLAT] * 5)
    assert same(seen["working"], [0, 1, 1, 0, 0])
    assert same(seen["canceled"], [0, 0, 0, 1, 1])
    assert same(seen["complete"], [0, 0, 0, 0, 0])


def test_the_price_of_a_leg_follows_its_change_and_its_fill_is_an_event() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        entry = trade.buy(when=at(s, 0), size=trade.quantity(1), stop_loss=trade.percent(5))
        entry.modify(when=at(s, 2), leg="stop_loss", price=ta.average_price())
        stop = entry.leg("stop_loss")
        return {n: getattr(stop, n) for n in ("working", "filled", "price", "average")} | {"entry": entry.filled}

    seen = run(make, [FLAT, (100, 101, 99, 101), (101, 101, 101, 101), (101, 102, 101, 102), (102, 102, 99, 99), FLAT])
    assert same(seen["entry"], [0, 1, 0, 0, 0, 0])
    assert same(seen["working"], [0, 1, 1, 1, 0, 0])
    assert same(seen["price"], [nan, 95, 95, 100, 100, 100])
    assert same(seen["filled"], [0, 0, 0, 0, 1, 0])
    assert same(seen["average"], [nan, nan, nan, nan, 100, 100])


def test_additions_count_orders_and_end_with_the_position() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        once = trade.buy(when=s.bars.volume < 3.0, size=trade.quantity(1), add=True)
        trade.close(when=at(s, 4))
        of_action = ta.entries_count(once)
        return {"all": ta.entries_count(), "own": of_action, "price": ta.last_entry_price()}

    seen = run(make, [FLAT, (101,) * 4, (102,) * 4, (103,) * 4, FLAT, FLAT, FLAT])
    assert same(seen["all"], [0, 1, 2, 3, 3, 0, 0])
    assert same(seen["own"], [0, 1, 2, 3, 3, 0, 0])
    assert same(seen["price"], [nan, 101, 102, 103, 103, nan, nan])


def test_profit_in_multiples_of_the_risk() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        trade.short(when=at(s, 0), size=trade.quantity(3), stop_loss=trade.percent(2))
        return {"r": ta.position_by_r()}

    seen = run(make, [FLAT, FLAT, (100, 100, 97, 97), (97, 103, 97, 103), FLAT])
    assert same(seen["r"], [nan, 0, 1.5, nan, nan])


def test_a_position_without_a_stop_loss_has_no_r() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        trade.buy(when=at(s, 0), size=trade.quantity(3))
        return {"r": ta.position_by_r()}

    assert np.isnan(run(make, [FLAT, FLAT, (100, 101, 100, 101)])["r"]).all()


def test_the_last_order_is_of_any_action() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        trade.place(when=at(s, 0), side="buy", size=trade.quantity(1), price=50.0)
        trade.place(when=at(s, 1), side="sell", size=trade.quantity(1), price=150.0)
        last = ta.last_order()
        return {"side": last.side, "orders": last.orders}

    seen = run(make, [FLAT] * 4)
    assert same(seen["side"], [nan, 1, -1, -1])
    assert same(seen["orders"], [0, 1, 2, 2])


def test_an_order_that_is_linked_takes_its_fill_from_the_other() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        stop = trade.place(when=at(s, 0), side="sell", size=trade.quantity(1), order="stop", stop=95.0)
        target = trade.place(when=at(s, 0), side="sell", size=trade.quantity(1), price=105.0, oco_with=stop)
        third = trade.place(when=at(s, 1), side="sell", size=trade.quantity(3), price=110.0, oco_with=target)
        return {"stop": stop.canceled, "target": target.complete, "third": third.remaining}

    seen = run(make, [FLAT, FLAT, FLAT, (100, 106, 100, 105), FLAT])
    assert same(seen["stop"], [0, 0, 0, 1, 1])
    assert same(seen["target"], [0, 0, 0, 1, 1])
    assert same(seen["third"], [0, 0, 3, 2, 2])


def test_a_ladder_places_orders_that_grow_with_their_distance() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        steps = trade.ladder(
            when=at(s, 0),
            side="sell",
            size=trade.quantity(1),
            spacing=trade.percent(2),
            levels=3,
            size_growth=2.0,
            spacing_growth=0.5,
        )
        return {n: getattr(steps, n) for n in ("orders", "remaining", "price", "quantity", "filled", "filled_quantity")}

    seen = run(make, [FLAT, FLAT, (100, 103, 100, 103), (103, 104, 103, 104)])  # at 102, 103 and 103.5
    assert same(seen["orders"], [0, 3, 1, 0])
    assert same(seen["remaining"], [0, 7, 4, 0])
    assert same(seen["filled"], [0, 0, 1, 1])
    assert same(seen["filled_quantity"], [nan, 0, 0, 4])
    assert np.allclose(seen["price"][1:], 103.5)
    assert same(seen["quantity"], [nan, 4, 4, 4])


def test_each_order_of_a_ladder_is_denied_by_itself() -> None:
    def make(s: Strategy) -> dict[str, Any]:
        steps = trade.ladder(when=at(s, 0), side="buy", size=trade.quantity(1), spacing=trade.percent(40), levels=4)
        return {"orders": steps.orders}

    assert same(run(make, [FLAT, FLAT])["orders"], [0, 2])  # at 60 and 20; the others would lie below 0


def test_a_link_and_a_number_contradict_each_other() -> None:
    with strategy("two links") as s:
        first = trade.place(when=at(s, 0), side="sell", size=trade.quantity(1), price=105.0)
        trade.place(when=at(s, 0), side="sell", size=trade.quantity(1), price=106.0, oco_with=first, oco=3)
    with pytest.raises(InputError, match="both a number and a wire oco_with"):
        plan(s.check(), Timeframe(HOUR))


def test_the_wires_of_orders_share_one_node_and_unknown_ones_are_refused() -> None:
    with strategy("names") as s:
        entry = trade.buy(when=at(s, 0), size=trade.quantity(1))
        assert entry.filled.node == entry.price.node == "order_state"
        assert entry.leg("stop_loss").price.node == entry.leg("stop_loss").filled.node == "leg_state"
        assert entry.leg("take_profit", target=2).price.node == "leg_state_2"
        with pytest.raises(InputError, match=r"Orders have no 'fill'.*filled"):
            _ = entry.fill
        with pytest.raises(InputError, match="leg must be one of stop_loss, take_profit, trailing"):
            entry.leg("stop")


def reading(seeds: int) -> Iterator[str]:
    """Random programs that read orders."""
    keys = (f"random {seed} 80" for seed in range(seeds))
    return (key for key in keys if case_of(key).plan().order_states)


def test_reported_fills_give_the_same_states_after_each_bar() -> None:
    """As whole records: times, quantities, prices and counts."""
    seen = 0
    for key in reading(CASES):
        case = case_of(key)
        bars = [event for event in events(case) if any(row is not None for row in event.rows)]
        rows, _, _ = slow(case.plan(), heard(case), case.terms(), bars)
        simulated = Bot(case.plan(), heard(case), case.terms())
        reported = Bot(case.plan(), heard(case), case.terms(), reported=True)
        for event in rows.events:
            advance(reported, event)
            if isinstance(event, BarsClosed):
                advance(simulated, event)
                a, b = (bot.machine.arrays["order_states"] for bot in (simulated, reported))
                assert a.tolist() == b.tolist(), f"{key}, {event.opened_at}"
        seen += int((simulated.machine.arrays["order_states"]["filled_at"] > 0).sum())
    assert seen > CASES // 3


@pytest.mark.parametrize("saved", [False, True])
def test_a_fill_that_is_reported_while_the_instrument_has_no_bar_is_seen_on_its_next_bar(saved: bool) -> None:
    with strategy("hole") as s:
        entry = trade.place(when=at(s, 1), side="buy", size=trade.quantity(1), price=50.0, name="entry")
        trade.close(when=entry.filled, name="out")
    instruments = (Instrument("A", "USDT", "USDT"), Instrument("B", "USDT", "USDT"))
    program = plan(s.check(), Timeframe(HOUR))

    def new() -> Bot:
        return Bot(program, Universe(instruments, Timeframe(HOUR), None), Terms(), reported=True)

    bot, times = new(), [START + HOUR * i for i in range(6)]
    state = bot.machine.arrays["order_states"]
    placed = []
    for number, opened_at in enumerate(times):
        if number == 2:
            order = bot.client_id(1)
            advance(
                bot, Filled(at=opened_at, order=order, fill="x", quantity=1.0, price=50.0, fee=0.0, liquidity="maker")
            )
            if saved:
                again = new()
                again.load(json.loads(json.dumps(bot.save())))
                bot, state = again, again.machine.arrays["order_states"]
        row = None if number in (2, 3) else (100.0, 100.0, 100.0, 100.0, float(number))
        outcome = advance(bot, BarsClosed(opened_at, (row, (100.0, 100.0, 100.0, 100.0, 9.0)), (None, None)))
        placed += [(number, one[2]) for one in outcome.placed if one[1] == 0]
    assert state["filled_at"].tolist() == [times[4], 0]
    assert placed == [(1, program.action_names.index("entry")), (4, program.action_names.index("out"))]


def test_states_are_saved_with_the_run() -> None:
    key = next(reading(CASES))
    machine = case_of(key).machine()
    machine.run(40)
    other = case_of(key).machine()
    other.load(json.loads(json.dumps(machine.save())))
    assert other.arrays["order_states"].tolist() == machine.arrays["order_states"].tolist()


def test_programs_that_read_no_orders_keep_no_states() -> None:
    with strategy("none") as s:
        trade.buy(when=at(s, 0), size=trade.quantity(1))
    program = plan(s.check(), Timeframe(HOUR))
    assert program.order_states == ()
    assert OrderState not in {kind for node in program.validated.nodes.values() for _, kind in node.arguments}


def test_a_sweep_reads_the_leg_of_each_combination(tmp_path: Path) -> None:
    file = tmp_path / "targets.py"
    file.write_text(
        "from wickwork import strategy, ta, trade\n"
        "with strategy('targets') as s:\n"
        "    close = s.bars.close\n"
        "    up = ta.crosses_above(ta.ema(close, period=5), ta.ema(close, period=15))\n"
        "    profits = [trade.target(trade.percent(p), share=30) for p in (1, 2, 4)]\n"
        "    entry = trade.buy(when=up, size=trade.quote(500), stop_loss=trade.percent(3), take_profit=profits)\n"
        "    trade.close(when=ta.leg_state(entry, leg='take_profit', name='reached').filled)\n"
    )
    bars = demo_bars("ETH/USDT", "1h").slice(0, 1500)
    table = sweep(file, bars, {"reached.target": [1, 2, 3]}).table
    alone = [backtest(file, bars, params={"reached.target": target}) for target in (1, 2, 3)]
    assert table["total_return"].tolist() == [run.stats["total_return"] for run in alone]
    assert len(set(table["total_return"])) == 3
