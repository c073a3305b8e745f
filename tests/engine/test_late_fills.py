"""Fills that come late, or are larger than what was left of their order: booked once, and never in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.test_faults import begun, fill
from tests.engine.test_live_reported import busy
from wickwork.engine import reports
from wickwork.engine.advance import Outcome, advance
from wickwork.engine.bot import Bot
from wickwork.engine.journal_entries import output_data, output_from
from wickwork.engine.live import passed
from wickwork.engine.order_commands import commands_between, note_changes, working_rows
from wickwork.engine.reports import context_at
from wickwork.graph.types import CANCEL, PLACE
from wickwork.model import events as e
from wickwork.model.commands import Amend, Cancel, Command, Place
from wickwork.orders.records import MOST_ORDERS
from wickwork.orders.reports import index_of, report_change


def held(bot: Bot) -> float:
    return float(bot.machine.arrays["lanes"]["quantity"][0])


def cash(bot: Bot) -> float:
    return float(bot.machine.arrays["account"]["net_cash"][0])


def asked(bot: Bot) -> Outcome:
    """A limit order far below the market, requested by a person."""
    intent = {"verb": PLACE, "kind": 1, "side": 1, "size": 0.5, "limit": 1_000.0}
    return advance(bot, e.OrderRequested(at=5, source="a person", instrument="BTC/USDT", intent=intent))


def amend(bot: Bot, order: str, quantity: float, price: float | None = None) -> tuple[Command, ...]:
    """What a strategy does that changes an order: the change is made here at once, and sent."""
    number, _ = bot.number_of(order)
    before = working_rows(bot)
    ctx = context_at(bot, 0)
    report_change(ctx, index_of(ctx, number), bot.bars, price, quantity)
    commands = commands_between(bot, before, number + 1)
    note_changes(bot, commands, before, 6)
    assert [(one.order, one.quantity) for one in commands if isinstance(one, Amend)] == [(order, quantity)]
    return commands


def placed(bot: Bot) -> str:
    (place,) = asked(bot).commands
    assert isinstance(place, Place)
    return place.order


def saved_again(bot: Bot, folder: Path) -> Bot:
    again = busy(folder).bot()
    again.load(bot.save())
    return again


def fill_of(order: str, quantity: float, name: str = "x") -> e.Filled:
    return fill(order=order, quantity=quantity, price=1_000.0, fill=name)


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    """A bot that holds nothing and whose strategy's first order is gone."""
    found = begun(tmp_path / "bot")
    for row in found.machine.working():
        advance(found, e.Canceled(at=0, order=f"run-{row['id']}", reason="canceled by the strategy"))
    assert held(found) == 0.0
    return found


def test_a_fill_beyond_what_was_left_is_booked_written_down_and_stops_new_orders(bot: Bot) -> None:
    order = placed(bot)
    assert advance(bot, fill_of(order, 0.25, "a")).faults == ()
    (fault,) = advance(bot, fill_of(order, 0.5, "b")).faults
    assert held(bot) == 0.75
    assert (fault.name, fault.order) == ("overfill", order)
    assert "0.5" in fault.text
    assert "0.25 was left" in fault.text
    assert bot.trading_state == "reducing"
    _, refused = passed(bot, asked(bot))
    assert [one.reason for one in refused] == ["only orders that reduce a position are allowed"]
    advance(bot, e.TradingStateChanged(at=6, state="active", reason="looked at"))
    assert passed(bot, asked(bot))[1] == []


def test_a_further_fill_of_a_filled_order_is_a_fault_and_the_same_fill_twice_is_none(bot: Bot, tmp_path: Path) -> None:
    order = placed(bot)
    advance(bot, fill_of(order, 0.5, "a"))
    before = bot.save()
    assert advance(bot, fill_of(order, 0.5, "a")).faults == ()
    assert bot.save() == before
    again = saved_again(bot, tmp_path)
    for name in ("b", "c"):
        outcome = advance(again, fill_of(order, 0.25, name))
        assert [fault.name for fault in outcome.faults] == ["overfill"]
        assert output_from(output_data(outcome)) == outcome
    assert held(again) == 1.0


def test_a_halted_run_stays_halted_after_a_fault(bot: Bot) -> None:
    order = placed(bot)
    advance(bot, e.TradingStateChanged(at=6, state="halted", reason=""))
    assert advance(bot, fill_of(order, 1.0)).faults
    assert bot.trading_state == "halted"


