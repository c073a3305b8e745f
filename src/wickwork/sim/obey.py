"""Intents become orders, or are denied with a reason: docs/matching.md, sections 8 and 11."""

from __future__ import annotations

from typing import Any

from wickwork.graph.types import (
    CANCEL,
    CLOSE,
    ENTER,
    GRID,
    GTC,
    LEG_NONE,
    LEG_PRICE,
    LEG_R,
    LIMIT,
    MARKET,
    MODIFY,
    PERCENT_OF_CASH,
    PLACE,
    REVERSE,
    RISK_PERCENT,
    STOP,
    STOP_LIMIT,
    TRAILING,
)
from wickwork.risk.rules import is_positive, order_price, round_down
from wickwork.risk.sizing import quantity_of
from wickwork.sim.book import leg_level
from wickwork.sim.costs import expected_cost
from wickwork.sim.grid import ALLOWED, begin_grid, end_grid
from wickwork.sim.modify import modify
from wickwork.sim.records import (
    ALREADY_CHANGING,
    ALREADY_CLOSING,
    BELOW_MINIMUM,
    BY_STRATEGY,
    ENTRY_WORKS,
    FOREVER,
    MISSING_VALUE,
    NO_STOP_FOR_SIZE,
    NO_SUCH_ORDER,
    NOT_AT_ONCE_KIND,
    NOTHING_HELD,
    POSITION_HELD,
    SHORT_ON_SPOT,
    STOP_ON_WRONG_SIDE,
    TABLE_FULL,
    TARGET_ON_WRONG_SIDE,
    Desk,
)
from wickwork.sim.table import add, deny, end, has_room, order_at

nan = float("nan")


def obey(desk: Desk, wish: Any, tag: int, bar: int, close: float, equity: float) -> None:
    """Do what one intent asks at the close of that bar. `equity` is the account's, for sizes in percent."""
    if wish.verb == CANCEL:
        _cancel(desk, wish, bar)
        return
    reason = ALLOWED
    if wish.verb == ENTER:
        reason = _may_enter(desk, wish.side, wish.add)
        if reason == ALLOWED:
            reason = _place(desk, wish, tag, bar, close, equity, wish.side, 1)
    elif wish.verb == PLACE:
        reason = _place(desk, wish, tag, bar, close, equity, wish.side, 0)
    elif wish.verb == CLOSE:
        reason = _close(desk, wish.size, tag, bar)
    elif wish.verb == REVERSE:
        reason = _reverse(desk, wish, tag, bar, close, equity)
    elif wish.verb == MODIFY:
        reason = _modify(desk, wish, bar, close)
    elif wish.verb == GRID:
        reason = begin_grid(desk, wish, tag, bar, close, equity)
    if reason != ALLOWED:
        deny(desk, tag, bar, reason)


def _may_enter(desk: Desk, side: int, adding: int) -> int:
    lane = desk.lane
    if side < 0 and not lane.perpetual:
        return SHORT_ON_SPOT
    if lane.quantity != 0.0 and not (adding and lane.quantity * side > 0.0):
        return POSITION_HELD
    if lane.entries > 0:
        return ENTRY_WORKS
    return ALLOWED


def _reverse(desk: Desk, wish: Any, tag: int, bar: int, close: float, equity: float) -> int:
    """Close what is held, then enter on the other side; each is done or denied by itself."""
    lane, side = desk.lane, wish.side
    if side == 0:
        if lane.quantity == 0.0:
            return NOTHING_HELD
        side = -1 if lane.quantity > 0.0 else 1
    if lane.quantity * side > 0.0:
        return POSITION_HELD
    if lane.quantity != 0.0:
        reason = _close(desk, 100.0, tag, bar)
        if reason != ALLOWED:
            deny(desk, tag, bar, reason)
    if side < 0 and not lane.perpetual:
        return SHORT_ON_SPOT
    if lane.entries > 0:
        return ENTRY_WORKS
    return _place(desk, wish, tag, bar, close, equity, side, 1)


