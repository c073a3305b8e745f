"""After each step of a bot: when its orders were made, filled and closed, and the rows of those that were closed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from wickwork.engine.bot import Bot, words_of
from wickwork.engine.kept_orders import ClosedOrder, OrderTimes
from wickwork.model.events import BarsClosed, Event
from wickwork.orders.records import ACCOUNT, BY_STRATEGY, FILLED, FOREVER, ORDER, OTHER_LEG, SHARED
from wickwork.risk.rules import nearest_lot

_FOREVER = ("good_until", "cancel_at", "modify_at")
_SAME = ("action", "kind", "side", "leg", "quantity", "limit", "stop", "created_bar", "leg_number", "filled", "average")
"""Fields that a closed order has like a working one."""


class Counters(NamedTuple):
    """The next order id of a bot and the numbers of rows in its outputs."""

    next_id: int
    fill_rows: int
    closed_order_rows: int
    denied_rows: int


_COUNTERS = words_of(ACCOUNT, *Counters._fields)


def counters_of(bot: Bot) -> Counters:
    """The counters of a bot as they are now; those from before a step tell what the step added."""
    return Counters(*bot.machine.raw["account"][0, _COUNTERS].tolist())


def note_step(bot: Bot, event: Event, before: Mapping[int, Any], start: Counters) -> None:
    """Note what one step of the bot did since `start`.

    `before` are the rows of the orders that worked then; none where fills are simulated. What the strategy decides
    happens when the bars close, a simulated fill when its bar opens.
    """
    now = counters_of(bot)
    if now == start:
        return
    at, kept = moment_of(bot, event), bot.kept
    fills = bot.machine.output("fills")[start.fill_rows :]
    closed_orders = bot.machine.output("closed_orders")[start.closed_order_rows :]
    opened, step = at, 0
    if isinstance(event, BarsClosed):
        finer = bot.window.universe.finer
        opened, step = event.opened_at, finer.milliseconds if finer else 0
    working = bot.machine.working()
    for row in working:
        order_id = int(row["id"])
        kept.names[order_id] = bot.client_id(order_id, int(row["group"]) if row["leg"] else 0, int(row["leg_number"]))
        if order_id >= start.next_id:
            kept.created[order_id] = opened if row["leg"] else at
            note_changed(bot, order_id, kept.created[order_id])
    filled: dict[int, int] = {}
    for row in fills:
        moment = filled[int(row["order"])] = opened + int(row["finer_bar"]) * step if step else opened
        kept.moments.setdefault("fills", []).append(moment)
        note_changed(bot, int(row["order"]), moment)
    for row in closed_orders:
        order_id, parent = int(row["order"]), int(row["parent"])
        kept.names[order_id] = bot.client_id(order_id, parent, int(row["leg_number"]))
        moment = at if row["reason"] == BY_STRATEGY else filled.get(order_id, opened)
        kept.moments.setdefault("closed_orders", []).append(moment)
        if order_id >= start.next_id:
            kept.created[order_id] = opened if row["leg"] else at
        note_changed(bot, order_id, moment)
        if bot.reported:
            _remember(bot, row, before.get(order_id))
        else:
            del kept.times[order_id]
    kept.moments.setdefault("denied", []).extend([at] * (now.denied_rows - start.denied_rows))


def moment_of(bot: Bot, event: Event) -> int:
    """When an event happened (ms, UTC): bars when they close."""
    return event.opened_at + bot.window.timeframe.milliseconds if isinstance(event, BarsClosed) else event.at


def note_accepted(bot: Bot, order_id: int, at: int) -> None:
    """Note that the venue has an order, and that something changed of it."""
    times = bot.kept.times.get(order_id, OrderTimes(at, at))
    bot.kept.times[order_id] = OrderTimes(
        times.created, max(times.changed, at), at if times.accepted is None else times.accepted
    )


def note_changed(bot: Bot, order_id: int, at: int) -> None:
    """Note that something changed of an order, or that it was made."""
    times = bot.kept.times.get(order_id)
    bot.kept.times[order_id] = OrderTimes(at, at) if times is None else times._replace(changed=max(times.changed, at))


def _remember(bot: Bot, closed: Any, before: Any | None) -> None:
    """Keep the row of an order that was closed, with what was left of it."""
    order_id, earlier = int(closed["order"]), bot.kept.closed.get(int(closed["order"]))
    if before is not None:
        raw = np.array([before]).view(np.int64)[1:].copy()
    elif earlier is not None:
        raw = earlier.raw
    else:  # it came to life within this step
        raw = np.zeros(ORDER.itemsize // 8, np.int64)
        fresh = raw.view(ORDER)
        fresh["id"], fresh["group"], fresh["live_from"] = order_id, closed["parent"], closed["created_bar"]
        fresh["remaining"] = closed["quantity"]
        fresh["reduce_only"] = int(closed["leg"] > 0)
        for name in _FOREVER:
            fresh[name] = FOREVER
    row, lane = raw.view(ORDER)[0:1], bot.machine.arrays["lanes"][int(closed["lane"])]
    left = float(row["remaining"][0]) - (float(closed["filled"]) - float(row["filled"][0]))
    left = nearest_lot(left, float(lane["lot"]), float(lane["lot_inverse"]))
    complete = closed["reason"] in (FILLED, SHARED) or (closed["leg"] and closed["reason"] == OTHER_LEG)
    row["remaining"] = 0.0 if complete else max(left, 0.0)
    for name in _SAME:
        row[name] = closed[name]
    bot.kept.close(
        order_id,
        ClosedOrder(
            int(closed["lane"]),
            int(closed["parent"]),
            int(closed["leg_number"]) if closed["leg"] else 0,
            int(closed["reason"]),
            zlib.compress(raw.tobytes(), 1),
        ),
    )