def test_a_fill_of_the_quantity_before_a_change_that_is_on_its_way_is_no_fault(bot: Bot) -> None:
    order = placed(bot)
    number, _ = bot.number_of(order)
    amend(bot, order, 0.125)
    assert advance(bot, fill_of(order, 0.5)).faults == ()
    assert held(bot) == 0.5
    assert number in bot.kept.closed


def test_a_fill_of_the_old_quantity_after_the_venue_changed_it_is_a_fault(bot: Bot) -> None:
    order = placed(bot)
    amend(bot, order, 0.125)
    advance(bot, e.Amended(at=7, order=order, quantity=0.125))
    assert [fault.name for fault in advance(bot, fill_of(order, 0.5)).faults] == ["overfill"]


@pytest.mark.parametrize("resumed", [False, True])
def test_a_fill_of_an_order_that_was_closed_hundreds_of_orders_ago_is_booked_once(
    resumed: bool, bot: Bot, tmp_path: Path
) -> None:
    first = placed(bot)
    advance(bot, fill_of(first, 0.125, "a"))
    advance(bot, e.Canceled(at=1, order=first, reason="canceled by the strategy"))
    for _ in range(400):
        advance(bot, e.Canceled(at=1, order=placed(bot), reason="canceled by the strategy"))
    if resumed:
        bot = saved_again(bot, tmp_path)
    before = cash(bot)
    advance(bot, fill_of(first, 0.125, "a"))  # the one before: it is known
    assert held(bot) == 0.125
    assert advance(bot, fill_of(first, 0.25, "b")).faults == ()
    assert (held(bot), cash(bot)) == (0.375, before - 250.0)
    advance(bot, fill_of(first, 0.25, "b"))
    assert held(bot) == 0.375
    assert [fault.name for fault in advance(bot, fill_of(first, 0.25, "c")).faults] == ["overfill"]
    assert held(bot) == 0.625


def test_a_late_fill_of_an_entry_brings_its_legs(bot: Bot) -> None:
    intent = {"verb": PLACE, "kind": 1, "side": 1, "size": 0.5, "limit": 1_000.0, "stop_loss": 0.5, "stop_loss_as": 2}
    outcome = advance(bot, e.OrderRequested(at=5, source="a person", instrument="BTC/USDT", intent=intent))
    order = outcome.commands[0].order
    advance(bot, e.Canceled(at=1, order=order, reason="canceled by the strategy"))
    for _ in range(300):
        advance(bot, e.Canceled(at=1, order=placed(bot), reason="canceled by the strategy"))
    late = advance(bot, fill_of(order, 0.25))
    assert [(one.order, one.quantity) for one in late.commands if isinstance(one, Place)] == [(f"{order}.1", 0.25)]


def with_legs(bot: Bot) -> str:
    """A filled entry of 0.5 with a stop loss (leg 1) and a take profit (leg 2)."""
    legs = {"stop_loss": 0.5, "stop_loss_as": 2, "take_profit": 0.5, "take_profit_as": 2}
    intent = {"verb": PLACE, "kind": 1, "side": 1, "size": 0.5, "limit": 1_000.0, **legs}
    outcome = advance(bot, e.OrderRequested(at=5, source="a person", instrument="BTC/USDT", intent=intent))
    order = outcome.commands[0].order
    advance(bot, fill_of(order, 0.5))
    assert len(bot.machine.working()) == 2
    return order


def test_fills_of_both_legs_that_come_in_the_wrong_order_are_both_booked_and_a_fault(bot: Bot) -> None:
    order = with_legs(bot)
    sold = {"quantity": 0.5, "price": 1_000.0}
    assert advance(bot, fill(order=f"{order}.2", fill="2", number=2, **sold)).fills == ()  # waits for the first
    outcome = advance(bot, fill(order=f"{order}.1", fill="1", number=1, **sold))
    assert [(fault.name, fault.order) for fault in outcome.faults] == [("overfill", f"{order}.2")]
    assert len(outcome.fills) == 2
    assert held(bot) == -0.5


def test_a_late_fill_of_a_leg_that_was_closed_long_ago_is_booked(bot: Bot, tmp_path: Path) -> None:
    order = with_legs(bot)
    advance(bot, e.Canceled(at=1, order=f"{order}.1", reason="canceled by the strategy"))
    for _ in range(300):
        advance(bot, e.Canceled(at=1, order=placed(bot), reason="canceled by the strategy"))
    again = saved_again(bot, tmp_path)
    outcome = advance(again, fill(order=f"{order}.1", fill="late", quantity=0.25, price=900.0))
    assert (held(again), outcome.faults) == (0.25, ())


