"""Brackets, and orders of which one cancels the other: docs/matching.md, section 6."""

from __future__ import annotations

from wickwork.graph.types import LEG_DISTANCE, LEG_NONE, LEG_R, LEG_SHARE
from wickwork.model.order_kinds import LIMIT, MARKET, STOP, TRAILING, TRAILING_FROM
from wickwork.orders.frame import Context
from wickwork.orders.levels import leg_level
from wickwork.orders.records import (
    JUST_ACTIVATED,
    MOVING,
    OTHER_LEG,
    POSITION_CLOSED,
    REDUCING,
    STOP_LEG,
    TAKE_LEG,
    TRAIL_LEG,
    Moment,
    Order,
)
from wickwork.orders.table import add, close_order, order_at
from wickwork.risk.rules import is_dust, nearest_lot, order_price


def make_legs(ctx: Context, order: Order, at: Moment, quantity: float) -> None:
    """Create the legs of an entry, or enlarge those that still work."""
    lane, side, entry, fresh = ctx.lane, order.side, order.average, order.made == 0
    quantity = nearest_lot(quantity, lane.lot, lane.lot_inverse)
    stop = leg_level(-side, order.stop_loss_as, order.stop_loss, entry, 0.0)
    if order.stop_loss_as != LEG_NONE:
        _make_leg(
            ctx, order, fresh, at, quantity, STOP_LEG, order_price(stop, -side, lane.tick, lane.tick_inverse), 0.0
        )
    if order.take_profit_as != LEG_NONE:
        target = leg_level(side, order.take_profit_as, order.take_profit, entry, stop)
        _make_leg(
            ctx, order, fresh, at, quantity, TAKE_LEG, order_price(target, -side, lane.tick, lane.tick_inverse), 0.0
        )
    if order.leg_trail_as != LEG_NONE:
        amount = order.leg_trail
        if order.leg_trail_as == LEG_SHARE:
            amount = entry * amount
        elif order.leg_trail_as == LEG_R:
            amount = amount * abs(entry - stop)
        after = 0.0
        if order.trail_after_as != LEG_NONE:
            after = leg_level(side, order.trail_after_as, order.trail_after, entry, stop)
            after = order_price(after, side, lane.tick, lane.tick_inverse)
        if entry - side * amount > 0.0 and (after > 0.0 or order.trail_after_as == LEG_NONE):
            _make_leg(ctx, order, fresh, at, quantity, TRAIL_LEG, amount, after)


def _make_leg(
    ctx: Context, entry: Order, fresh: bool, at: Moment, quantity: float, which: int, level: float, after: float
) -> None:
    """One leg, new or enlarged.

    `level` is its price, or the distance of a trailing stop (0: the level is the extreme itself), `after` the price
    from which on that follows (0: from the entry on). A `fresh` entry has no legs yet. A leg whose
    price is not positive is not made.
    """
    if level <= 0.0 and which != TRAIL_LEG:
        return
    leg = entry
    if not fresh:
        for i in range(ctx.lane.count):
            other = order_at(ctx, i)
            if other.leg == which and other.oco == entry.id:
                leg = other
    if leg.id == entry.id:
        leg = add(ctx)
        leg.action = entry.action
        leg.side = -entry.side
        leg.leg = which
        leg.oco = entry.id
        entry.made += 1
        leg.made = entry.made
        leg.reduce_only = 1
        leg.asked = quantity
        leg.remaining = quantity
        leg.placed = at.bar
        leg.live_from = at.bar
        leg.fine = at.fine
        leg.extreme = entry.average
        leg.kind = LIMIT if which == TAKE_LEG else STOP if which == STOP_LEG else TRAILING_FROM if after else TRAILING
    else:
        leg.asked = nearest_lot(leg.asked + quantity, ctx.lane.lot, ctx.lane.lot_inverse)
        leg.remaining = nearest_lot(leg.remaining + quantity, ctx.lane.lot, ctx.lane.lot_inverse)
    ctx.lane.flags |= JUST_ACTIVATED | REDUCING | (MOVING if which == TRAIL_LEG else 0)
    if leg.kind == MARKET or leg.pinned:  # it has no level any more, or was moved and keeps its own
        return
    leg.activated, leg.activation_price, leg.direction = at.activated, at.price, at.direction
    if which == STOP_LEG:
        leg.stop = level
    elif which == TAKE_LEG:
        if leg.limit != level:
            leg.touched = 0.0
        leg.limit = level
    else:
        leg.extreme = max(leg.extreme, entry.average) if leg.side < 0 else min(leg.extreme, entry.average)
        leg.trail_as = LEG_SHARE if entry.leg_trail_as == LEG_SHARE else LEG_DISTANCE
        leg.trail = entry.leg_trail if entry.leg_trail_as == LEG_SHARE else level
        if leg.kind == TRAILING_FROM:
            leg.stop = after
            if (at.price - after) * entry.side >= 0.0:  # the fill was there
                leg.kind = TRAILING
                leg.followed = ctx.account.fill_count


def reduce_siblings(ctx: Context, group: int, order: int, quantity: float, bar: int) -> None:
    """Take a fill of one order of the group from the quantity of the others; cancel those with nothing left."""
    for i in range(ctx.lane.count - 1, -1, -1):
        other = order_at(ctx, i)
        if other.oco == group and other.id != order:
            other.remaining = nearest_lot(other.remaining - quantity, ctx.lane.lot, ctx.lane.lot_inverse)
            if is_dust(other.remaining, quantity, ctx.lane.lot):
                close_order(ctx, i, bar, OTHER_LEG)


def cancel_useless(ctx: Context, bar: int) -> None:
    """Cancel the reduce-only orders that have nothing left to reduce."""
    position = ctx.lane.quantity
    for i in range(ctx.lane.count - 1, -1, -1):
        other = order_at(ctx, i)
        if other.reduce_only and position * other.side >= 0.0:
            close_order(ctx, i, bar, POSITION_CLOSED)
