"""An order fills: what reduce-only, the volume limit and the funds leave of it, what it costs, and what follows from it."""

from __future__ import annotations

from typing import Any

from wickwork.graph.types import (
    FOK,
    LEG_NONE,
    LEG_R,
    LIMIT,
    LIQUIDATION,
    MARKET,
    STOP,
    TRAILING,
)
from wickwork.risk.rules import order_price, round_down
from wickwork.sim.book import book, leg_level
from wickwork.sim.costs import bankruptcy_price, margin_per_unit, price_of_taker, reserve_of
from wickwork.sim.records import (
    CUT,
    FILLED,
    LIQUIDATED,
    NO_FUNDS,
    NO_SHORT,
    NOT_AT_ONCE,
    NOTHING_TO_REDUCE,
    OTHER_LEG,
    POSITION_CLOSED,
    STOP_LEG,
    TAKE_LEG,
    TRAIL_LEG,
    Desk,
    Moment,
)
from wickwork.sim.table import add, end, order_at

DUST = 1e-12
"""The share of an order's size below which a remainder is rounding, not quantity."""


def fill(desk: Desk, index: int, now: Moment, reference: float, taker: bool) -> None:
    """Fill the working order at that place where the market is at `reference`, as far as it can be filled."""
    lane, terms = desk.lane, desk.terms
    order = order_at(desk, index)
    side, held, quantity = order.side, lane.quantity, order.remaining
    if order.reduce_only:
        if held * side >= 0.0:
            end(desk, index, now.bar, NOTHING_TO_REDUCE)
            return
        quantity = min(quantity, abs(held))
    if terms.volume_limit > 0.0 and quantity > lane.budget:
        if order.time_in_force == FOK:
            end(desk, index, now.bar, NOT_AT_ONCE)
            return
        quantity = round_down(lane.budget, lane.lot, lane.lot_inverse)
        if order.kind != LIMIT:
            order.kind = MARKET  # triggered: the rest goes on at the next open
        if quantity <= 0.0:
            return
    price, rate = reference, terms.maker
    if taker:
        price, rate = price_of_taker(terms, lane, reference, side, quantity, now.volume, now.atr), terms.taker
    closing = min(quantity, abs(held)) if held * side < 0.0 else 0.0
    opening = quantity - closing
    affordable = _affordable(desk, side, closing, opening, price, rate) if opening > 0.0 else 0.0
    cut = affordable < opening
    if cut and order.time_in_force == FOK:
        end(desk, index, now.bar, NOT_AT_ONCE)
        return
    if cut:
        quantity = closing + affordable
        opening = affordable
    if quantity <= 0.0:
        end(desk, index, now.bar, NO_SHORT if side < 0 and not lane.perpetual else NO_FUNDS)
        return
    if terms.volume_limit > 0.0:
        lane.budget -= quantity
    fee = quantity * price * rate
    book(desk, order, now, quantity, price, fee, abs(price - reference) * quantity, 0 if taker else 1)
    _after(desk, index, order, now, quantity, opening, cut)


def _affordable(desk: Desk, side: int, closing: float, opening: float, price: float, rate: float) -> float:
    """How much of the opening part the funds allow, after the closing part has been booked."""
    books, lane, terms = desk.books, desk.lane, desk.terms
    if side < 0 and not lane.perpetual:
        return 0.0
    left = lane.quantity + side * closing
    cash = books.cash - side * closing * price - closing * price * rate
    available = cash - (books.reserved - lane.reserved + reserve_of(terms, lane, left, lane.average))
    unit = margin_per_unit(terms, lane, price, rate)
    if opening * unit <= available:
        return opening
    if available <= 0.0:
        return 0.0
    allowed = round_down(available / unit, lane.lot, lane.lot_inverse)
    if allowed <= 0.0 or allowed < lane.minimum_quantity or allowed * price < lane.minimum_notional:
        return 0.0
    return allowed