def _close(desk: Desk, percent: float, tag: int, bar: int) -> int:
    lane = desk.lane
    if lane.quantity == 0.0:
        return NOTHING_HELD
    for i in range(lane.count):
        if order_at(desk, i).closing:
            return ALREADY_CLOSING
    if not is_positive(percent):
        return MISSING_VALUE
    quantity = abs(lane.quantity)
    if percent < 100.0:
        quantity = round_down(quantity * percent / 100.0, lane.lot, lane.lot_inverse)
    if not is_positive(quantity):
        return BELOW_MINIMUM
    if not has_room(lane, 1):
        return TABLE_FULL
    order = add(desk)
    order.tag = tag
    order.kind = MARKET
    order.side = -1 if lane.quantity > 0.0 else 1
    order.reduce_only = 1
    order.closing = 1
    order.asked = quantity
    order.remaining = quantity
    order.placed = bar
    order.live_from = bar + 1 + desk.terms.latency
    return ALLOWED


def _place(desk: Desk, wish: Any, tag: int, bar: int, close: float, equity: float, side: int, entry: int) -> int:
    """Place one order of any kind; section 11."""
    lane, terms, kind = desk.lane, desk.terms, wish.kind
    limit = stop = 0.0
    if kind == LIMIT or kind == STOP_LIMIT:
        limit = order_price(wish.limit, side, lane.tick, lane.tick_inverse) if wish.limit > 0.0 else nan
    if kind == STOP or kind == STOP_LIMIT:
        stop = order_price(wish.stop, side, lane.tick, lane.tick_inverse) if wish.stop > 0.0 else nan
    if kind == TRAILING and not (
        is_positive(wish.trail) and leg_level(side, wish.trail_as, wish.trail, close, 0.0) > 0.0
    ):
        return MISSING_VALUE
    reference = limit if kind == LIMIT or kind == STOP_LIMIT else stop if kind == STOP else close
    if not is_positive(reference) or (kind == STOP_LIMIT and not is_positive(stop)):
        return MISSING_VALUE
    if wish.time_in_force != GTC and kind != MARKET and kind != LIMIT:
        return NOT_AT_ONCE_KIND
    reason = _check_legs(wish, side, reference)
    if reason != ALLOWED:
        return reason
    stop_loss = leg_level(-side, wish.stop_loss_as, wish.stop_loss, reference, 0.0)
    cost = expected_cost(terms, reference)
    money = desk.books.cash if wish.size_as == PERCENT_OF_CASH else equity
    quantity = quantity_of(wish.size_as, wish.size, reference, money, stop_loss, cost, terms.taker)
    if not is_positive(quantity):
        return MISSING_VALUE
    quantity = round_down(quantity, lane.lot, lane.lot_inverse)
    if not is_positive(quantity) or quantity < lane.minimum_quantity or quantity * reference < lane.minimum_notional:
        return BELOW_MINIMUM
    legs = (
        int(wish.stop_loss_as != LEG_NONE) + int(wish.take_profit_as != LEG_NONE) + int(wish.leg_trail_as != LEG_NONE)
    )
    if not has_room(lane, 1 + legs):
        return TABLE_FULL
    order = add(desk)
    order.tag = tag
    order.kind = kind
    order.side = side
    order.limit = limit
    order.stop = stop
    order.asked = quantity
    order.remaining = quantity
    order.placed = bar
    order.live_from = bar + 1 + terms.latency
    order.entry = entry
    lane.entries += entry
    if kind == TRAILING:
        order.extreme = close
        order.trail_as = wish.trail_as
        order.trail = wish.trail
    order.time_in_force = wish.time_in_force
    order.reduce_only = wish.reduce_only
    order.post_only = wish.post_only
    order.oco = -wish.oco
    if wish.good_for > 0:
        order.good_until = order.live_from + wish.good_for - 1
    if legs > 0:
        order.legs = legs
        lane.used += legs
        order.stop_loss_as = wish.stop_loss_as
        order.stop_loss = wish.stop_loss
        order.take_profit_as = wish.take_profit_as
        order.take_profit = wish.take_profit
        order.leg_trail_as = wish.leg_trail_as
        order.leg_trail = wish.leg_trail
    return ALLOWED


