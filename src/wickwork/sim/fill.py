"""An order fills: what reduce-only, the volume limit and the funds leave of it, what it costs, and what follows."""

from __future__ import annotations

from typing import Any

from wickwork.graph.types import (
    FOK,
    LEG_DISTANCE,
    LEG_NONE,
    LEG_R,
    LEG_SHARE,
    LIMIT,
    LIQUIDATION,
    MARKET,
    STOP,
    TRAILING,
)
from wickwork.risk.rules import cut_down, is_dust, order_price
from wickwork.sim.book import book, leg_level
from wickwork.sim.costs import bankruptcy_price, price_of_taker, reserved, share_of_notional
from wickwork.sim.grid import end_grid, note_fill
from wickwork.sim.records import (
    CUT,
    FILLED,
    LIQUIDATED,
    MOVING,
    NEWBORN,
    NO_FUNDS,
    NO_SHORT,
    NOT_AT_ONCE,
    NOTHING_TO_REDUCE,
    OTHER_LEG,
    POSITION_CLOSED,
    REDUCING,
    STOP_LEG,
    TAKE_LEG,
    TRAIL_LEG,
    WORKING,
    Desk,
    Moment,
)
from wickwork.sim.table import add, end, order_at

NOBODY = -1


def fill(desk: Desk, index: int, now: Moment, reference: float, taker: bool) -> None:
    """Fill the working order at that place where the market is at `reference`, as far as it can be filled."""
    lane, terms, order = desk.lane, desk.terms, order_at(desk, index)
    side, whole = order.side, order.remaining
    quantity = whole
    if order.reduce_only:
        if lane.quantity * side >= 0.0:
            end(desk, index, now.bar, NOTHING_TO_REDUCE)
            return
        quantity = min(quantity, abs(lane.quantity))
    if terms.volume_limit > 0.0:
        left = terms.volume_limit * now.volume - lane.taken
        if left < quantity:
            quantity = cut_down(left, quantity, lane.lot, lane.lot_inverse)
    price, rate = reference, terms.maker
    if taker:
        price, rate = price_of_taker(terms, lane, reference, side, quantity, now.volume, now.atr), terms.taker
        if order.kind == LIMIT:  # a limit never fills beyond itself
            price = min(price, order.limit) if side > 0 else max(price, order.limit)
    closing = min(quantity, abs(lane.quantity)) if lane.quantity * side < 0.0 else 0.0
    opening = quantity - closing
    verdict = WORKING
    if not is_dust(opening, quantity, lane.lot):
        allowed = _affordable(desk, side, closing, opening, price, rate)
        if allowed < opening:
            verdict = NO_SHORT if side < 0 and not lane.perpetual else NO_FUNDS
            quantity = closing + allowed
    if order.time_in_force == FOK and not is_dust(whole - quantity, whole, lane.lot):
        end(desk, index, now.bar, NOT_AT_ONCE)
        return
    opened = 0.0
    if quantity > 0.0:
        lane.taken += quantity
        opened = book(
            desk, order, now, quantity, price, quantity * price * rate, abs(price - reference) * quantity, taker
        )
        if opened > 0.0 and order.legs > 0:
            _make_legs(desk, order, now, opened)  # before the order's row is free for others
    _settle(desk, index, order, now, quantity, whole, verdict)


def _affordable(desk: Desk, side: int, closing: float, opening: float, price: float, rate: float) -> float:
    """How much of the opening part the funds allow, after the closing part has been booked."""
    books, lane, terms = desk.books, desk.lane, desk.terms
    if side < 0 and not lane.perpetual:
        return 0.0
    cash = books.cash - side * closing * price - closing * price * rate
    available = cash - reserved(desk, desk.number if closing > 0.0 else NOBODY)
    share = share_of_notional(terms, lane, rate)
    if opening * price * share <= available:
        return opening
    allowed = cut_down(available / (price * share), opening, lane.lot, lane.lot_inverse)
    if allowed < lane.minimum_quantity or allowed * price < lane.minimum_notional:
        return 0.0
    return allowed


