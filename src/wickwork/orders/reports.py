"""What a venue's reports change: the same functions as in a simulation, where the venue decides from outside.

Reports come seldom, one at a time, so these functions are not compiled.
"""

from __future__ import annotations

from wickwork.graph.types import LEG_DISTANCE
from wickwork.model.order_kinds import KIND_NAMES
from wickwork.orders.fills import MAKER, TAKER, apply_fill
from wickwork.orders.frame import Context
from wickwork.orders.grid import note_fill
from wickwork.orders.modify import modify
from wickwork.orders.records import CUT, FOREVER, INSIDE, NO_ORDER, REASONS, Moment, Order
from wickwork.orders.table import close_order, order_at

nan = float("nan")


def index_of(ctx: Context, order_id: int, leg_number: int = 0) -> int:
    """The index of an order among the working ones of an instrument; −1 where it is not there.

    `order_id` is its id; with `leg_number` the id of its entry, of which it is the leg with that number.
    """
    for i in range(ctx.lane.count):
        order = order_at(ctx, i)
        if (
            (order.leg and order.group == order_id and order.leg_number == leg_number)
            if leg_number
            else order.id == order_id
        ):
            return i
    return NO_ORDER


def report_fill(
    ctx: Context, index: int, quantity: float, price: float, fee: float, liquidity: str, slippage: float, at: Moment
) -> bool:
    """Apply one execution that a venue reported, as `apply_fill` does; True when the order is complete and closed.

    `liquidity` is `maker` or `taker`.
    """
    liquid = TAKER if liquidity == "taker" else MAKER
    return apply_fill(ctx, index, quantity, price, fee, liquid, slippage, at)


def report_trigger(ctx: Context, index: int, kind: str) -> None:
    """The order was triggered: what remains of it works as `kind`, a word of `KIND_NAMES`."""
    order_at(ctx, index).kind = KIND_NAMES.index(kind)


def report_level(ctx: Context, index: int, trigger: float) -> None:
    """A trailing stop has moved to the level `trigger` (quote units), where it stays until the next report.

    The venue follows the price.
    """
    order = order_at(ctx, index)
    order.extreme, order.trail_as, order.trail = trigger, LEG_DISTANCE, 0.0


def report_end(ctx: Context, index: int, bar: int, reason: str) -> None:
    """The order has ended on that bar, for a reason of `REASONS` (a word)."""
    code = REASONS.index(reason)
    if code == CUT:  # it has done its work, as far as the funds went
        note_fill(ctx.lane, order_at(ctx, index))
    close_order(ctx, index, bar, code)


def note_change(order: Order, price: float | None, quantity: float | None) -> None:
    """Note a new price or a new quantity left to fill, None for no change; `modify` makes it take effect."""
    order.new_price = nan if price is None else price
    order.new_quantity = nan if quantity is None else quantity


def report_change(ctx: Context, index: int, bar: int, price: float | None, quantity: float | None) -> None:
    """The order has a new price or a new quantity left to fill."""
    order = order_at(ctx, index)
    note_change(order, price, quantity)
    modify(order, bar)


def report_unchanged(ctx: Context, index: int) -> None:
    """The venue refused to cancel or to change the order: no request is under way any more."""
    order = order_at(ctx, index)
    order.cancel_at = FOREVER
    order.modify_at = FOREVER


def reported_moment(bar: int, finer_bar: int) -> Moment:
    """When a reported fill happened. A report does not say where the market was, nor how it came there.

    So whether a trailing stop follows the price from its entry on is for the venue to report.
    """
    return Moment(bar, finer_bar, INSIDE, nan, 0)
