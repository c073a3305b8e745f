"""The commands that a step of a bot with reported fills leads to: its working orders before and after it, compared."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from wickwork.engine.bot import Bot
from wickwork.engine.kept_orders import Change
from wickwork.engine.order_notes import note_changed
from wickwork.graph.native import record
from wickwork.graph.types import TIMES_IN_FORCE
from wickwork.model.commands import Amend, Cancel, Command, Leg, Place
from wickwork.model.order_kinds import KIND_NAMES, TRAILS, has
from wickwork.orders.frame import Frame, context_of
from wickwork.orders.own_bars import first_own_bar, moment_of
from wickwork.orders.records import BY_STRATEGY, FOREVER, OTHER_LEG, POSITION_CLOSED

UNITS = ("none", "price", "share", "distance", "r")
"""The units of `Leg` and of trailing distances, by their codes."""
LEG_FIELDS = {
    "stop loss": "stop_loss",
    "take profit": "take_profit",
    "take profit 2": "take_profit_2",
    "take profit 3": "take_profit_3",
    "take profit 4": "take_profit_4",
    "trailing stop": "leg_trail",
}
"""The field of an order that holds a leg, by the kind of the leg."""
_CANCELED_HERE = (BY_STRATEGY, OTHER_LEG, POSITION_CLOSED)


def commands_between(
    bot: Bot, before: dict[int, Any], first_new: int, own: Collection[str] = ()
) -> tuple[Command, ...]:
    """What a venue must be sent, by comparison of the working orders before and after a step of the bot.

    New orders in the order of their ids, legs with their parent; then cancels and changes. `own` are the orders whose
    reports led to the step: what the venue reported of them need not be sent back.
    """
    after = working_rows(bot)
    new = {order_id: row for order_id, row in sorted(after.items()) if order_id >= first_new}
    found: list[Command] = [_place(bot, row) for row in new.values()]
    for order_id, old in (before | new).items():
        row, name, instrument = after.get(order_id), client_id_of(bot, old), bot.instrument_of(int(old["lane"]))
        if row is None:
            closed = bot.kept.closed.get(order_id)
            if closed is not None and name not in own and closed.reason in _CANCELED_HERE:
                found.append(Cancel(order=name, instrument=instrument))
            continue
        cancel_before, change_before = (FOREVER, FOREVER) if order_id in new else (old["cancel_at"], old["modify_at"])
        if cancel_before == FOREVER != row["cancel_at"]:
            found.append(Cancel(order=name, instrument=instrument))
        change = _change(old, row, change_before)
        if change is not None and name not in own:
            price, quantity = change
            found.append(Amend(order=name, instrument=instrument, price=price, quantity=quantity))
    return tuple(found)


def note_changes(bot: Bot, commands: Sequence[Command], before: Mapping[int, Any], at: int) -> None:
    """Note what the changes among the commands replace, until the venue has answered."""
    ids = {client_id_of(bot, row): order_id for order_id, row in before.items()}
    for command in commands:
        if not isinstance(command, Amend) or (order_id := ids.get(command.order)) is None:
            continue
        old, earlier = before[order_id], bot.kept.changes.setdefault(order_id, [])
        left = float(old["remaining"])
        earlier.append(
            Change(
                None if command.price is None else float(old["limit"] or old["stop"]),
                None if command.quantity is None else left - command.quantity,
                max(left + float(old["filled"]), *(one.total for one in earlier), 0.0),
            )
        )
        note_changed(bot, order_id, at)


def working_rows(bot: Bot) -> dict[int, Any]:
    """The working orders by id, as copies."""
    return {int(row["id"]): row for row in bot.machine.working().copy()}


def _change(old: Any, row: Any, change_before: int) -> tuple[float | None, float | None] | None:
    """The new price and quantity of an order that was changed; None where it was not."""
    if change_before == FOREVER != row["modify_at"]:
        return or_none(row["new_price"]), or_none(row["new_quantity"])
    # Under way before, or what the venue reported; the price of a leg follows its entry there as here.
    if change_before != FOREVER or (row["leg"] and not row["pinned"]):
        return None
    price = next((float(row[name]) for name in ("limit", "stop") if row[name] != old[name]), None)
    quantity = float(row["remaining"]) if row["quantity"] != old["quantity"] else None
    return None if price is None and quantity is None else (price, quantity)


def or_none(value: float) -> float | None:
    """A number, None for a missing one."""
    return None if math.isnan(value) else float(value)


def _after(row: Any) -> tuple[str, float] | None:
    """From where on the trailing leg of an entry follows, as (unit, amount); None: at once."""
    unit = int(row["trail_after_as"])
    return (UNITS[unit], float(row["trail_after"])) if unit else None


def client_id_of(bot: Bot, row: Any) -> str:
    """The client id of a row of the order table."""
    return bot.client_id(int(row["id"]), int(row["group"]) if row["leg"] else 0, int(row["leg_number"]))


def _place(bot: Bot, row: Any) -> Place:
    """The command that places a working order, `row` of ORDER with a `lane`."""
    kind, leg = int(row["kind"]), int(row["leg"])
    legs = tuple(
        Leg(
            kind=leg_name,
            unit=UNITS[int(row[f"{field}_as"])],
            value=float(row[field]),
            share=float(row[f"{field}_share"]) if row["targets"] and field.startswith("take_profit") else 1.0,
        )
        for leg_name, field in LEG_FIELDS.items()
        if row[f"{field}_as"]
    )
    good_for, bar_length = _good_for(bot, row)
    return Place(
        order=client_id_of(bot, row),
        instrument=bot.instrument_of(int(row["lane"])),
        side="buy" if row["side"] > 0 else "sell",
        kind=KIND_NAMES[kind],
        quantity=float(row["remaining"]),
        limit=float(row["limit"]) or None,
        trigger=float(row["stop"]) or None,
        trail=float(row["trail"]) if has(TRAILS, kind) else None,
        trail_unit=UNITS[int(row["trail_as"])] if has(TRAILS, kind) else "",
        extreme=float(row["extreme"]) if has(TRAILS, kind) else None,
        reduce_only=bool(row["reduce_only"]),
        post_only=bool(row["post_only"]),
        time_in_force=TIMES_IN_FORCE[int(row["time_in_force"])],
        good_for=good_for,
        bar_length=bar_length,
        group=int(row["group"]) if not leg else 0,
        legs=legs,
        trail_after=_after(row),
        parent=bot.client_id(int(row["group"])) if leg else "",
    )


def _good_for(bot: Bot, row: Any) -> tuple[int | None, int]:
    """How many bars an order works, and the length in ms of these bars where they are slower than those of the run."""
    if row["good_until"] == FOREVER:
        return None, 0
    ctx, bar = context_of(record(bot.machine.address, Frame), int(row["lane"])), bot.bars - 1
    first = first_own_bar(ctx.lane, moment_of(ctx, bar), int(row["live_from"]), bar)
    return int(row["good_until"]) - first + 1, int(ctx.lane.own_length) if ctx.lane.ratio > 1 else 0
