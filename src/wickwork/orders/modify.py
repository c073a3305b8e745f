"""A modification takes effect."""

from __future__ import annotations

from wickwork.model.order_kinds import NEEDS_LIMIT, NEEDS_TRIGGER, has
from wickwork.orders.records import FOREVER, Order


def modify(order: Order, bar: int) -> None:
    """Give the order its new price and remaining quantity (NaN keeps the old one); it is fresh on that bar."""
    if order.new_price == order.new_price:
        if has(NEEDS_LIMIT, order.kind):
            order.limit = order.new_price
        elif has(NEEDS_TRIGGER, order.kind):
            order.stop = order.new_price
        order.pinned = 1 if order.leg else 0
    if order.new_quantity == order.new_quantity:
        order.quantity = order.filled + order.new_quantity
        order.remaining = order.new_quantity
    order.limit_reference = 0.0
    order.modify_at = FOREVER
    order.live_from = max(order.live_from, bar)
    order.finer_bar = 0  # the first of the finer bars, whatever happened on an earlier one
