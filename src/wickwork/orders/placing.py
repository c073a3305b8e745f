"""An intent becomes an order, or several: docs/matching.md, section 11."""

from __future__ import annotations

from typing import Any

from wickwork.graph.types import GTC, LEG_NONE, LEG_PRICE, LEG_R, LEG_SHARE, PERCENT_OF_CASH, RISK_PERCENT, Intent
from wickwork.model.order_kinds import FAVOURABLE, IMMEDIATE, NEEDS_LIMIT, NEEDS_TRIGGER, TRAILING, TRAILS, has
from wickwork.orders.frame import Context
from wickwork.orders.grid import MOST_LEVELS
from wickwork.orders.levels import leg_level
from wickwork.orders.margin import expected_cost
from wickwork.orders.own_bars import first_own_bar, moment_of
from wickwork.orders.records import (
    ALLOWED,
    BELOW_MINIMUM,
    MISSING_VALUE,
    NO_STOP_FOR_SIZE,
    NOT_AT_ONCE_KIND,
    STOP_ON_WRONG_SIDE,
    TABLE_FULL,
    TARGET_BELOW_MINIMUM,
    TARGET_ON_WRONG_SIDE,
    Lane,
)
from wickwork.orders.table import add, deny, has_room
from wickwork.orders.targets import carry_targets, check_targets, count_targets, has_targets, smallest_target
from wickwork.risk.rules import is_enough, is_positive, order_price, round_down
from wickwork.risk.sizing import quantity_of

nan = float("nan")


def place(
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
        order.good_until = first_own_bar(lane, moment_of(ctx, bar), order.live_from, bar) + intent.good_for - 1
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


def place_ladder(ctx: Context, intent: Intent, action: int, bar: int, close: float, equity: float) -> int:
    """Place `levels` limit orders of one side, each farther from a price than the one before.

    That price is `limit` of the intent (0: the close), their distance `trail` (as a share of it or in quote units).
    From one to the next the distance is multiplied by `upper` and the size by `lower`. Each order is placed or denied
    by itself. Returns ALLOWED, or the reason of DENIALS for which none was tried.
    """
    base = close if intent.limit == 0.0 else intent.limit
    step, size, away, side = intent.trail, intent.size, 0.0, intent.side
    if not (is_positive(base) and is_positive(step) and is_positive(intent.lower) and is_positive(intent.upper)):
        return MISSING_VALUE
    legs = intent.stop_loss_as != LEG_NONE or intent.take_profit_as != LEG_NONE or intent.leg_trail_as != LEG_NONE
    if intent.levels > MOST_LEVELS or legs or has_targets(intent) or not has(NEEDS_LIMIT, intent.kind):
        return MISSING_VALUE
    one: Any = intent  # a record, which may be changed
    for _ in range(intent.levels):
        away += step
        one.limit = base * (1.0 - side * away) if intent.trail_as == LEG_SHARE else base - side * away
        one.size = size
        reason = place(ctx, intent, action, bar, close, equity, side, 0)
        if reason != ALLOWED:
            deny(ctx, action, bar, reason)
        step *= intent.upper
        size *= intent.lower
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


def trigger_price(price: float, side: int, kind: int, lane: Lane) -> float:
    """A trigger rounded so that it is reached no later than the given price."""
    toward = -side if has(FAVOURABLE, kind) else side
    return order_price(price, toward, lane.tick, lane.tick_inverse)
