"""What a fill changes. The one door for every fill, whether a simulated venue decided it or an exchange reported it."""

from __future__ import annotations

from wickwork.graph.native import force_inline
from wickwork.model.order_kinds import LIQUIDATION
from wickwork.orders.account import book_fill
from wickwork.orders.brackets import cancel_useless, make_legs, reduce_bracket, reduce_siblings
from wickwork.orders.frame import Context
from wickwork.orders.grid import end_grid, note_fill
from wickwork.orders.records import FILLED, REDUCING, SHARED, Moment
from wickwork.orders.table import add, close_order, order_at
from wickwork.risk.rules import is_dust

MAKER, TAKER = 0, 1
"""Liquidity of a fill."""


@force_inline
def apply_fill(
    ctx: Context, index: int, quantity: float, price: float, fee: float, liquidity: int, slippage: float, at: Moment
) -> bool:
    """Apply a fill of the working order at that index; True when the order is complete and closed.

    `quantity` is in base units, `price`, `fee` and `slippage` (money lost against the reference price, 0 where it is
    unknown) in quote units. Updates cash and position, creates or enlarges the legs of an entry, reduces its siblings,
    and cancels reduce-only orders that have nothing left to reduce.
    """
    lane, order = ctx.lane, order_at(ctx, index)
    group, order_id, whole = order.group, order.id, order.remaining
    leg = order.leg if group > 0 and order.targets > 0 else 0  # of a bracket with targets
    opened = book_fill(ctx, order, at, quantity, price, fee, slippage, liquidity == TAKER)
    if opened > 0.0 and order.legs > 0:
        make_legs(ctx, order, at, opened)  # before the row of a complete order is free for others
    left = order.remaining
    complete = is_dust(left, whole, lane.lot)
    if complete:
        note_fill(lane, order)
        shared = not is_dust(order.quantity - order.filled, order.quantity, lane.lot)
        close_order(ctx, index, at.bar, SHARED if shared else FILLED)
    if leg > 0:
        reduce_bracket(ctx, group, leg, quantity, 0.0 if complete else left, at.bar)
    elif group != 0:
        reduce_siblings(ctx, group, order_id, quantity, at.bar)
    if lane.flags & REDUCING:
        cancel_useless(ctx, at.bar)
    return complete


def apply_liquidation(ctx: Context, price: float, fee: float, at: Moment) -> None:
    """Apply that the venue closed the position by force, after it canceled the orders; the grid of the instrument ends.

    `price` and `fee` in quote units.
    """
    lane = ctx.lane
    end_grid(lane)
    order = add(ctx)
    order.action = -1
    order.side = -1 if lane.quantity > 0.0 else 1
    order.kind = LIQUIDATION
    order.reduce_only = 1
    order.quantity = abs(lane.quantity)
    order.remaining = order.quantity
    order.created_bar = at.bar
    order.live_from = at.bar
    order.stop = lane.liquidation
    apply_fill(ctx, lane.count - 1, order.remaining, price, fee, TAKER, 0.0, at)
