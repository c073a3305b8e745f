"""Intents become orders, or are denied with a reason: docs/matching.md, sections 8 and 11."""

from __future__ import annotations

from wickwork.graph.native import force_inline
from wickwork.graph.types import (
    CANCEL,
    CLOSE,
    ENTER,
    GRID,
    MODIFY,
    PLACE,
    REVERSE,
    Intent,
)
from wickwork.model.order_kinds import MARKET, NEEDS_LIMIT, NEEDS_TRIGGER, has
from wickwork.orders.frame import Context
from wickwork.orders.grid import begin_grid, end_grid
from wickwork.orders.modify import modify
from wickwork.orders.placing import place, place_ladder, trigger_price
from wickwork.orders.records import (
    ALLOWED,
    ALREADY_CHANGING,
    ALREADY_CLOSING,
    BELOW_MINIMUM,
    BY_STRATEGY,
    ENTRY_WORKS,
    FOREVER,
    LEG_NAMES,
    MISSING_VALUE,
    NO_SUCH_ORDER,
    NOTHING_HELD,
    POSITION_HELD,
    QUANTITY_OF_LEG,
    SHORT_ON_SPOT,
    TABLE_FULL,
    TRAIL_LEG,
    Lane,
    Order,
)
from wickwork.orders.table import add, close_order, deny, has_room, order_at
from wickwork.risk.rules import is_enough, is_positive, order_price, round_down

nan = float("nan")
_LEGS = range(1, len(LEG_NAMES))
LEGS_MEANT = {CANCEL: (0, 1, *(-leg for leg in _LEGS)), MODIFY: (0, *(leg for leg in _LEGS if leg != TRAIL_LEG))}
"""What `Intent.legs` may be, by verb; 0 for all others. A trailing stop has no price that could be changed."""


@force_inline
def submit(ctx: Context, intent: Intent, action: int, bar: int, close: float, equity: float) -> None:
    """Carry out one intent at the close of that bar. `equity` is the account's, for sizes in percent."""
    if intent.verb == CANCEL:
        _cancel(ctx, intent, bar)
        return
    reason = ALLOWED
    if intent.verb == ENTER:
        reason = _may_enter(ctx, intent.side, intent.add)
        if reason == ALLOWED:
            reason = place(ctx, intent, action, bar, close, equity, intent.side, 1)
    elif intent.verb == PLACE and intent.levels > 0:
        reason = place_ladder(ctx, intent, action, bar, close, equity)
    elif intent.verb == PLACE:
        reason = place(ctx, intent, action, bar, close, equity, intent.side, 0)
    elif intent.verb == CLOSE:
        reason = _close(ctx, intent.size, action, bar)
    elif intent.verb == REVERSE:
        reason = _reverse(ctx, intent, action, bar, close, equity)
    elif intent.verb == MODIFY:
        reason = _modify(ctx, intent, bar, close)
    elif intent.verb == GRID:
        reason = begin_grid(ctx, intent, action, bar, close, equity)
    if reason != ALLOWED:
        deny(ctx, action, bar, reason)


def _may_enter(ctx: Context, side: int, adding: int) -> int:
    """ALLOWED, or why no entry is possible; with `adding` a position of the same side may be enlarged."""
    lane = ctx.lane
    if side < 0 and not lane.perpetual:
        return SHORT_ON_SPOT
    if lane.quantity != 0.0 and not (adding and lane.quantity * side > 0.0):
        return POSITION_HELD
    if lane.entries == 0:
        return ALLOWED
    for i in range(lane.count):
        order = order_at(ctx, i)
        if order.entry and not (adding and order.side == side):
            return ENTRY_WORKS
    return ALLOWED


def _reverse(ctx: Context, intent: Intent, action: int, bar: int, close: float, equity: float) -> int:
    """Close what is held, then enter on the other side; each is done or denied by itself.

    Returns ALLOWED, or the reason for which the entry was denied.
    """
    lane, side = ctx.lane, intent.side
    if side == 0:
        if lane.quantity == 0.0:
            return NOTHING_HELD
        side = -1 if lane.quantity > 0.0 else 1
    if lane.quantity * side > 0.0:
        return POSITION_HELD
    if lane.quantity != 0.0:
        reason = _close(ctx, 100.0, action, bar)
        if reason != ALLOWED:
            deny(ctx, action, bar, reason)
    if side < 0 and not lane.perpetual:
        return SHORT_ON_SPOT
    if lane.entries > 0:
        return ENTRY_WORKS
    return place(ctx, intent, action, bar, close, equity, side, 1)


