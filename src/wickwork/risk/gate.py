"""The risk gate: venues accept only commands that have passed it.

The strategy's orders were checked when they were made; the gate checks every command again before it is sent, including
manual ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from wickwork.model.commands import Amend, Cancel, Command, Place
from wickwork.model.errors import InputError
from wickwork.model.instrument import Rules
from wickwork.risk.rules import inverse_of, nearest_lot

ACTIVE, REDUCING, HALTED = "active", "reducing", "halted"
"""Trading states: all orders, only those that reduce a position, none."""


def known_state(state: str) -> str:
    """The trading state itself; InputError where there is none of that name."""
    if state not in (ACTIVE, REDUCING, HALTED):
        raise InputError(f"{state!r} is no trading state; there are {ACTIVE}, {REDUCING} and {HALTED}.")
    return state


@dataclass(frozen=True)
class Account:
    """The account data that the gate needs."""

    rules: Mapping[str, Rules]
    """The order rules of each instrument of the run, by its name."""
    positions: Mapping[str, float]
    """In base units, by the name of the instrument; below 0 where it is short."""
    state: str = ACTIVE


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

    Whether the funds are enough is decided where an order fills, since they change until then.
    """
    reason = "" if isinstance(command, Cancel) else _fault(command, account)
    return Refused(command, reason) if reason else Approved(command)


def _fault(command: Place | Amend, account: Account) -> str:
    rules = account.rules.get(command.instrument)
    if rules is None:
        return f"the run does not trade {command.instrument}"
    if isinstance(command, Place):
        prices: tuple[float | None, ...] = (command.limit, command.trigger)
        reason = _state_fault(command, account)
        if reason:
            return reason
    else:
        prices = (command.price,)
    if command.quantity is not None:
        reason = _number_fault("quantity", command.quantity, "lot", rules.lot)
        if reason:
            return reason
    faults = (_number_fault("price", price, "tick", rules.tick) for price in prices if price is not None)
    return next((fault for fault in faults if fault), "")


def _state_fault(place: Place, account: Account) -> str:
    if account.state == HALTED:
        return "trading is halted"
    held = account.positions.get(place.instrument, 0.0)
    side = 1.0 if place.side == "buy" else -1.0
    reduces = place.reduce_only or (held * side < 0.0 and place.quantity <= abs(held))
    if account.state == REDUCING and not reduces:
        return "only orders that reduce a position are allowed"
    return ""


def _number_fault(what: str, value: float, name: str, step: float) -> str:
    if not isfinite(value) or value <= 0.0:
        return f"the {what} {value!r} is not a number above 0"
    if nearest_lot(value, step, inverse_of(step)) != value:
        return f"the {what} {value!r} is no multiple of the {name} {step!r}"
    return ""
