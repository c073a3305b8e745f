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
from wickwork.orders.targets import TARGETS, is_target, last_target, part_of, received_by, set_received, target_of
from wickwork.risk.rules import is_dust, nearest_lot, order_price


def make_legs(ctx: Context, order: Order, at: Moment, quantity: float) -> None:
    """Create the legs of an entry whose fill opened that quantity (base units), or enlarge those that still work.

    Their levels follow from the average price of the entry so far.
    """
    lane, side, entry, fresh = ctx.lane, order.side, order.average, order.leg_number == 0
    quantity = nearest_lot(quantity, lane.lot, lane.lot_inverse)
    stop = leg_level(-side, order.stop_loss_as, order.stop_loss, entry, 0.0)
    if order.stop_loss_as != LEG_NONE:
        _make_leg(
            ctx, order, fresh, at, quantity, STOP_LEG, order_price(stop, -side, lane.tick, lane.tick_inverse), 0.0
        )
    if order.targets > 0:
        _make_targets(ctx, order, fresh, at, quantity, stop)
    elif order.take_profit_as != LEG_NONE:
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
    from which on that follows (0: from the entry on). A `fresh` entry has no legs yet. A leg whose price is not
    positive is not made, nor is one without a quantity; where it works already it then only gets its new price.
    """
    if level <= 0.0 and which != TRAIL_LEG:
        return
    leg = entry
    if not fresh:
        for i in range(ctx.lane.count):
            other = order_at(ctx, i)
            if other.leg == which and other.group == entry.id:
                leg = other
    if leg.id == entry.id:
        if quantity <= 0.0:
            return
        leg = add(ctx)
        leg.targets = entry.targets
        leg.action = entry.action
        leg.side = -entry.side
        leg.leg = which
        leg.group = entry.id
        entry.leg_number += 1
        leg.leg_number = entry.leg_number
        leg.reduce_only = 1
        leg.quantity = quantity
        leg.remaining = quantity
        leg.created_bar = at.bar
        leg.live_from = at.bar
        leg.finer_bar = at.finer_bar
        leg.extreme = entry.average
        leg.kind = TRAILING_FROM if after else TRAILING
        if which != TRAIL_LEG:
            leg.kind = STOP if which == STOP_LEG else LIMIT
    else:
        leg.quantity = nearest_lot(leg.quantity + quantity, ctx.lane.lot, ctx.lane.lot_inverse)
        leg.remaining = nearest_lot(leg.remaining + quantity, ctx.lane.lot, ctx.lane.lot_inverse)
    ctx.lane.flags |= JUST_ACTIVATED | REDUCING | (MOVING if which == TRAIL_LEG else 0)
    if leg.kind == MARKET or leg.pinned:  # it has no level any more, or was moved and keeps its own
        return
    leg.activation_phase, leg.activation_price, leg.activation_direction = at.activation_phase, at.price, at.direction
    if which == STOP_LEG:
        leg.stop = level
    elif which != TRAIL_LEG:
        if leg.limit != level:
            leg.limit_reference = 0.0
        leg.limit = level
    else:
        leg.extreme = max(leg.extreme, entry.average) if leg.side < 0 else min(leg.extreme, entry.average)
        leg.trail_as = LEG_SHARE if entry.leg_trail_as == LEG_SHARE else LEG_DISTANCE
        leg.trail = entry.leg_trail if entry.leg_trail_as == LEG_SHARE else level
        if leg.kind == TRAILING_FROM:
            leg.stop = after
            if (at.price - after) * entry.side >= 0.0:  # the fill was there
                leg.kind = TRAILING
                leg.armed_after_fill = ctx.account.fill_total


def _make_targets(ctx: Context, order: Order, fresh: bool, at: Moment, quantity: float, stop: float) -> None:
    """Divide the quantity that a fill opened among the targets of its entry.

    `stop` is the level of the stop loss in quote units, from which multiples of R are measured.
    """
    lane, left = ctx.lane, quantity
    order.quantity_opened = nearest_lot(order.quantity_opened + quantity, lane.lot, lane.lot_inverse)
    last = last_target(order)
    for which in TARGETS:
        mode, amount, share = target_of(order, which)
        if mode == LEG_NONE:
            continue
        received = received_by(order, which)
        part = left if which == last else part_of(order.quantity_opened, share, received, left, lane)
        set_received(order, which, nearest_lot(received + part, lane.lot, lane.lot_inverse))
        left = nearest_lot(left - part, lane.lot, lane.lot_inverse)
        level = leg_level(order.side, mode, amount, order.average, stop)
        _make_leg(
            ctx, order, fresh, at, part, which, order_price(level, -order.side, lane.tick, lane.tick_inverse), 0.0
        )


def reduce_bracket(ctx: Context, group: int, leg: int, quantity: float, left: float, bar: int) -> None:
    """After a fill of one leg of a bracket with targets: take it from the legs that share its quantity.

    A target shares it with the stops. A stop shares it with the other stop, and leaves no more to the targets than
    what is `left` of itself: the last target is reduced first.
    """
    for which in (STOP_LEG, TRAIL_LEG):
        if which != leg:
            _reduce_leg(ctx, group, which, quantity, bar)
    if is_target(leg):
        return
    excess = -left
    for which in TARGETS:
        i = _index_of_leg(ctx, group, which)
        excess += order_at(ctx, i).remaining if i >= 0 else 0.0
    for k in range(len(TARGETS) - 1, -1, -1):
        if excess > 0.0:
            excess = nearest_lot(
                excess - _reduce_leg(ctx, group, TARGETS[k], excess, bar), ctx.lane.lot, ctx.lane.lot_inverse
            )


def _reduce_leg(ctx: Context, group: int, which: int, quantity: float, bar: int) -> float:
    """Take that quantity from a leg, and cancel the leg when nothing is left of it; returns how much it was."""
    i = _index_of_leg(ctx, group, which)
    if i < 0:
        return 0.0
    leg, lane = order_at(ctx, i), ctx.lane
    reduction = min(quantity, leg.remaining)
    leg.remaining = nearest_lot(leg.remaining - quantity, lane.lot, lane.lot_inverse)
    if is_dust(leg.remaining, quantity, lane.lot):
        close_order(ctx, i, bar, OTHER_LEG)
    return reduction


def _index_of_leg(ctx: Context, group: int, which: int) -> int:
    """The index of a leg among the working orders; −1 where it does not work."""
    for i in range(ctx.lane.count):
        order = order_at(ctx, i)
        if order.group == group and order.leg == which:
            return i
    return -1


def reduce_siblings(ctx: Context, group: int, order: int, quantity: float, bar: int) -> None:
    """Take a fill of one order of the group from the quantity of the others; cancel those with nothing left."""
    for i in range(ctx.lane.count - 1, -1, -1):
        other = order_at(ctx, i)
        if other.group == group and other.id != order:
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
