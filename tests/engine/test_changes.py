"""Changes of an order that the venue rejects, repeats or answers late; reports of orders that are not the run's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_faults import begun, fill
from tests.engine.test_late_fills import amend, asked, cash, fill_of, held, placed, saved_again
from tests.engine.test_live import paper
from wickwork import Strategy, Terms, strategy, trade
from wickwork.engine.advance import FIELDS, advance
from wickwork.engine.bot import Bot
from wickwork.engine.order_commands import working_rows
from wickwork.graph.types import LEG_SHARE, PLACE
from wickwork.market.stream import stream
from wickwork.model import events as e
from wickwork.model.commands import Cancel, Place
from wickwork.model.order_kinds import KIND_NAMES
from wickwork.orders.records import REASONS
from wickwork.strategies.load import Loaded


def grid() -> Strategy:
    with strategy("grid") as s:
        trade.grid(when=s.bars.close > 0.0, size=trade.quantity(0.01), spacing=trade.percent(1.0), levels=3)
    return s


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    """A bot that holds nothing and whose strategy's first order is gone."""
    found = begun(tmp_path / "bot")
    for row in found.machine.working():
        advance(found, e.Canceled(at=0, order=f"run-{row['id']}", reason="canceled by the strategy"))
    assert held(found) == 0.0
    return found


def row(bot: Bot, order: str) -> Any:
    return working_rows(bot)[bot.number_of(order)[0]]


def rejected(order: str) -> e.AmendRejected:
    return e.AmendRejected(at=7, order=order, reason="no")


def test_a_rejected_change_leaves_what_fills_have_left_of_the_old_quantity(bot: Bot) -> None:
    order = placed(bot)  # 0.5
    amend(bot, order, 0.2)
    advance(bot, fill_of(order, 0.1, "a"))
    outcome = advance(bot, rejected(order))
    assert outcome.commands == ()
    assert (float(row(bot, order)["remaining"]), float(row(bot, order)["quantity"])) == (0.4, 0.5)
    advance(bot, fill_of(order, 0.4, "b"))
    assert held(bot) == 0.5
    assert bot.number_of(order)[0] not in working_rows(bot)


@pytest.mark.parametrize("resumed", [False, True])
def test_two_changes_that_are_both_rejected_leave_the_order_as_it_was(resumed: bool, bot: Bot, tmp_path: Path) -> None:
    order = placed(bot)
    amend(bot, order, 0.4, 1_001.0)
    amend(bot, order, 0.1, 1_002.0)
    if resumed:
        bot = saved_again(bot, tmp_path)
    advance(bot, rejected(order))
    assert (float(row(bot, order)["limit"]), float(row(bot, order)["remaining"])) == (1_002.0, 0.1)
    advance(bot, rejected(order))
    assert (float(row(bot, order)["limit"]), float(row(bot, order)["remaining"])) == (1_000.0, 0.5)
    assert bot.kept.changes == {}


def test_of_two_changes_the_first_taken_and_the_second_rejected(bot: Bot) -> None:
    order = placed(bot)
    amend(bot, order, 0.4, 1_001.0)
    amend(bot, order, 0.1, 1_002.0)
    advance(bot, e.Amended(at=7, order=order, price=1_001.0, quantity=0.4))
    advance(bot, rejected(order))
    assert (float(row(bot, order)["limit"]), float(row(bot, order)["remaining"])) == (1_001.0, 0.4)


def test_a_rejected_change_of_the_price_alone_leaves_the_change_of_the_quantity(bot: Bot) -> None:
    order = placed(bot)
    amend(bot, order, 0.4, 1_001.0)
    amend(bot, order, 0.1)
    advance(bot, rejected(order))
    assert (float(row(bot, order)["limit"]), float(row(bot, order)["remaining"])) == (1_000.0, 0.1)
    advance(bot, rejected(order))
    assert (float(row(bot, order)["limit"]), float(row(bot, order)["remaining"])) == (1_000.0, 0.5)


def test_what_a_waiting_report_says_of_its_order_is_not_sent_back(bot: Bot) -> None:
    """Report 2 waits for report 1 and is applied with it."""
    first, second = placed(bot), placed(bot)
    assert advance(bot, e.Canceled(at=7, number=2, order=second, reason="canceled by the strategy")).commands == ()
    outcome = advance(bot, e.Accepted(at=7, number=1, order=first))
    assert [one for one in outcome.commands if isinstance(one, Cancel)] == []
    assert bot.number_of(second)[0] not in working_rows(bot)