def _close(ctx: Context, percent: float, action: int, bar: int) -> int:
    """Place a market order that closes so many percent of the position. Returns ALLOWED, or why it was denied."""
    lane = ctx.lane
    if lane.quantity == 0.0:
        return NOTHING_HELD
    for i in range(lane.count):
        if order_at(ctx, i).closing:
            return ALREADY_CLOSING
    if not is_positive(percent):
        return MISSING_VALUE
    quantity = abs(lane.quantity)
    if percent < 100.0:
        quantity = round_down(quantity * percent / 100.0, lane.lot, lane.lot_inverse)
    if not is_positive(quantity):
        return BELOW_MINIMUM
    if not has_room(lane, 1):
        return TABLE_FULL
    order = add(ctx)
    order.action = action
    order.kind = MARKET
    order.side = -1 if lane.quantity > 0.0 else 1
    order.reduce_only = 1
    order.closing = 1
    order.quantity = quantity
    order.remaining = quantity
    order.created_bar = bar
    order.live_from = bar + 1 + ctx.terms.latency
    return ALLOWED


def _cancel(ctx: Context, intent: Intent, bar: int) -> None:
    """Cancel the working orders of one action (`target`; below 0: of all), now or when the request arrives.

    `legs` above 0 includes the legs of brackets, below 0 means one leg alone.
    """
    lane, latency = ctx.lane, ctx.terms.latency
    leg = -intent.legs  # above 0: that leg alone
    if leg <= 0 and (intent.target < 0 or intent.target == lane.grid_action):
        end_grid(lane)
    for i in range(lane.count - 1, -1, -1):
        order = order_at(ctx, i)
        meant = order.leg == leg if leg > 0 else intent.legs > 0 or order.leg == 0
        if meant and (intent.target < 0 or order.action == intent.target):
            if latency == 0:
                close_order(ctx, i, bar, BY_STRATEGY)
            else:
                order.cancel_at = min(order.cancel_at, bar + 1 + latency)


def _modify(ctx: Context, intent: Intent, bar: int, close: float) -> int:
    """Change price (`limit` of the intent) and remaining quantity (`size`) of the working orders of one action.

    `legs` names the leg of brackets that is meant, 0 for the orders of the action itself. Returns ALLOWED, or why
    nothing was changed.
    """
    lane, latency, found = ctx.lane, ctx.terms.latency, NO_SUCH_ORDER
    price, quantity = intent.limit, intent.size
    if price != price and quantity != quantity:
        return MISSING_VALUE
    if (price == price and not is_positive(price)) or (quantity == quantity and not is_positive(quantity)):
        return MISSING_VALUE
    if intent.legs and quantity == quantity:
        return QUANTITY_OF_LEG
    for i in range(lane.count):
        order = order_at(ctx, i)
        if not _is_meant(intent, order):
            continue
        found = _check_change(order, lane, price, quantity, close)
        if found != ALLOWED:
            return found
    for i in range(lane.count):  # all of them or none
        order = order_at(ctx, i)
        if not _is_meant(intent, order):
            continue
        order.new_price = _new_price(order, lane, price)
        order.new_quantity = round_down(quantity, lane.lot, lane.lot_inverse) if quantity == quantity else nan
        if latency == 0:
            modify(order, bar + 1)
        else:
            order.modify_at = bar + 1 + latency
    return found


def _is_meant(intent: Intent, order: Order) -> bool:
    """Whether a modification aims at that order."""
    return (intent.target < 0 or order.action == intent.target) and order.leg == intent.legs and order.grid == 0


def _check_change(order: Order, lane: Lane, price: float, quantity: float, close: float) -> int:
    """ALLOWED where one order may be changed to that price and remaining quantity (NaN: unchanged), else the reason."""
    if order.modify_at != FOREVER:
        return ALREADY_CHANGING
    kind = order.kind
    reference = order.limit if has(NEEDS_LIMIT, kind) else order.stop if has(NEEDS_TRIGGER, kind) else close
    if price == price:
        new = _new_price(order, lane, price)
        if not is_positive(new):
            return MISSING_VALUE
        reference = new if has(NEEDS_LIMIT, kind) or has(NEEDS_TRIGGER, kind) else reference
    if quantity == quantity:
        new = round_down(quantity, lane.lot, lane.lot_inverse)
        if not is_enough(new, reference, lane.minimum_quantity, lane.minimum_notional):
            return BELOW_MINIMUM
    return ALLOWED


def _new_price(order: Order, lane: Lane, price: float) -> float:
    """The price of a modification, rounded as that of the order; NaN where none is given."""
    if price != price:
        return nan
    if has(NEEDS_TRIGGER, order.kind) and not has(NEEDS_LIMIT, order.kind):
        return trigger_price(price, order.side, order.kind, lane)
    return order_price(price, order.side, lane.tick, lane.tick_inverse)
