"""Intents become orders, or are denied with a reason: docs/matching.md, sections 8 and 11."""

from __future__ import annotations

from wickwork.graph.native import force_inline
from wickwork.graph.types import (
    CANCEL,
    CLOSE,
    ENTER,
    GRID,
    GTC,
    LEG_NONE,
    LEG_PRICE,
    LEG_R,
    MODIFY,
    NOTIFY,
    PERCENT_OF_CASH,
    PLACE,
    REBALANCE,
    REVERSE,
    RISK_PERCENT,
    Intent,
)
from wickwork.model.order_kinds import FAVOURABLE, IMMEDIATE, MARKET, NEEDS_LIMIT, NEEDS_TRIGGER, TRAILING, TRAILS, has
from wickwork.orders.frame import Context
from wickwork.orders.grid import begin_grid, end_grid
from wickwork.orders.levels import leg_level
from wickwork.orders.margin import expected_cost
from wickwork.orders.modify import modify
from wickwork.orders.rebalance import rebalance
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
    NO_STOP_FOR_SIZE,
    NO_SUCH_ORDER,
    NOT_AT_ONCE_KIND,
    NOTHING_HELD,
    POSITION_HELD,
    QUANTITY_OF_LEG,
    SHORT_ON_SPOT,
    STOP_ON_WRONG_SIDE,
    TABLE_FULL,
    TARGET_BELOW_MINIMUM,
    TARGET_ON_WRONG_SIDE,
    TRAIL_LEG,
    Lane,
    Order,
)
from wickwork.orders.table import add, close_order, deny, has_room, note_message, order_at
from wickwork.orders.targets import carry_targets, check_targets, count_targets, has_targets, smallest_target
from wickwork.risk.rules import is_enough, is_positive, order_price, round_down
from wickwork.risk.sizing import quantity_of

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
    if intent.verb == NOTIFY:
        note_message(ctx, intent, action, bar)
        return
    reason = ALLOWED
    if intent.verb == ENTER:
        reason = _may_enter(ctx, intent.side, intent.add)
        if reason == ALLOWED:
            reason = _place(ctx, intent, action, bar, close, equity, intent.side, 1)
    elif intent.verb == PLACE:
        reason = _place(ctx, intent, action, bar, close, equity, intent.side, 0)
    elif intent.verb == CLOSE:
        reason = _close(ctx, intent.size, action, bar)
    elif intent.verb == REVERSE:
        reason = _reverse(ctx, intent, action, bar, close, equity)
    elif intent.verb == MODIFY:
        reason = _modify(ctx, intent, bar, close)
    elif intent.verb == GRID:
        reason = begin_grid(ctx, intent, action, bar, close, equity)
    elif intent.verb == REBALANCE:
        reason = rebalance(ctx, intent, action, bar, close, equity)
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
    return _place(ctx, intent, action, bar, close, equity, side, 1)


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