def test_a_fill_of_a_leg_that_was_never_made_is_a_fault(bot: Bot) -> None:
    order = placed(bot)
    (fault,) = advance(bot, fill_of(f"{order}.1", 0.25)).faults
    assert (fault.name, held(bot), bot.trading_state) == ("fill of no order", 0.0, "reducing")


def test_a_change_that_was_refused_leaves_the_order_as_it_was(bot: Bot) -> None:
    order = placed(bot)
    amend(bot, order, 0.125, price=900.0)
    outcome = advance(bot, e.AmendRejected(at=7, order=order, reason="no"))
    (row,) = bot.machine.working()
    assert (row["remaining"], row["limit"], outcome.commands) == (0.5, 1_000.0, ())


@pytest.mark.parametrize("quantity", [0.75, 0.125])
def test_in_a_halted_run_a_change_is_sent_only_where_it_lowers_what_is_left(quantity: float, bot: Bot) -> None:
    order = placed(bot)
    halted = advance(bot, e.TradingStateChanged(at=6, state="halted", reason=""))
    approved, refused = passed(bot, replace(halted, commands=amend(bot, order, quantity)))
    assert (len(approved), len(refused)) == ((0, 1) if quantity > 0.5 else (1, 0))


def test_a_fill_of_a_sibling_that_the_venue_had_not_reduced_is_no_fault(bot: Bot) -> None:
    intent = {"verb": PLACE, "kind": 1, "side": 1, "size": 0.5, "limit": 1_000.0, "oco": 1}
    wanted = e.OrderRequested(at=5, source="a person", instrument="BTC/USDT", intent=intent)
    first, second = (advance(bot, wanted).commands[0].order for _ in range(2))
    advance(bot, fill_of(first, 0.25, "a"))
    assert [float(row["remaining"]) for row in bot.machine.working()] == [0.25, 0.25]
    assert advance(bot, fill_of(second, 0.5, "b")).faults == ()
    assert held(bot) == 0.75


def canceled(bot: Bot) -> tuple[Command, ...]:
    """A person cancels everything: closed here at once, and sent."""
    intent = {"verb": CANCEL}
    return advance(bot, e.OrderRequested(at=6, source="a person", instrument="BTC/USDT", intent=intent)).commands


def working(bot: Bot) -> list[tuple[str, float]]:
    return [(f"run-{row['id']}", float(row["remaining"])) for row in bot.machine.working()]


@pytest.mark.parametrize("resumed", [False, True])
def test_an_order_that_the_venue_does_not_cancel_works_again(resumed: bool, bot: Bot, tmp_path: Path) -> None:
    order = placed(bot)
    advance(bot, fill_of(order, 0.125, "a"))
    assert canceled(bot) == (Cancel(order=order, instrument="BTC/USDT"),)
    assert working(bot) == []
    if resumed:
        bot = saved_again(bot, tmp_path)
    assert advance(bot, e.CancelRejected(at=7, order=order, reason="too many requests")).faults == ()
    assert working(bot) == [(order, 0.375)]
    assert advance(bot, fill_of(order, 0.125, "b")).faults == ()
    assert working(bot) == [(order, 0.25)]
    assert canceled(bot) == (Cancel(order=order, instrument="BTC/USDT"),)
    advance(bot, e.Canceled(at=8, order=order, reason="canceled by the strategy"))
    advance(bot, e.CancelRejected(at=8, order=order, reason="it works no longer"))
    assert working(bot) == []
    assert held(bot) == 0.25


@pytest.mark.parametrize("end", [e.Expired(at=7, order=""), e.Canceled(at=7, order="", reason="would have taken")])
def test_an_order_that_ended_at_the_venue_before_it_was_to_be_canceled_stays_closed(end: e.Expired, bot: Bot) -> None:
    order = placed(bot)
    canceled(bot)
    advance(bot, replace(end, order=order))
    advance(bot, e.CancelRejected(at=8, order=order, reason="it works no longer"))
    assert working(bot) == []


def test_a_filled_order_that_could_not_be_canceled_stays_closed(bot: Bot) -> None:
    order = placed(bot)
    canceled(bot)
    advance(bot, fill_of(order, 0.5))
    advance(bot, e.CancelRejected(at=8, order=order, reason="it works no longer"))
    assert (working(bot), held(bot)) == ([], 0.5)


