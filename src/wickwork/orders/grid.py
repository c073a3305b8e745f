"""Grids: limit orders kept working at levels around a centre, docs/matching.md, section 13.

An instrument has at most one grid. Its state is part of the record of the instrument (`Lane.grid` and the fields that
begin with `grid_`). It places and cancels limit orders, and places a market order at its start; all of it at closes.
"""

from __future__ import annotations

from wickwork.graph.types import LEG_SHARE, Intent
from wickwork.model.order_kinds import LIMIT, MARKET
from wickwork.orders.frame import Context
from wickwork.orders.margin import expected_cost, reserved_margin, share_of_notional
from wickwork.orders.records import (
    ALLOWED,
    BELOW_MINIMUM,
    BY_STRATEGY,
    FOREVER,
    GRID_RUNS,
    MISSING_VALUE,
    NOT_COVERED,
    NOT_WITHIN_BOUNDS,
    SHORT_ON_SPOT,
    TABLE_FULL,
    Lane,
    Order,
)
from wickwork.orders.table import add, close_order, deny, has_room, order_at
from wickwork.risk.rules import is_dust, is_enough, is_positive, order_price, round_down
from wickwork.risk.sizing import quantity_of

nan = float("nan")
ALL = -1
MOST_LEVELS = 31
"""Orders on each side: with the first purchase they fit into the order table, and into the bits of a number."""


def begin_grid(ctx: Context, intent: Intent, action: int, bar: int, close: float, equity: float) -> int:
    """Start a grid at the close of a bar and place its first orders: docs/matching.md, section 13.

    `close` and `equity` in quote units; the intent has centre (`limit`; 0: the close), spacing (`trail`, as `trail_as`
    says), levels, size, side and bounds. Returns ALLOWED, or the reason of DENIALS for which nothing was placed.
    """
    lane, terms = ctx.lane, ctx.terms
    if lane.grid_levels > 0:
        return GRID_RUNS
    centre = close if intent.limit == 0.0 else intent.limit
    if not (is_positive(centre) and is_positive(intent.trail) and intent.lower >= 0.0 and intent.upper >= 0.0):
        return MISSING_VALUE
    if not 0 < intent.levels <= MOST_LEVELS:
        return MISSING_VALUE
    if intent.side < 0 and not lane.perpetual:
        return SHORT_ON_SPOT
    cost = expected_cost(terms, close)
    quantity = quantity_of(intent.size_as, intent.size, centre, equity, nan, expected_cost(terms, centre), terms.taker)
    if not is_positive(quantity):
        return MISSING_VALUE
    quantity = round_down(quantity, lane.lot, lane.lot_inverse)
    if not is_enough(quantity, centre, lane.minimum_quantity, lane.minimum_notional):
        return BELOW_MINIMUM
    _remember(lane, intent, centre, quantity)
    covered_buys, covered_sells = _covered(lane, 1, intent.levels), _covered(lane, -1, intent.levels)
    buys, sells, working, below, above = 0, 0, 0, 0.0, 0.0
    for k in range(1, intent.levels + 1):
        low, high = _limit_at(lane, -k, 1), _limit_at(lane, k, -1)
        if low > 0.0:
            buys, below, working = buys + 1, below + low, working + int(k <= covered_buys)
        if high > 0.0:
            sells, above, working = sells + 1, above + high, working + int(k <= covered_sells)
    first = 0.0
    if intent.side != 0:
        total = quantity * (sells if intent.side > 0 else buys)
        first = round_down(total - lane.quantity * intent.side, lane.lot, lane.lot_inverse)
        if not is_enough(first, close, lane.minimum_quantity, lane.minimum_notional):
            first = 0.0
    if working == 0 and first == 0.0:
        return NOT_WITHIN_BOUNDS
    side = below if intent.side > 0 or not lane.perpetual else above if intent.side < 0 else max(below, above)
    need = (quantity * side + first * close * (1.0 + cost)) * share_of_notional(terms, lane, terms.taker)
    if need > ctx.account.net_cash - reserved_margin(ctx, ALL):
        return NOT_COVERED
    if not has_room(lane, buys + sells + (1 if first > 0.0 else 0)):
        return TABLE_FULL
    lane.grid += 1
    lane.grid_action = action
    lane.grid_levels = intent.levels
    lane.grid_level = 0
    lane.grid_moved = 0
    if first > 0.0:
        order = _place(ctx, bar, intent.side, first)
        order.kind = MARKET
    _fill_window(ctx, bar, 0, covered_buys, covered_sells)
    return ALLOWED