@pytest.mark.parametrize("reason", ["working", "filled", "cut to the funds", "a word of the venue's own"])
def test_a_rejected_order_is_rejected_whatever_word_the_venue_has_for_it(reason: str, bot: Bot) -> None:
    order = placed(bot)
    outcome = advance(bot, e.Rejected(at=7, order=order, reason=reason))
    (closed,) = outcome.closed_orders
    assert REASONS[closed[FIELDS["closed_orders"].index("reason")]] == "rejected by the venue"


def test_a_fill_of_an_order_that_is_not_the_runs_is_a_fault_and_changes_nothing(bot: Bot) -> None:
    placed(bot)
    before = cash(bot)
    (fault,) = advance(bot, fill(order="by hand", number=1)).faults
    assert (fault.name, fault.order) == ("fill of no order", "by hand")
    assert (held(bot), cash(bot), bot.trading_state) == (0.0, before, "reducing")
    assert advance(bot, e.Accepted(at=7, number=2, order="another by hand")).faults == ()
    order = placed(bot)
    advance(bot, e.Filled(at=7, number=3, order=order, fill="a", quantity=0.5, price=9.0, fee=0.0, liquidity="maker"))
    assert held(bot) == 0.5  # the numbers of the other reports were not skipped


def test_a_report_of_a_foreign_order_may_come_before_the_first_of_the_run(tmp_path: Path) -> None:
    run = paper(tmp_path, reported=True)
    bot = run.bot()
    advance(bot, next(iter(stream(run.bars))))
    assert advance(bot, e.Accepted(at=7, number=1, order="by hand")).faults == ()
    assert [one.name for one in advance(bot, fill(order="by hand", number=2)).faults] == ["fill of no order"]


def test_a_fraction_of_a_lot_is_booked_and_a_fault(bot: Bot) -> None:
    lot = float(bot.machine.arrays["lanes"]["lot"][0])
    assert lot > 0.0
    order = placed(bot)
    assert advance(bot, fill_of(order, 10.0 * lot * (1.0 + 1e-12), "a")).faults == ()
    (fault,) = advance(bot, fill_of(order, 10.4 * lot, "b")).faults
    assert fault.name == "fraction of a lot"
    assert bot.trading_state == "reducing"
    assert asked(bot).faults == ()


def test_an_order_for_an_instrument_without_a_bar_is_computed_with_its_last_close(tmp_path: Path) -> None:
    run = paper(tmp_path, "universe_momentum.py", reported=True)
    bot, events = run.bot(), list(stream(run.bars))
    advance(bot, events[0])
    advance(bot, replace(events[1], rows=(events[1].rows[0], None, events[1].rows[2])))
    close = events[0].rows[1][3]
    intent = {"verb": PLACE, "side": -1, "size": 1.0, "trail_as": LEG_SHARE, "trail": 0.1}
    kinds = {"kind": KIND_NAMES.index("trailing_from"), "stop": 2.0 * close}
    (place,) = advance(bot, e.OrderRequested(at=5, source="it", instrument="ETH/USDT", intent=intent | kinds)).commands
    assert isinstance(place, Place)
    assert place.extreme == close
    # Before its first bar nothing can be placed that follows a price.
    bot = run.bot()
    advance(bot, replace(events[0], rows=(events[0].rows[0], None, events[0].rows[2])))
    outcome = advance(bot, e.OrderRequested(at=5, source="it", instrument="ETH/USDT", intent=intent | kinds))
    assert (len(outcome.denied), outcome.commands) == (1, ())


def test_a_request_leaves_a_grid_that_a_reported_fill_has_moved_to_be_renewed_with_the_next_bar(tmp_path: Path) -> None:
    run = paper(tmp_path, reported=True, terms=Terms(latency=0))
    run.strategy = Loaded(grid().graph, run.strategy.catalogue)
    bot, events = run.bot(), list(stream(run.bars))
    advance(bot, events[0])
    assert len(working_rows(bot)) == 3  # on spot the grid only buys while nothing is held
    lane = bot.machine.arrays["lanes"][0]
    nearest = max((one for one in working_rows(bot).values() if one["side"] > 0), key=lambda one: float(one["limit"]))
    order = f"run-{nearest['id']}"
    advance(
        bot,
        e.Filled(
            at=5,
            order=order,
            fill="a",
            quantity=float(nearest["quantity"]),
            price=float(nearest["limit"]),
            fee=0.0,
            liquidity="maker",
        ),
    )
    assert lane["grid_moved"]
    advance(
        bot,
        e.OrderRequested(
            at=6, source="it", instrument="BTC/USDT", intent={"verb": PLACE, "kind": 1, "size": 0.01, "limit": 1.0}
        ),
    )
    assert lane["deadline"] == bot.bars
    advance(bot, events[bot.bars])
    assert not lane["grid_moved"]
