"""The orders of a bot as a list for display: each with its client id, its state and its times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wickwork.engine.bot import Bot
from wickwork.engine.order_commands import client_id_of
from wickwork.model.order_kinds import KIND_NAMES
from wickwork.orders.records import LEG_NAMES, REASONS, WORKING
from wickwork.orders.states import order_state


@dataclass(frozen=True, kw_only=True)
class OrderStatus:
    """One order as it stands. Times are ms since 1970, UTC; None where the thing has not happened."""

    client_id: str
    instrument: str
    side: str
    """`buy` or `sell`."""
    kind: str
    """A name of `order_kinds`."""
    leg: str
    """A word of `orders.records.LEG_NAMES` (`stop loss`, `take profit 2` …); empty for an order that is no leg."""
    quantity: float
    """Ordered, in units of the base currency."""
    filled: float
    price: float | None
    """The average price of what is filled."""
    state: str
    """A word of `orders.states.STATES`."""
    reason: str
    """Why it ended: a word of `orders.records.REASONS`; `working` while it works."""
    created_at: int
    """When the bars closed, or the report came, that led to it."""
    sent_at: int | None
    """When it was sent, by the clock of this machine, as the journal has it."""
    accepted_at: int | None
    """When the venue had it, by its first report."""
    changed_at: int
    """When it was created, accepted, changed, filled or closed last."""


def orders_of(bot: Bot) -> list[OrderStatus]:
    """The orders of a bot by their ids: all since the run began; where fills are simulated within it, the working ones.

    A closed order is as it was when it was closed, with the fills that were reported since.
    """
    kept = bot.kept
    found = {number: _status(bot, number, one.row, one.lane, one.reason) for number, one in kept.closed.items()}
    for row in bot.machine.working():
        found[int(row["id"])] = _status(bot, int(row["id"]), row, int(row["lane"]), WORKING)
    return [found[number] for number in sorted(found)]


def in_flight(bot: Bot) -> set[str]:
    """The client ids of the orders that were sent and that the venue has not reported."""
    if not bot.reported:
        return set()
    rows = [(bot.kept.times.get(int(row["id"])), row) for row in bot.machine.working()]
    names = {client_id_of(bot, row) for times, row in rows if times is None or times.accepted is None}
    return {name for name in names if name in bot.kept.sent}


def mark_unknown(bot: Bot, client_ids: Iterable[str]) -> None:
    """Note that it cannot be told whether the venue has these orders."""
    bot.kept.unknown |= set(client_ids) & in_flight(bot)


def confirm(bot: Bot, open_orders: Iterable[str]) -> None:
    """Note which orders the venue lists as open. An order that it does not list may be filled, so it stays unknown."""
    bot.kept.unknown &= in_flight(bot)
    listed = bot.kept.unknown & set(open_orders)
    bot.kept.unknown -= listed
    bot.kept.confirmed |= listed


def _status(bot: Bot, number: int, row: Any, lane: int, reason: int) -> OrderStatus:
    """The state and the times of one order: `row` of ORDER, `reason` its code in REASONS."""
    kept, name = bot.kept, client_id_of(bot, row)
    created, changed, accepted = kept.times[number]
    arrived = accepted is not None or name in kept.confirmed if bot.reported else int(row["live_from"]) <= bot.bars
    filled = float(row["filled"])
    return OrderStatus(
        client_id=name,
        instrument=bot.instrument_of(lane),
        side="buy" if row["side"] > 0 else "sell",
        kind=KIND_NAMES[int(row["kind"])],
        leg=LEG_NAMES[int(row["leg"])],
        quantity=float(row["quantity"]),
        filled=filled,
        price=float(row["average"]) if filled > 0.0 else None,
        state=order_state(reason, filled, arrived=arrived, unknown=name in kept.unknown),
        reason=REASONS[reason],
        created_at=created,
        sent_at=kept.sent.get(name),
        accepted_at=accepted,
        changed_at=changed,
    )