def _settle(desk: Desk, index: int, order: Any, now: Moment, quantity: float, whole: float, verdict: int) -> None:
    """What becomes of the order after a fill, of its siblings, and of orders that have nothing left to reduce."""
    lane = desk.lane
    oco, own, position = order.oco, order.id, lane.quantity
    if is_dust(order.remaining, whole, lane.lot):
        note_fill(lane, order)
        end(desk, index, now.bar, FILLED)
    elif verdict == NO_FUNDS:
        if order.filled > 0.0:
            note_fill(lane, order)
        end(desk, index, now.bar, CUT if order.filled > 0.0 else NO_FUNDS)
    elif verdict == NO_SHORT:
        end(desk, index, now.bar, NO_SHORT)
    elif order.kind == STOP or order.kind == TRAILING:
        order.kind = MARKET  # triggered: what the volume limit left goes on at the next open
    if quantity <= 0.0:
        return
    if oco != 0:
        for i in range(lane.count - 1, -1, -1):
            other = order_at(desk, i)
            if other.oco == oco and other.id != own:
                other.remaining -= quantity
                if is_dust(other.remaining, quantity, lane.lot):
                    end(desk, i, now.bar, OTHER_LEG)
    if not lane.aboard & REDUCING:
        return
    for i in range(lane.count - 1, -1, -1):
        other = order_at(desk, i)
        if other.reduce_only and position * other.side >= 0.0:
            end(desk, i, now.bar, POSITION_CLOSED)


def _make_legs(desk: Desk, order: Any, now: Moment, quantity: float) -> None:
    """Bring the legs of an entry to life, or let those that live grow."""
    lane, side, entry = desk.lane, order.side, order.average
    stop = leg_level(-side, order.stop_loss_as, order.stop_loss, entry, 0.0)
    if order.stop_loss_as != LEG_NONE:
        _make_leg(desk, order, now, quantity, STOP_LEG, order_price(stop, -side, lane.tick, lane.tick_inverse))
    if order.take_profit_as != LEG_NONE:
        target = leg_level(side, order.take_profit_as, order.take_profit, entry, stop)
        _make_leg(desk, order, now, quantity, TAKE_LEG, order_price(target, -side, lane.tick, lane.tick_inverse))
    if order.leg_trail_as != LEG_NONE:
        amount = order.leg_trail
        if order.leg_trail_as == LEG_SHARE:
            amount = entry * amount
        elif order.leg_trail_as == LEG_R:
            amount = amount * abs(entry - stop)
        if entry - side * amount > 0.0:
            _make_leg(desk, order, now, quantity, TRAIL_LEG, amount)


def _make_leg(desk: Desk, entry: Any, now: Moment, quantity: float, which: int, level: float) -> None:
    """One leg, new or grown.

    `level` is its price, or the distance of a trailing stop (0 trails at the extreme itself); a leg whose price is not
    positive is not made.
    """
    if level <= 0.0 and which != TRAIL_LEG:
        return
    leg = entry
    for i in range(desk.lane.count):
        other = order_at(desk, i)
        if other.leg == which and other.oco == entry.id:
            leg = other
    if leg.id == entry.id:
        leg = add(desk)
        leg.tag = entry.tag
        leg.side = -entry.side
        leg.leg = which
        leg.oco = entry.id
        leg.reduce_only = 1
        leg.asked = 0.0
        leg.remaining = 0.0
        leg.placed = now.bar
        leg.live_from = now.bar
        leg.fine = now.fine
        leg.extreme = entry.average
        leg.kind = LIMIT if which == TAKE_LEG else TRAILING if which == TRAIL_LEG else STOP
    desk.lane.aboard |= NEWBORN | REDUCING | (MOVING if which == TRAIL_LEG else 0)
    leg.asked += quantity
    leg.remaining += quantity
    if leg.kind == MARKET:  # a triggered stop has no level any more
        return
    leg.born, leg.birth, leg.direction = now.born, now.at, now.direction
    if which == STOP_LEG:
        leg.stop = level
    elif which == TAKE_LEG:
        leg.limit = level
    else:
        leg.extreme = max(leg.extreme, entry.average) if leg.side < 0 else min(leg.extreme, entry.average)
        leg.trail_as = LEG_SHARE if entry.leg_trail_as == LEG_SHARE else LEG_DISTANCE
        leg.trail = entry.leg_trail if entry.leg_trail_as == LEG_SHARE else level


def liquidate(desk: Desk, now: Moment, reference: float) -> None:
    """The venue closes the position by force (order number 0) and takes every working order of the instrument away."""
    lane, terms = desk.lane, desk.terms
    limit = bankruptcy_price(terms, lane)
    end_grid(lane)
    price = max(reference, limit) if lane.quantity > 0.0 else min(reference, limit)
    for i in range(lane.count - 1, -1, -1):
        end(desk, i, now.bar, LIQUIDATED)
    order = add(desk)
    desk.books.next_id -= 1
    order.id = 0
    order.tag = -1
    order.side = -1 if lane.quantity > 0.0 else 1
    order.kind = LIQUIDATION
    order.reduce_only = 1
    order.asked = abs(lane.quantity)
    order.remaining = order.asked
    order.placed = now.bar
    order.live_from = now.bar
    order.stop = lane.liquidation
    fee = order.remaining * price * (terms.taker + terms.liquidation_fee)
    book(desk, order, now, order.remaining, price, fee, 0.0, True)
    end(desk, lane.count - 1, now.bar, FILLED)