def _remember(lane: Lane, intent: Intent, centre: float, quantity: float) -> None:
    """Write the parameters of a grid into its lane: centre in quote units, quantity of each order in base units."""
    lane.grid_centre = centre
    lane.grid_step = intent.trail
    lane.grid_in_shares = 1 if intent.trail_as == LEG_SHARE else 0
    lane.grid_quantity = quantity
    lane.grid_lower = intent.lower
    lane.grid_upper = intent.upper
    lane.grid_side = intent.side


def end_grid(lane: Lane) -> None:
    """The grid runs no longer. The caller decides what happens to its orders."""
    lane.grid_levels = 0


def note_fill(lane: Lane, order: Order) -> None:
    """An order is complete: if it belongs to the grid, the grid moves a level, and is updated at the close."""
    if order.grid != 0 and order.grid == lane.grid:
        lane.grid_moved = 1
        if order.kind == LIMIT:
            lane.grid_level -= order.side


def update_grid(ctx: Context, bar: int) -> None:
    """At the close: cancel the orders outside the window, and place those that are missing inside it."""
    lane, latency = ctx.lane, ctx.terms.latency
    lane.grid_moved = 0
    most, here = lane.grid_levels, 0
    if most == 0:
        return
    buys, sells = _covered(lane, 1, most), _covered(lane, -1, most)
    for i in range(lane.count - 1, -1, -1):
        order = order_at(ctx, i)
        if order.grid != lane.grid or order.kind != LIMIT or order.cancel_at != FOREVER:
            continue
        away = order.level - lane.grid_level
        out = -away * order.side
        if 0 < out <= (buys if order.side > 0 else sells):
            here |= 1 << (away + most)
        elif latency == 0:
            close_order(ctx, i, bar, BY_STRATEGY)
        else:
            order.cancel_at = bar + 1 + latency
    _fill_window(ctx, bar, here, buys, sells)


def _fill_window(ctx: Context, bar: int, here: int, buys: int, sells: int) -> None:
    """Place the orders that are missing in the window, the nearest first; `here` has a bit for each working one."""
    lane = ctx.lane
    most = lane.grid_levels
    for away in range(1, most + 1):
        for side in (1, -1):
            if (here >> (most - side * away)) & 1 or away > (buys if side > 0 else sells):
                continue
            level = lane.grid_level - side * away
            limit = _limit_at(lane, level, side)
            if limit <= 0.0:
                continue
            if not has_room(lane, 1):
                deny(ctx, lane.grid_action, bar, TABLE_FULL)
                return
            order = _place(ctx, bar, side, lane.grid_quantity)
            order.kind = LIMIT
            order.limit = limit
            order.level = level
            order.reduce_only = 1 if lane.grid_side * side < 0 and lane.perpetual else 0


def _place(ctx: Context, bar: int, side: int, quantity: float) -> Order:
    """A new order of the grid, `quantity` in base units; the caller sets its kind and limit. There must be room."""
    order = add(ctx)
    order.grid = ctx.lane.grid
    order.action = ctx.lane.grid_action
    order.side = side
    order.quantity = quantity
    order.remaining = quantity
    order.created_bar = bar
    order.live_from = bar + 1 + ctx.terms.latency
    return order


def _covered(lane: Lane, side: int, most: int) -> int:
    """How far out orders of that side may work: all levels, or, where they may only reduce, as far as what is held."""
    if lane.grid_side * side > 0 or (lane.grid_side == 0 and (side > 0 or lane.perpetual)):
        return most
    for away in range(1, most + 1):
        total = away * lane.grid_quantity
        if not is_dust(total + lane.quantity * side, total, lane.lot):
            return away - 1
    return most


def _limit_at(lane: Lane, level: int, side: int) -> float:
    """The limit of an order at that level in quote units, rounded to ticks; 0 where the grid has none."""
    if lane.grid_in_shares:
        steps = _power(1.0 + lane.grid_step, abs(level))
        price = lane.grid_centre * steps if level > 0 else lane.grid_centre / steps
    else:
        price = lane.grid_centre + level * lane.grid_step
    if not is_positive(price) or price < lane.grid_lower or (lane.grid_upper > 0.0 and price > lane.grid_upper):
        return 0.0
    limit = order_price(price, side, lane.tick, lane.tick_inverse)
    return limit if lane.grid_quantity * limit >= lane.minimum_notional else 0.0


def _power(base: float, exponent: int) -> float:
    """By squaring, because the `**` of float64 differs from machine to machine in the last bit."""
    result = 1.0
    while exponent > 0:
        if exponent & 1:
            result *= base
        base *= base
        exponent >>= 1
    return result
