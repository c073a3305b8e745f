"""A simulated fill: what reduce-only, the volume limit and the funds leave of an order, and at which price it fills.

docs/matching.md, sections 5 and 10. What the fill then changes is `wickwork.orders.fills.apply_fill`.
"""

from __future__ import annotations

from wickwork.graph.native import force_inline
from wickwork.graph.types import FOK
from wickwork.model.order_kinds import ACTS_AT_LIMIT, BECOMES_MARKET, LIMIT, MARKET, has
from wickwork.orders.fills import MAKER, TAKER, apply_fill, apply_liquidation
from wickwork.orders.frame import Context
from wickwork.orders.grid import note_fill
from wickwork.orders.margin import bankruptcy_price, reserved_margin, share_of_notional
from wickwork.orders.records import (
    CUT,
    LIQUIDATED,
    NO_FUNDS,
    NO_ORDER,
    NO_SHORT,
    NOT_AT_ONCE,
    NOTHING_TO_REDUCE,
    WORKING,
    Moment,
)
from wickwork.orders.table import close_order, order_at
from wickwork.risk.rules import cut_down, is_dust, is_enough
from wickwork.sim.costs import price_of_taker


def fill(ctx: Context, index: int, at: Moment, volume: float, atr: float, reference: float, taker: bool) -> None:
    """Fill the working order at that index, as far as it can be filled, or close it where nothing can be.

    `reference` is the price of the market and `atr` the ATR before the bar, in quote units, `volume` that of the bar in
    base units; spread and slippage are added to the price of a taker. Less than the whole is filled because of
    reduce-only, the volume limit or the funds.
    """
    lane, terms, order = ctx.lane, ctx.terms, order_at(ctx, index)
    side, whole, order_id = order.side, order.remaining, order.id
    quantity = whole
    if order.reduce_only:
        if lane.quantity * side >= 0.0:
            close_order(ctx, index, at.bar, NOTHING_TO_REDUCE)
            return
        quantity = min(quantity, abs(lane.quantity))
    if terms.volume_limit > 0.0:
        left = terms.volume_limit * volume - lane.volume_filled
        if left < quantity:
            quantity = cut_down(left, quantity, lane.lot, lane.lot_inverse)
            if has(ACTS_AT_LIMIT, order.kind) and order.limit_reference == 0.0:
                order.limit_reference = reference
    price, rate = reference, terms.maker
    if taker:
        price, rate = price_of_taker(terms, lane, reference, side, quantity, volume, atr), terms.taker
        if order.kind == LIMIT:  # a limit never fills beyond itself
            price = min(price, order.limit) if side > 0 else max(price, order.limit)
    closing = min(quantity, abs(lane.quantity)) if lane.quantity * side < 0.0 else 0.0
    opening = quantity - closing
    verdict = WORKING
    if not is_dust(opening, quantity, lane.lot):
        allowed = _affordable(ctx, side, closing, opening, price, rate)
        if allowed < opening:
            verdict = NO_SHORT if side < 0 and not lane.perpetual else NO_FUNDS
            quantity = closing + allowed
    if order.time_in_force == FOK and not is_dust(whole - quantity, whole, lane.lot):
        close_order(ctx, index, at.bar, NOT_AT_ONCE)
        return
    if quantity > 0.0:
        lane.volume_filled += quantity
        fee, slippage = quantity * price * rate, abs(price - reference) * quantity
        if apply_fill(ctx, index, quantity, price, fee, TAKER if taker else MAKER, slippage, at):
            return
        index = _index_of(ctx, index, order_id)
        if index == NO_ORDER:  # with the position closed, the rest of it had nothing left to reduce
            return
    _end_or_go_on(ctx, index, at.bar, verdict)


def _index_of(ctx: Context, index: int, order_id: int) -> int:
    """The index of that order now, NO_ORDER where it has ended. It is at most `index`, since others may have ended."""
    for i in range(min(index, ctx.lane.count - 1), -1, -1):
        if order_at(ctx, i).id == order_id:
            return i
    return NO_ORDER


def _end_or_go_on(ctx: Context, index: int, bar: int, verdict: int) -> None:
    """What becomes of an order that a fill did not complete.

    `verdict` is the reason of REASONS that ends it, WORKING for none.
    """
    order = order_at(ctx, index)
    if verdict == NO_FUNDS:
        if order.filled > 0.0:
            note_fill(ctx.lane, order)
        close_order(ctx, index, bar, CUT if order.filled > 0.0 else NO_FUNDS)
    elif verdict == NO_SHORT:
        close_order(ctx, index, bar, NO_SHORT)
    elif has(BECOMES_MARKET, order.kind):
        order.kind = MARKET  # triggered: what the volume limit left goes on at the next open
        order.kind_changed_after_fill = ctx.account.fill_total


@force_inline
def _affordable(ctx: Context, side: int, closing: float, opening: float, price: float, rate: float) -> float:
    """How much of the quantity `opening` the funds allow, as they will be after the quantity `closing` (base units).

    `rate` is that of the fee. Returns a quantity in whole lots, 0 below the minimum of the venue.
    """
    account, lane, terms = ctx.account, ctx.lane, ctx.terms
    if side < 0 and not lane.perpetual:
        return 0.0
    cash = account.net_cash - side * closing * price - closing * price * rate
    available = cash - reserved_margin(ctx, ctx.lane_index if closing > 0.0 else NO_ORDER)
    share = share_of_notional(terms, lane, rate)
    if opening * price * share <= available:
        return opening
    allowed = cut_down(available / (price * share), opening, lane.lot, lane.lot_inverse)
    return allowed if is_enough(allowed, price, lane.minimum_quantity, lane.minimum_notional) else 0.0


def liquidate(ctx: Context, at: Moment, reference: float) -> None:
    """Close the position by force and cancel every working order of the instrument.

    `reference` is the price of the market in quote units. Never for a price beyond that of bankruptcy, nor for a fee
    beyond what then remains of the margin.
    """
    lane, terms = ctx.lane, ctx.terms
    limit = bankruptcy_price(lane)
    price = max(reference, limit) if lane.quantity > 0.0 else min(reference, limit)
    left = max(lane.margin + (price - lane.average) * lane.quantity, 0.0)
    fee = min(abs(lane.quantity) * price * (terms.taker + terms.liquidation_fee), left)
    for i in range(lane.count - 1, -1, -1):
        close_order(ctx, i, at.bar, LIQUIDATED)
    apply_liquidation(ctx, price, fee, at)
