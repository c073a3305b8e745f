"""Prices at which legs and trailing stops act."""

from __future__ import annotations

from wickwork.graph.types import LEG_DISTANCE, LEG_PRICE, LEG_R, LEG_SHARE
from wickwork.model.order_kinds import ACTS_AT_LIMIT, FAVOURABLE, TRAILING, has
from wickwork.orders.records import Order


def leg_level(side: int, mode: int, amount: float, entry: float, stop: float) -> float:
    """The level of a leg; 0 where the mode is none.

    `side` is +1 for a level above the entry, −1 for one below. `amount` is a price, a fraction of the entry (0.02 is
    2 %), a distance in quote units, or a multiple of R, the distance of the level `stop` from the entry.
    """
    if mode == LEG_PRICE:
        return amount
    if mode == LEG_SHARE:
        return entry * (1.0 + side * amount)
    if mode == LEG_DISTANCE:
        return entry + side * amount
    if mode == LEG_R:
        return entry + side * (amount * abs(entry - stop))
    return 0.0


def level_of(order: Order) -> float:
    """The price at which the order acts."""
    if has(ACTS_AT_LIMIT, order.kind):
        return order.limit
    if order.kind == TRAILING:
        if order.intrabar_level > 0.0:
            return order.intrabar_level
        return trail_behind(order.extreme, order.side, order.trail_as, order.trail)
    return order.stop


def trail_behind(extreme: float, side: int, trail_as: int, trail: float) -> float:
    """The level of a trailing stop behind that extreme."""
    return extreme * (1.0 + side * trail) if trail_as == LEG_SHARE else extreme + side * trail


def extreme_for(level: float, side: int, trail_as: int, trail: float) -> float:
    """The extreme with which a trailing stop has that level."""
    return level / (1.0 + side * trail) if trail_as == LEG_SHARE else level - side * trail


def waits_below(order: Order) -> bool:
    """Whether the order acts when the price falls to its level: buy limits and sell stops do."""
    return order.side > 0 if has(FAVOURABLE, order.kind) else order.side < 0
