"""A position brought to a share of equity: docs/matching.md, section 14."""

from __future__ import annotations

from wickwork.graph.types import Intent
from wickwork.model.order_kinds import MARKET
from wickwork.orders.frame import Context
from wickwork.orders.margin import expected_cost
from wickwork.orders.records import ALLOWED, ALREADY_REBALANCING, MISSING_VALUE, SHORT_ON_SPOT, TABLE_FULL
from wickwork.orders.table import add, has_room, order_at
from wickwork.risk.rules import is_enough, is_positive, round_down
from wickwork.risk.sizing import ROUNDING_MARGIN


def rebalance(ctx: Context, intent: Intent, action: int, bar: int, close: float, equity: float) -> int:
    """Place the market orders that bring the position to a weight. Returns ALLOWED, or why the request was denied.

    `intent.size` is the weight in percent of `equity`, below 0 for a short. Nothing is placed where the weight of what
    is held is within the tolerance, or where the difference is below the minimum of the venue.
    """
    lane, weight = ctx.lane, intent.size
    if weight - weight != 0.0 or not is_positive(close) or (weight != 0.0 and not is_positive(equity)):
        return MISSING_VALUE
    if weight < 0.0 and not lane.perpetual:
        return SHORT_ON_SPOT
    for i in range(lane.count):
        order = order_at(ctx, i)
        if order.action == action and order.kind == MARKET:
            return ALREADY_REBALANCING
    held = lane.quantity
    if weight == 0.0:
        return _trade(ctx, action, bar, -1 if held > 0.0 else 1, abs(held), 1) if held != 0.0 else ALLOWED
    if abs(held * close / equity * 100.0 - weight) <= intent.tolerance:
        return ALLOWED
    side = 1 if weight > 0.0 else -1
    value = equity * abs(weight) / 100.0
    turning = held * side < 0.0
    gap = value if turning else value - abs(held) * close
    if gap < 0.0:
        quantity = min(round_down(-gap / close, lane.lot, lane.lot_inverse), abs(held))
        if not is_enough(quantity, close, lane.minimum_quantity, lane.minimum_notional):
            return ALLOWED
        return _trade(ctx, action, bar, -side, quantity, 1)
    cost = (1.0 + expected_cost(ctx.terms, close)) * (1.0 + ctx.terms.taker)
    quantity = round_down(gap / (close * cost) * ROUNDING_MARGIN, lane.lot, lane.lot_inverse)
    opens = is_enough(quantity, close, lane.minimum_quantity, lane.minimum_notional)
    if not has_room(lane, (1 if turning else 0) + (1 if opens else 0)):
        return TABLE_FULL
    if turning:
        _trade(ctx, action, bar, side, abs(held), 1)
    return _trade(ctx, action, bar, side, quantity, 0) if opens else ALLOWED


def _trade(ctx: Context, action: int, bar: int, side: int, quantity: float, reduce_only: int) -> int:
    """Place one market order. Returns ALLOWED, or TABLE_FULL."""
    if not has_room(ctx.lane, 1):
        return TABLE_FULL
    order = add(ctx)
    order.action = action
    order.kind = MARKET
    order.side = side
    order.reduce_only = reduce_only
    order.quantity = quantity
    order.remaining = quantity
    order.created_bar = bar
    order.live_from = bar + 1 + ctx.terms.latency
    return ALLOWED
