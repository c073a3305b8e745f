"""The order table of one instrument, and its quiet band.

`slots[0:count]` are the working orders in order of creation, `slots[count:]` the free rows. The *quiet band*
(low_band, high_band) is the widest range of prices in which no order can trigger, fill or trail; a bar inside it
needs no matching. `deadline` is the next bar on which something happens by the clock alone.
"""

from __future__ import annotations

from typing import Any

from wickwork.graph.native import records
from wickwork.graph.types import GTC, LEG_SHARE, LIMIT, MARKET, TRAILING
from wickwork.sim.records import (
    AT_ONCE,
    CAPACITY,
    DENIED,
    ENDED,
    FOREVER,
    MOVING,
    ORDER,
    REDUCING,
    Desk,
)

inf = float("inf")


def order_at(desk: Desk, index: int) -> Any:
    """The working order at that place, oldest first."""
    return records(desk.orders, ORDER)[desk.slots[index] & (CAPACITY - 1)]  # never negative: no wrapping around


def add(desk: Desk) -> Any:
    """A new row with a new id at the end of the working orders. The caller saw that there is room.

    All else is zero or never, but for what every order is given: kind, side, tag, quantities and the bars of its birth.
    """
    lane = desk.lane
    order = order_at(desk, lane.count)
    lane.count += 1
    order.id = desk.books.next_id
    desk.books.next_id += 1
    order.limit = 0.0
    order.stop = 0.0
    order.extreme = 0.0
    order.trail = 0.0
    order.filled = 0.0
    order.average = 0.0
    order.birth = 0.0
    order.stop_loss = 0.0
    order.take_profit = 0.0
    order.leg_trail = 0.0
    order.new_price = 0.0
    order.new_quantity = 0.0
    order.leg = 0
    order.oco = 0
    order.reduce_only = 0
    order.post_only = 0
    order.entry = 0
    order.closing = 0
    order.time_in_force = GTC
    order.good_until = FOREVER
    order.cancel_at = FOREVER
    order.modify_at = FOREVER
    order.trail_as = 0
    order.stop_loss_as = 0
    order.take_profit_as = 0
    order.leg_trail_as = 0
    order.legs = 0
    order.born = 0
    order.direction = 0
    order.acted = 0
    order.fine = 0
    order.grid = 0
    order.level = 0
    lane.used += 1
    return order


def end(desk: Desk, index: int, bar: int, reason: int) -> None:
    """The working order at that place ends: it is written down and its row is free again."""
    lane, slots = desk.lane, desk.slots
    order, slot = order_at(desk, index), slots[index]
    last = lane.count - 1
    for i in range(index, last):
        slots[i] = slots[i + 1]
    slots[last] = slot
    lane.count = last
    lane.used -= 1 + order.legs
    lane.entries -= order.entry
    row = records(desk.frame.ended, ENDED)[desk.books.ended]
    desk.books.ended += 1
    row.bar = bar
    row.placed = order.placed
    row.lane = desk.number
    row.order = order.id
    row.tag = order.tag
    row.side = order.side
    row.kind = order.kind
    row.leg = order.leg
    row.parent = order.oco if order.leg else 0
    row.reason = reason
    row.asked = order.asked
    row.filled = order.filled
    row.average = order.average
    row.limit = order.limit
    row.stop = order.stop if order.kind != TRAILING else level_of(order)


def deny(desk: Desk, tag: int, bar: int, reason: int) -> None:
    """Write down that an intent was refused, and why."""
    row = records(desk.frame.denied, DENIED)[desk.books.denied]
    desk.books.denied += 1
    row.bar = bar
    row.lane = desk.number
    row.tag = tag
    row.reason = reason


def level_of(order: Any) -> float:
    """The price at which the order acts."""
    if order.kind == LIMIT:
        return order.limit  # type: ignore[no-any-return]
    if order.kind == TRAILING:
        return trail_behind(order.extreme, order.side, order.trail_as, order.trail)
    return order.stop  # type: ignore[no-any-return]


def trail_behind(extreme: float, side: int, trail_as: int, trail: float) -> float:
    """Where a trailing stop lies behind that extreme."""
    return extreme * (1.0 + side * trail) if trail_as == LEG_SHARE else extreme + side * trail


def waits_below(order: Any) -> bool:
    """Whether the order waits for the price to fall: buy limits and sell stops do."""
    return order.side > 0 if order.kind == LIMIT else order.side < 0  # type: ignore[no-any-return]


def set_band(desk: Desk, bar: int) -> None:
    """Work out the quiet band and the deadline as they are after that bar."""
    lane = desk.lane
    low, high, deadline, trailing, aboard = -inf, inf, FOREVER, 0, 0
    for i in range(lane.count):
        order = order_at(desk, i)
        deadline = min(deadline, order.good_until, order.cancel_at, order.modify_at)
        if order.reduce_only:
            aboard |= REDUCING
        if order.time_in_force != GTC:
            aboard |= AT_ONCE
        if order.kind == TRAILING:
            aboard |= MOVING
        if order.live_from > bar + 1:
            deadline = min(deadline, order.live_from)
        elif order.kind == MARKET or order.time_in_force != GTC:
            low = inf
        else:
            level = level_of(order)
            if waits_below(order):
                low = max(low, level)
            else:
                high = min(high, level)
            if order.kind == TRAILING:
                trailing += 1
                if order.side < 0:
                    high = min(high, order.extreme)
                else:
                    low = max(low, order.extreme)
    if lane.perpetual and lane.quantity != 0.0:
        deadline = min(deadline, lane.funding_next)
        if lane.quantity > 0.0:
            low = max(low, lane.liquidation)
        else:
            high = min(high, lane.liquidation)
    lane.low_band = low
    lane.high_band = high
    lane.deadline = deadline
    lane.trailing = trailing
    lane.aboard = aboard


def has_room(lane: Any, more: int) -> bool:
    """Whether the table can take an order that counts as many."""
    return lane.used + more <= CAPACITY  # type: ignore[no-any-return]
