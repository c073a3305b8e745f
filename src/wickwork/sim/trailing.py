"""Trailing stops inside a bar: docs/matching.md, section 4.

A trailing stop follows the bar's own extreme, and the bar does not say what came first: the extreme, or the price on
the other side. So its level inside the bar can be anywhere between the one at the beginning (`first` below) and the one
behind the bar's extreme (`last`). A *turn* is the point up to which the path moves the level before it comes back.
"""

from __future__ import annotations

from wickwork.model.order_kinds import TRAILING
from wickwork.orders.frame import Context
from wickwork.orders.levels import extreme_for, level_of, trail_behind
from wickwork.orders.records import INSIDE, NO_ORDER, Order
from wickwork.orders.table import order_at

inf = float("inf")


def must_reach(x: float, down: bool, activation_price: float, direction: int, h: float, l: float, c: float) -> bool:  # noqa: E741
    """Whether every path that the bar allows reaches the level x after an order or position was activated inside it."""
    if down:
        return c <= x or (direction < 0 and x <= activation_price and l <= x)
    return c >= x or (direction > 0 and x >= activation_price and h >= x)


def next_turn(
    ctx: Context,
    bar: int,
    h: float,
    l: float,  # noqa: E741
    c: float,
    at: float,
    gap_below: float,
    gap_above: float,
    floor: float,
    ceiling: float,
) -> tuple[int, float, bool]:
    """The trailing stop for which the path turns next, how far away that is, and whether one makes the bar ambiguous.

    Returns its index among the working orders (NO_ORDER: no turn), the distance from `at` in quote units (infinite
    without a turn), and the truth value. `h`, `l`, `c` are high, low and close of the bar, `at` the point that the path
    has reached.
    `gap_below` and `gap_above` are the distances to the nearest reachable orders, `floor` and `ceiling` the levels of
    the nearest reachable stops that wait below and above (infinite where there are none).
    """
    lane, best = ctx.lane, ctx.terms.best
    chosen, nearest, ambiguous = NO_ORDER, inf, False
    for i in range(lane.count):
        order = order_at(ctx, i)
        if (
            order.kind != TRAILING
            or order.live_from > bar
            or order.acted_in_pass == lane.pass_number
            or order.intrabar_level > 0.0
        ):
            continue
        down = order.side < 0
        way = 1.0 if down else -1.0
        edge, far = (l, h) if down else (h, l)
        stop, ahead = (floor, gap_above) if down else (ceiling, gap_below)
        first, last = level_of(order), _last_level(order, h, l)
        # Activated inside, and another stop is hit in any case: for the account it is hit before that, wherever it is.
        before = best == 1 and order.activation_phase == INSIDE and abs(stop) < inf
        # No new extreme; a level that the bar does not come back to; another stop that is always hit before.
        if ((last - first) * way <= 0.0 and not before) or (last - edge) * way < 0.0 or (last - stop) * way <= 0.0:
            continue
        reached, must = (first - edge) * way >= 0.0, (last - c) * way >= 0.0
        if order.activation_phase == INSIDE:
            must = (
                must and order.activation_direction == -order.side
            )  # else the extreme may have come before it was activated
            must = must or must_reach(first, down, order.activation_price, order.activation_direction, h, l, c)
        else:
            must = must or reached
        gap = max((_turning_point(order, h, l) - at) * way, 0.0)
        if reached or gap < ahead:  # else an order on the way to the turn acts before
            ambiguous = ambiguous or reached or not must or edge != last
            if best == 0 and not reached and gap < nearest:
                chosen, nearest = i, gap
        if best == 1 and ahead == inf and (must or abs(stop) < inf) and (far - at) * way < nearest:
            chosen, nearest = i, (far - at) * way
    return chosen, nearest, ambiguous


def turn(order: Order, best: int, h: float, l: float, at: float) -> float:  # noqa: E741
    """Move the path to the turn of a trailing stop, and its level with it; returns the point that is reached."""
    down = order.side < 0
    if best == 1:
        order.intrabar_level = _last_level(order, h, l)
        return h if down else l
    order.intrabar_level = l if down else h
    point = _turning_point(order, h, l)
    return max(at, point) if down else min(at, point)


def _last_level(order: Order, h: float, l: float) -> float:  # noqa: E741
    """The level behind the bar's own extreme."""
    extreme = max(order.extreme, h) if order.side < 0 else min(order.extreme, l)
    return trail_behind(extreme, order.side, order.trail_as, order.trail)


def _turning_point(order: Order, h: float, l: float) -> float:  # noqa: E741
    """From where the order is hit exactly at the end of the bar's range."""
    if order.side < 0:
        return min(extreme_for(l, order.side, order.trail_as, order.trail), h)
    return max(extreme_for(h, order.side, order.trail_as, order.trail), l)