def test_an_order_requested_between_a_resumption_and_the_next_bar_is_the_one_without_it(
    bot: Bot, tmp_path: Path
) -> None:
    advance(bot, fill_of(placed(bot), 0.5))
    again = saved_again(bot, tmp_path)
    # A tenth of the equity, which counts what is held at the last close.
    intent = {"verb": PLACE, "kind": 1, "side": 1, "size_as": 2, "size": 10.0, "limit": 1_000.0}
    wanted = e.OrderRequested(at=6, source="a person", instrument="BTC/USDT", intent=intent)
    first, second = advance(bot, wanted), advance(again, wanted)
    assert (first.commands, first.placed, first.denied) == (second.commands, second.placed, second.denied)
    assert first.commands[0].quantity > 0.5 * 30_000.0 / 1_000.0 * 0.1
    row, same = (one.machine.working()[-1] for one in (bot, again))
    assert row == same


def test_late_fills_and_a_liquidation_have_room_where_the_order_table_is_full(bot: Bot) -> None:
    first, second = placed(bot), placed(bot)
    for order in (first, second):
        advance(bot, e.Canceled(at=1, order=order, reason="canceled by the strategy"))
    while asked(bot).commands:
        pass
    before = [row.tobytes() for row in bot.machine.working()]
    assert len(before) == MOST_ORDERS
    for number, order in enumerate((first, second), 1):
        assert advance(bot, fill_of(order, 0.25)).faults == ()
        assert held(bot) == 0.25 * number
    advance(bot, e.Liquidated(at=2, instrument="BTC/USDT", price=1_000.0, fee=1.0))
    assert held(bot) == 0.0
    assert [row.tobytes() for row in bot.machine.working()] == before


BRACKET = {"verb": PLACE, "kind": 1, "side": 1, "size": 1.0, "limit": 1_000.0, "stop_loss_as": 1, "stop_loss": 900.0}
TARGETS = {
    "take_profit_as": 1,
    "take_profit": 1_100.0,
    "take_profit_share": 0.5,
    "take_profit_2_as": 1,
    "take_profit_2": 1_200.0,
    "take_profit_2_share": 0.5,
}


@pytest.mark.parametrize(
    ("fills", "faults"),
    [
        ([(1, 0.5), (3, 0.5)], 0),
        ([(1, 0.75), (3, 0.25)], 0),
        ([(1, 0.25), (3, 0.5), (2, 0.25)], 0),
        ([(1, 1.0), (3, 0.5)], 1),
        ([(1, 0.5), (3, 0.75)], 1),
    ],
)
@pytest.mark.parametrize("held_before", [False, True])
def test_fills_of_legs_in_the_wrong_order_are_a_fault_only_beyond_their_entry(
    bot: Bot, fills: list[tuple[int, float]], faults: int, held_before: bool
) -> None:
    if held_before:  # of other entries
        advance(bot, fill_of(placed(bot), 0.5))
        advance(bot, fill_of(placed(bot), 0.5))
    start = held(bot)
    request = e.OrderRequested(at=5, source="a person", instrument="BTC/USDT", intent=BRACKET | TARGETS | {"add": 1})
    (entry,) = advance(bot, request).commands
    advance(bot, fill_of(entry.order, 1.0, "entry"))
    found = 0
    for made, quantity in fills:
        found += len(advance(bot, fill_of(f"{entry.order}.{made}", quantity, f"leg {made}")).faults)
    assert found == faults
    assert held(bot) == start + 1.0 - sum(quantity for _, quantity in fills)


def test_a_run_that_only_reduces_does_not_turn_its_position_by_several_orders(bot: Bot) -> None:
    advance(bot, fill_of(placed(bot), 0.5))
    advance(bot, e.TradingStateChanged(at=6, state="reducing", reason=""))
    found = []
    for _ in range(2):
        intent = {"verb": PLACE, "kind": 1, "side": -1, "size": 0.5, "limit": 100_000.0}
        approved, refused = passed(
            bot, advance(bot, e.OrderRequested(at=7, source="a person", instrument="BTC/USDT", intent=intent))
        )
        found.append((len(approved), len(refused)))
    assert found == [(1, 0), (0, 1)]


@pytest.mark.parametrize("more", [1, 2])
def test_a_late_fill_for_which_the_order_table_has_no_row_is_a_fault(
    more: int, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = placed(bot)
    advance(bot, e.Canceled(at=1, order=order, reason="canceled by the strategy"))
    asked(bot)
    used = int(bot.machine.arrays["lanes"]["used"][0])
    monkeypatch.setattr(reports, "TABLE_ROWS", used + more)
    faults = advance(bot, fill_of(order, 0.25)).faults
    if more == 1:
        assert [fault.name for fault in faults] == ["fill of no order"]
        assert "no row left" in faults[0].text
    assert held(bot) == (0.0 if more == 1 else 0.25)