def _check_legs(wish: Any, side: int, reference: float) -> int:
    """Whether the legs are complete and on their sides."""
    if wish.stop_loss_as != LEG_NONE and not is_positive(wish.stop_loss):
        return MISSING_VALUE
    if wish.take_profit_as != LEG_NONE and not is_positive(wish.take_profit):
        return MISSING_VALUE
    if wish.leg_trail_as != LEG_NONE and not is_positive(wish.leg_trail):
        return MISSING_VALUE
    if wish.stop_loss_as == LEG_NONE and (
        wish.size_as == RISK_PERCENT or wish.take_profit_as == LEG_R or wish.leg_trail_as == LEG_R
    ):
        return NO_STOP_FOR_SIZE
    stop_loss = leg_level(-side, wish.stop_loss_as, wish.stop_loss, reference, 0.0)
    if wish.stop_loss_as != LEG_NONE and (reference - stop_loss) * side <= 0.0:
        return STOP_ON_WRONG_SIDE
    if wish.take_profit_as == LEG_PRICE and (wish.take_profit - reference) * side <= 0.0:
        return TARGET_ON_WRONG_SIDE
    return ALLOWED


def _cancel(desk: Desk, wish: Any, bar: int) -> None:
    lane, latency = desk.lane, desk.terms.latency
    if wish.target < 0 or wish.target == lane.grid_tag:
        end_grid(lane)
    for i in range(lane.count - 1, -1, -1):
        order = order_at(desk, i)
        if (wish.target < 0 or order.tag == wish.target) and (wish.legs or order.leg == 0):
            if latency == 0:
                end(desk, i, bar, BY_STRATEGY)
            else:
                order.cancel_at = min(order.cancel_at, bar + 1 + latency)


def _modify(desk: Desk, wish: Any, bar: int, close: float) -> int:
    """Change price (`limit` of the intent) and remaining quantity (`size`) of the working orders of one action."""
    lane, latency, found = desk.lane, desk.terms.latency, NO_SUCH_ORDER
    price, quantity = wish.limit, wish.size
    if price != price and quantity != quantity:
        return MISSING_VALUE
    if (price == price and not is_positive(price)) or (quantity == quantity and not is_positive(quantity)):
        return MISSING_VALUE
    for i in range(lane.count):
        order = order_at(desk, i)
        if not _is_meant(wish, order):
            continue
        found = _check_change(order, lane, price, quantity, close)
        if found != ALLOWED:
            return found
    for i in range(lane.count):  # all of them or none
        order = order_at(desk, i)
        if not _is_meant(wish, order):
            continue
        order.new_price = order_price(price, order.side, lane.tick, lane.tick_inverse) if price == price else nan
        order.new_quantity = round_down(quantity, lane.lot, lane.lot_inverse) if quantity == quantity else nan
        if latency == 0:
            modify(order, bar + 1)
        else:
            order.modify_at = bar + 1 + latency
    return found


def _is_meant(wish: Any, order: Any) -> bool:
    """Whether a modification aims at that order."""
    return (wish.target < 0 or order.tag == wish.target) and order.leg == 0 and order.grid == 0  # type: ignore[no-any-return]


def _check_change(order: Any, lane: Any, price: float, quantity: float, close: float) -> int:
    """Whether one order may be changed to that price and remaining quantity."""
    if order.modify_at != FOREVER:
        return ALREADY_CHANGING
    kind = order.kind
    reference = order.limit if kind == LIMIT or kind == STOP_LIMIT else order.stop if kind == STOP else close
    if price == price:
        new = order_price(price, order.side, lane.tick, lane.tick_inverse)
        if not is_positive(new):
            return MISSING_VALUE
        reference = new if kind == LIMIT or kind == STOP_LIMIT or kind == STOP else reference
    if quantity == quantity:
        new = round_down(quantity, lane.lot, lane.lot_inverse)
        if not is_positive(new) or new < lane.minimum_quantity or new * reference < lane.minimum_notional:
            return BELOW_MINIMUM
    return ALLOWED
