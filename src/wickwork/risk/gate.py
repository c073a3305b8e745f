"""The risk gate: venues accept only commands that have passed it.

The strategy's orders were checked when they were made; the gate checks every command again before it is sent, including
manual ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from wickwork.model.commands import Amend, Cancel, Command, Place
from wickwork.model.errors import InputError
from wickwork.model.instrument import Rules
from wickwork.risk.rules import inverse_of, nearest_lot

ACTIVE, REDUCING, HALTED = "active", "reducing", "halted"
"""Trading states: all orders, only those that reduce a position, none."""
_ROUNDING = 1.0 + 1e-12
"""Sums of quantities may be that much above what they add up to."""


def known_state(state: str) -> str:
    """The trading state itself; InputError where there is none of that name."""
    if state not in (ACTIVE, REDUCING, HALTED):
        raise InputError(f"{state!r} is no trading state; there are {ACTIVE}, {REDUCING} and {HALTED}.")
    return state


@dataclass(frozen=True)
class WorkingOrder:
    """An order that a command would change, or that fills beside a new one."""

    instrument: str
    side: str
    """`buy` or `sell`."""
    left: float
    """What is left to fill, in base units, before the change."""
    reduce_only: bool
    group: int = 0
    """Orders of one group (not 0) cancel each other."""


@dataclass(frozen=True)
class Account:
    """The account data that the gate needs."""

    rules: Mapping[str, Rules]
    """The order rules of each instrument of the run, by its name."""
    positions: Mapping[str, float]
    """In base units, by the name of the instrument; below 0 where it is short."""
    state: str = ACTIVE
    orders: Mapping[str, WorkingOrder] = field(default_factory=dict)
    """The working orders by client id, oldest first, new ones among them; needed where trading is not active."""


@dataclass(frozen=True)
class Approved:
    """A command that may be sent. Only `check` makes one."""

    command: Command


@dataclass(frozen=True)
class Refused:
    """A command that must not be sent, and why."""

    command: Command
    reason: str


def check(command: Command, account: Account) -> Approved | Refused:
    """Whether a command may be sent: its instrument, its numbers and their rounding, and the trading state.

    Whether the funds are enough is not checked here. A backtest reserves nothing for working orders and cuts an order
    to the funds where it fills, since they change until then; an order refused here could have been filled there, and
    the run would trade otherwise than it was tested. A venue that reserves funds rejects the order itself.
    """
    reason = "" if isinstance(command, Cancel) else _fault(command, account)
    return Refused(command, reason) if reason else Approved(command)


def _fault(command: Place | Amend, account: Account) -> str:
    rules = account.rules.get(command.instrument)
    if rules is None:
        return f"the run does not trade {command.instrument}"
    reason = _state_fault(command, account)
    if reason:
        return reason
    prices = (command.limit, command.trigger) if isinstance(command, Place) else (command.price,)
    if command.quantity is not None:
        reason = _number_fault("quantity", command.quantity, "lot", rules.lot)
        if reason:
            return reason
    faults = (_number_fault("price", price, "tick", rules.tick) for price in prices if price is not None)
    return next((fault for fault in faults if fault), "")


def _state_fault(command: Place | Amend, account: Account) -> str:
    if account.state == ACTIVE:
        return ""
    if _is_safe(command, account):
        return ""
    return "trading is halted" if account.state == HALTED else "only orders that reduce a position are allowed"


def _is_safe(command: Place | Amend, account: Account) -> bool:
    """Whether a command is allowed although trading is not active.

    A changed order may not make a position larger than it could before: it reduces one, or only its quantity falls. A
    new price counts as more, since the order may fill at it and would not have filled at the old one. Of orders that
    each reduce a position and together would turn it, the newer ones are refused.
    """
    held = account.positions.get(command.instrument, 0.0)
    if isinstance(command, Place):
        if account.state == HALTED:
            return False
        others = _others(command, command.side, command.group, account)
        return command.reduce_only or _reduces(command.side, command.quantity + others, held)
    order = account.orders.get(command.order)
    if order is None:
        return False
    left = order.left if command.quantity is None else command.quantity
    if order.reduce_only or _reduces(order.side, left + _others(command, order.side, order.group, account), held):
        return True
    return command.price is None and left <= order.left


def _others(command: Place | Amend, side: str, group: int, account: Account) -> float:
    """What other orders of that side may fill: beside a changed order all of them, beside a new one the older ones."""
    total = 0.0
    for name, order in account.orders.items():
        if name != command.order:
            same = order.instrument == command.instrument and order.side == side
            apart = not order.reduce_only and (group == 0 or order.group != group)
            total += order.left if same and apart else 0.0
        elif isinstance(command, Place):
            break
    return total


def _reduces(side: str, quantity: float, held: float) -> bool:
    return held * (1.0 if side == "buy" else -1.0) < 0.0 and quantity <= abs(held) * _ROUNDING


def _number_fault(what: str, value: float, name: str, step: float) -> str:
    if not isfinite(value) or value <= 0.0:
        return f"the {what} {value!r} is not a number above 0"
    if nearest_lot(value, step, inverse_of(step)) != value:
        return f"the {what} {value!r} is no multiple of the {name} {step!r}"
    return ""