def _place(
    ctx: Context, intent: Intent, action: int, bar: int, close: float, equity: float, side: int, entry: int
) -> int:
    """Place one order of any kind: docs/matching.md, section 11.

    Prices, spacing and quantity come from the intent; `close` and `equity` in quote units, `side` +1 or −1, `entry` 1
    for an entry. Returns ALLOWED, or the reason of DENIALS for which nothing was placed.
    """
    lane, terms, kind = ctx.lane, ctx.terms, intent.kind
    limit = stop = 0.0
    if has(NEEDS_LIMIT, kind):
        limit = order_price(intent.limit, side, lane.tick, lane.tick_inverse) if intent.limit > 0.0 else nan
    if has(NEEDS_TRIGGER, kind):
        stop = trigger_price(intent.stop, side, kind, lane) if intent.stop > 0.0 else nan
    if has(TRAILS, kind) and not (
        is_positive(close)
        and is_positive(intent.trail)
        and leg_level(side, intent.trail_as, intent.trail, close if kind == TRAILING else stop, 0.0) > 0.0
    ):
        return MISSING_VALUE
    reference = limit if has(NEEDS_LIMIT, kind) else stop if has(NEEDS_TRIGGER, kind) else close
    if not is_positive(reference) or (has(NEEDS_TRIGGER, kind) and not is_positive(stop)):
        return MISSING_VALUE
    if intent.time_in_force != GTC and not has(IMMEDIATE, kind):
        return NOT_AT_ONCE_KIND
    reason, targets = _check_legs(intent, side, reference), has_targets(intent)
    if reason == ALLOWED and targets:
        reason = check_targets(intent, side, reference)
    if reason != ALLOWED:
        return reason
    stop_loss = leg_level(-side, intent.stop_loss_as, intent.stop_loss, reference, 0.0)
    cost = expected_cost(terms, reference)
    money = ctx.account.cash if intent.size_as == PERCENT_OF_CASH else equity
    quantity = quantity_of(intent.size_as, intent.size, reference, money, stop_loss, cost, terms.taker)
    if not is_positive(quantity):
        return MISSING_VALUE
    quantity = round_down(quantity, lane.lot, lane.lot_inverse)
    if not is_enough(quantity, reference, lane.minimum_quantity, lane.minimum_notional):
        return BELOW_MINIMUM
    legs = int(intent.stop_loss_as != LEG_NONE) + int(intent.leg_trail_as != LEG_NONE)
    if targets:
        part = smallest_target(intent, quantity, lane)
        if not is_enough(part, reference, lane.minimum_quantity, lane.minimum_notional):
            return TARGET_BELOW_MINIMUM
        legs += count_targets(intent)
    else:
        legs += int(intent.take_profit_as != LEG_NONE)
    if not has_room(lane, 1 + legs):
        return TABLE_FULL
    order = add(ctx)
    order.action = action
    order.kind = kind
    order.side = side
    order.limit = limit
    order.stop = stop
    order.quantity = quantity
    order.remaining = quantity
    order.created_bar = bar
    order.live_from = bar + 1 + terms.latency
    order.entry = entry
    lane.entries += entry
    if has(TRAILS, kind):
        order.extreme = close
        order.trail_as = intent.trail_as
        order.trail = intent.trail
    order.time_in_force = intent.time_in_force
    order.reduce_only = intent.reduce_only
    order.post_only = intent.post_only
    order.group = -intent.oco
    if intent.good_for > 0:
        order.good_until = order.live_from + intent.good_for - 1
    if legs > 0:
        order.legs = legs
        lane.used += legs
        order.stop_loss_as = intent.stop_loss_as
        order.stop_loss = intent.stop_loss
        order.take_profit_as = intent.take_profit_as
        order.take_profit = intent.take_profit
        order.leg_trail_as = intent.leg_trail_as
        order.leg_trail = intent.leg_trail
        order.trail_after_as = intent.trail_after_as
        order.trail_after = intent.trail_after
        if targets:
            carry_targets(order, intent)
    return ALLOWED


def _check_legs(intent: Intent, side: int, reference: float) -> int:
    """ALLOWED where the legs are complete and on their sides of the reference price, else the reason."""
    if intent.stop_loss_as != LEG_NONE and not is_positive(intent.stop_loss):
        return MISSING_VALUE
    if intent.take_profit_as != LEG_NONE and not is_positive(intent.take_profit):
        return MISSING_VALUE
    if intent.leg_trail_as != LEG_NONE and not is_positive(intent.leg_trail):
        return MISSING_VALUE
    if intent.trail_after_as != LEG_NONE and not is_positive(intent.trail_after):
        return MISSING_VALUE
    if intent.stop_loss_as == LEG_NONE and (
        intent.size_as == RISK_PERCENT
        or intent.take_profit_as == LEG_R
        or intent.leg_trail_as == LEG_R
        or intent.trail_after_as == LEG_R
    ):
        return NO_STOP_FOR_SIZE
    stop_loss = leg_level(-side, intent.stop_loss_as, intent.stop_loss, reference, 0.0)
    if intent.stop_loss_as != LEG_NONE and (reference - stop_loss) * side <= 0.0:
        return STOP_ON_WRONG_SIDE
    if intent.take_profit_as == LEG_PRICE and (intent.take_profit - reference) * side <= 0.0:
        return TARGET_ON_WRONG_SIDE
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


def trigger_price(price: float, side: int, kind: int, lane: Lane) -> float:
    """A trigger rounded so that it is reached no later than the given price."""
    toward = -side if has(FAVOURABLE, kind) else side
    return order_price(price, toward, lane.tick, lane.tick_inverse)