def _after(desk: Desk, index: int, order: Any, now: Moment, quantity: float, opening: float, cut: bool) -> None:
    """What follows from a fill: the order's end, its siblings', orders that have nothing left to reduce, and its legs."""
    lane = desk.lane
    oco, position = order.oco, lane.quantity
    if opening > 0.0 and order.legs > 0:
        _make_legs(desk, order, now, opening)  # before the order's row is free for others
    if cut:
        end(desk, index, now.bar, CUT)
    elif order.remaining <= order.asked * DUST or (order.reduce_only and position == 0.0):
        end(desk, index, now.bar, FILLED)
    elif order.kind == STOP or order.kind == TRAILING:
        order.kind = MARKET
    if oco != 0:
        for i in range(lane.count - 1, -1, -1):
            other = order_at(desk, i)
            if other.oco == oco and other.id != order.id:
                other.remaining -= quantity
                if other.remaining <= other.asked * DUST:
                    end(desk, i, now.bar, OTHER_LEG)
    for i in range(lane.count - 1, -1, -1):
        other = order_at(desk, i)
        if other.reduce_only and (position == 0.0 or position * other.side > 0.0):
            end(desk, i, now.bar, POSITION_CLOSED)


def _make_legs(desk: Desk, order: Any, now: Moment, quantity: float) -> None:
    """Bring the legs of an entry to life, or let those that live grow."""
    entry = order.value / order.filled
    stop = leg_level(-order.side, order.stop_loss_as, order.stop_loss, entry, 0.0)
    if order.stop_loss_as != LEG_NONE:
        _make_leg(desk, order, now, quantity, STOP_LEG, stop)
    if order.take_profit_as != LEG_NONE:
        target = leg_level(order.side, order.take_profit_as, order.take_profit, entry, stop)
        _make_leg(desk, order, now, quantity, TAKE_LEG, target)
    if order.leg_trail_as != LEG_NONE:
        _make_leg(desk, order, now, quantity, TRAIL_LEG, stop)


def _make_leg(desk: Desk, entry: Any, now: Moment, quantity: float, which: int, level: float) -> None:
    lane = desk.lane
    price = entry.value / entry.filled
    if which != TRAIL_LEG and level <= 0.0:
        return
    found = -1
    for i in range(lane.count):
        other = order_at(desk, i)
        if other.leg == which and other.oco == entry.id:
            found = i
    if found >= 0:
        leg = order_at(desk, found)
        leg.remaining += quantity
        leg.asked += quantity
    else:
        leg = add(desk)
        leg.tag = entry.tag
        leg.side = -entry.side
        leg.leg = which
        leg.oco = entry.id
        leg.reduce_only = 1
        leg.remaining = quantity
        leg.asked = quantity
        leg.placed = now.bar
        leg.live_from = now.bar
        leg.born = now.born
        leg.birth = now.at
        leg.direction = now.direction
        leg.fine = now.fine
        leg.extreme = price
        leg.kind = LIMIT if which == TAKE_LEG else TRAILING if which == TRAIL_LEG else STOP
    if which == STOP_LEG:
        leg.stop = order_price(level, leg.side, lane.tick, lane.tick_inverse)
    elif which == TAKE_LEG:
        leg.limit = order_price(level, leg.side, lane.tick, lane.tick_inverse)
    else:
        leg.trail_as = entry.leg_trail_as
        leg.trail = entry.leg_trail * abs(price - level) if entry.leg_trail_as == LEG_R else entry.leg_trail


def liquidate(desk: Desk, now: Moment, reference: float) -> None:
    """The venue closes the position by force and takes every working order of the instrument away."""
    lane, terms = desk.lane, desk.terms
    limit = bankruptcy_price(terms, lane)
    price = max(reference, limit) if lane.quantity > 0.0 else min(reference, limit)
    for i in range(lane.count - 1, -1, -1):
        end(desk, i, now.bar, LIQUIDATED)
    order = add(desk)
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
    book(desk, order, now, order.remaining, price, fee, 0.0, 0)
    end(desk, lane.count - 1, now.bar, FILLED)
