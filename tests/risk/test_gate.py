"""The risk gate: which commands pass in which trading state."""

from __future__ import annotations

import pytest

from wickwork.model.commands import Amend, Cancel, Command, Place
from wickwork.model.instrument import Rules
from wickwork.risk.gate import Account, Approved, Refused, WorkingOrder, check

BTC = "BTC/USDT"
ORDERS = {
    "entry": WorkingOrder(BTC, "buy", 2.0, reduce_only=False),
    "exit": WorkingOrder(BTC, "sell", 2.0, reduce_only=False),
    "stop": WorkingOrder(BTC, "sell", 2.0, reduce_only=True),
}


def verdict(command: Command, state: str, held: float = 3.0) -> Approved | Refused:
    return check(command, Account({BTC: Rules()}, {BTC: held}, state, ORDERS))


def amend(order: str, **changed: float) -> Amend:
    return Amend(order=order, instrument=BTC, **changed)


@pytest.mark.parametrize(
    ("state", "reason"),
    [("halted", "trading is halted"), ("reducing", "only orders that reduce a position are allowed")],
)
def test_a_change_that_may_enlarge_a_position_is_refused_unless_trading_is_active(state: str, reason: str) -> None:
    for command in (
        amend("entry", quantity=2.5),
        amend("entry", price=10.0),
        amend("entry", price=10.0, quantity=1.0),
        amend("exit", quantity=3.5),  # beyond the position: it would turn it
        amend("gone", quantity=1.0),
    ):
        found = verdict(command, state)
        assert isinstance(found, Refused), command
        assert found.reason == reason
        assert isinstance(verdict(command, "active"), Approved)


@pytest.mark.parametrize("state", ["active", "reducing", "halted"])
def test_a_change_that_only_lowers_risk_is_always_sent(state: str) -> None:
    for command in (
        amend("entry", quantity=1.0),
        amend("exit", quantity=3.0),
        amend("exit", price=10.0),
        amend("stop", price=10.0),
        amend("stop", quantity=9.0),
        Cancel(order="entry", instrument=BTC),
    ):
        assert isinstance(verdict(command, state), Approved), command


def test_a_sell_reduces_a_long_position_alone() -> None:
    assert isinstance(verdict(amend("exit", price=10.0), "reducing", held=-3.0), Refused)
    assert isinstance(verdict(amend("exit", price=10.0), "reducing", held=0.0), Refused)


def test_new_orders_by_trading_state() -> None:
    def place(side: str, quantity: float, *, reduce_only: bool = False) -> Place:
        return Place(order="a", instrument=BTC, side=side, kind="market", quantity=quantity, reduce_only=reduce_only)

    for command, reducing in (
        (place("buy", 1.0), False),
        (place("sell", 1.0), True),  # beside the order "exit"
        (place("sell", 1.5), False),
        (place("sell", 4.0, reduce_only=True), True),
    ):
        assert isinstance(verdict(command, "active"), Approved)
        assert isinstance(verdict(command, "reducing"), Approved) == reducing
        assert isinstance(verdict(command, "halted"), Refused)


def test_orders_that_would_turn_a_position_together_are_not_all_sent() -> None:
    orders = {
        "other": WorkingOrder("ETH/USDT", "sell", 9.0, reduce_only=False),
        "old": WorkingOrder(BTC, "sell", 1.0, reduce_only=False),
        "a": WorkingOrder(BTC, "sell", 2.0, reduce_only=False),
        "b": WorkingOrder(BTC, "sell", 2.0, reduce_only=False),
    }
    account = Account({BTC: Rules()}, {BTC: 3.0}, "reducing", orders)
    places = [Place(order=name, instrument=BTC, side="sell", kind="market", quantity=2.0) for name in ("a", "b")]
    assert [type(check(place, account)) for place in places] == [Approved, Refused]
    pair = {name: WorkingOrder(BTC, "sell", 3.0, reduce_only=False, group=-7) for name in ("a", "b")}
    either = Account({BTC: Rules()}, {BTC: 3.0}, "reducing", pair)
    for name in pair:  # one cancels the other
        place = Place(order=name, instrument=BTC, side="sell", kind="market", quantity=3.0, group=-7)
        assert isinstance(check(place, either), Approved)
    tenths = {name: WorkingOrder(BTC, "sell", size, reduce_only=False) for name, size in (("a", 0.1), ("b", 0.2))}
    place = Place(order="b", instrument=BTC, side="sell", kind="market", quantity=0.2)
    assert isinstance(check(place, Account({BTC: Rules()}, {BTC: 0.3}, "reducing", tenths)), Approved)
    alone = Account({BTC: Rules()}, {BTC: 3.0}, "reducing", {name: orders[name] for name in ("old", "a")})
    for command, verdict in ((amend("old", price=9.0), Approved), (amend("old", quantity=1.5), Refused)):
        assert isinstance(check(command, alone), verdict)
