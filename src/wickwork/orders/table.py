"""The order table of one instrument, and its trigger band.

`slots[0:count]` are the working orders in order of creation (one that a venue shows to work still comes last),
`slots[count:]` the free rows. The *trigger band*
(band_low, band_high) is the widest range of prices in which no order can trigger, fill or trail; a bar inside it
needs no matching. `deadline` is the next bar on which something happens by the clock alone.
"""

from __future__ import annotations

from wickwork.graph.native import force_inline, integers, records
from wickwork.graph.types import GTC, Intent
from wickwork.model.order_kinds import MARKET, TRAILING
from wickwork.orders.frame import Context
from wickwork.orders.levels import level_of, waits_below
from wickwork.orders.outputs import ClosedOrder, Denied, Notified
from wickwork.orders.records import (
    AT_ONCE,
    FOREVER,
    MOST_ORDERS,
    MOVING,
    ORDER_SIZE,
    REDUCING,
    SIZE_WITHOUT_TARGETS,
    TABLE_ROWS,
    Lane,
    Order,
)

inf = float("inf")


def order_at(ctx: Context, index: int) -> Order:
    """The working order at that index, oldest first."""
    return records(ctx.orders, Order)[ctx.slots[index] & (TABLE_ROWS - 1)]  # never negative: no wrapping around


def add(ctx: Context) -> Order:
    """A new row with a new id at the end of the working orders. The caller has checked that there is room.

    Its other fields are 0 (`time_in_force`: GTC), and its times FOREVER. The caller sets kind, side, action,
    quantities, `created_bar` and `live_from`.
    """
    lane = ctx.lane
    order = order_at(ctx, lane.count)
    words = integers(ctx.orders + (ctx.slots[lane.count] & (TABLE_ROWS - 1)) * ORDER_SIZE)
    if order.targets > 0:  # without targets their fields are 0 in the old row too
        for k in range(SIZE_WITHOUT_TARGETS // 8, ORDER_SIZE // 8):
            words[k] = 0
    for k in range(SIZE_WITHOUT_TARGETS // 8):  # one loop, since the compiler does not join fifty assignments
        words[k] = 0
    lane.count += 1
    order.id = ctx.account.next_id
    ctx.account.next_id += 1
    order.good_until = FOREVER
    order.cancel_at = FOREVER
    order.modify_at = FOREVER
    lane.used += 1
    return order


def close_order(ctx: Context, index: int, bar: int, reason: int) -> None:
    """Close the working order at that index: write the row of its result and free its row of the table."""
    lane, slots = ctx.lane, ctx.slots
    order, slot = order_at(ctx, index), slots[index]
    last = lane.count - 1
    for i in range(index, last):
        slots[i] = slots[i + 1]
    slots[last] = slot
    lane.count = last
    lane.used -= 1 + order.legs
    lane.entries -= order.entry
    row = records(ctx.frame.closed_orders, ClosedOrder)[ctx.account.closed_order_rows]
    ctx.account.closed_order_rows += 1
    row.bar = bar
    row.created_bar = order.created_bar
    row.lane = ctx.lane_index
    row.order = order.id
    row.action = order.action
    row.side = order.side
    row.kind = order.kind
    row.leg = order.leg
    row.parent = order.group if order.leg else 0
    row.reason = reason
    row.fills_before = ctx.account.fill_total
    row.kind_changed_after_fill = order.kind_changed_after_fill
    row.armed_after_fill = order.armed_after_fill
    row.leg_number = order.leg_number
    row.quantity = order.quantity
    row.filled = order.filled
    row.average = order.average
    row.limit = order.limit
    row.stop = order.stop if order.kind != TRAILING else level_of(order)


def deny(ctx: Context, action: int, bar: int, reason: int) -> None:
    """Write down that an intent was refused, and why."""
    row = records(ctx.frame.denied, Denied)[ctx.account.denied_rows]
    ctx.account.denied_rows += 1
    row.bar = bar
    row.lane = ctx.lane_index
    row.action = action
    row.reason = reason


def note_message(ctx: Context, intent: Intent, action: int, bar: int) -> None:
    """Write down the values of a message."""
    row = records(ctx.frame.notifications, Notified)[ctx.account.notification_rows]
    ctx.account.notification_rows += 1
    row.bar = bar
    row.lane = ctx.lane_index
    row.action = action
    row.a = intent.value_a
    row.b = intent.value_b
    row.c = intent.value_c
    row.d = intent.value_d


@force_inline
def set_band(ctx: Context, bar: int) -> None:
    """Compute the trigger band and the deadline as they are after that bar, and count the rows of the table in use."""
    lane, frame = ctx.lane, ctx.frame
    frame.rows_used += lane.used - lane.used_before
    frame.most_rows_used = max(frame.most_rows_used, lane.used)
    lane.used_before = lane.used
    # With orders the band ends at 0, so that a missing bar, which no band holds, is an event: it moves their times.
    low, high, deadline, trailing, flags = -inf if lane.count == 0 else 0.0, inf, FOREVER, 0, 0
    for i in range(lane.count):
        order = order_at(ctx, i)
        deadline = min(deadline, order.cancel_at, order.modify_at)
        if order.good_until != FOREVER:
            deadline = min(deadline, bar + 1 if lane.ratio > 1 else order.good_until)
        if order.reduce_only:
            flags |= REDUCING
        if order.time_in_force != GTC:
            flags |= AT_ONCE
        if order.kind == TRAILING:
            flags |= MOVING
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
    if lane.ratio > 1 and frame.order_state_count > 0:
        deadline = min(deadline, bar + 1)  # each bar may begin one of the strategy's: `orders.own_bars`
    if lane.perpetual and lane.quantity != 0.0:
        deadline = min(deadline, lane.funding_next)
        if lane.quantity > 0.0:
            low = max(low, lane.liquidation)
        else:
            high = min(high, lane.liquidation)
    lane.band_low = low
    lane.band_high = high
    lane.deadline = deadline
    lane.trailing = trailing
    lane.flags = flags


def reduces_at_open(ctx: Context, bar: int) -> bool:
    """Whether a reduce-only market order of the instrument fills at the open of that bar."""
    if ctx.lane.flags & REDUCING:
        for i in range(ctx.lane.count):
            order = order_at(ctx, i)
            if order.reduce_only and order.kind == MARKET and order.live_from <= bar:
                return True
    return False


def has_room(lane: Lane, more: int) -> bool:
    """Whether the table can take an order that counts as many."""
    return lane.used + more <= MOST_ORDERS
