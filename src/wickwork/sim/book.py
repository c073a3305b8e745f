"""A fill becomes money. Only `book` changes cash and positions; funding is the only other payment."""

from __future__ import annotations

from typing import Any

from wickwork.graph.native import records
from wickwork.graph.types import LEG_DISTANCE, LEG_NONE, LEG_PRICE, LEG_R, LEG_SHARE
from wickwork.risk.rules import is_dust
from wickwork.sim.costs import liquidation_price
from wickwork.sim.records import FILL, TRIP, Desk, Moment


def book(
    desk: Desk, order: Any, now: Moment, quantity: float, price: float, fee: float, slipped: float, taker: bool
) -> float:
    """Book a fill: cash, position, round trip, and a row of the fills.

    Returns how much of it opened or enlarged the position.
    """
    books, lane, side = desk.books, desk.lane, order.side
    held = lane.quantity
    closing = min(quantity, abs(held)) if held * side < 0.0 else 0.0
    opened = 0.0 if is_dust(quantity - closing, quantity, lane.lot) else quantity - closing
    position = held + side * quantity
    if is_dust(abs(position), max(abs(held), quantity), lane.lot):
        position = 0.0
    books.cash = books.cash - side * quantity * price - fee
    books.fees += fee
    books.slippage += slipped
    gain = 0.0
    if held != 0.0 and closing > 0.0:
        gain = (price - lane.average) * closing * (1.0 if held > 0.0 else -1.0)
        lane.left += closing
        lane.left_value += closing * price
        lane.trip_gain += gain
        lane.trip_fees += fee * (closing / quantity)
    if held != 0.0 and position * held <= 0.0:
        _close_trip(desk, order, now)
    if position != 0.0 and position * held <= 0.0:
        _open_trip(desk, order, now, opened, price)
    if opened > 0.0:
        lane.entered += opened
        lane.entered_value += opened * price
        lane.trip_fees += fee * (opened / quantity)
        lane.born, lane.birth, lane.direction = now.born, now.at, now.direction
    if position == 0.0:
        lane.average = 0.0
    elif position * held <= 0.0:
        lane.average = price
    elif opened > 0.0:
        lane.average = (lane.average * abs(held) + price * quantity) / (abs(held) + quantity)
    lane.quantity = position
    lane.liquidation = liquidation_price(desk.terms, lane)
    lane.changed = 1
    order.average = (
        price if order.filled == 0.0 else (order.average * order.filled + price * quantity) / (order.filled + quantity)
    )
    order.filled += quantity
    order.remaining -= quantity
    row = records(desk.frame.fills, FILL)[books.fills]
    books.fills += 1
    row.bar = now.bar
    row.fine = now.fine
    row.lane = desk.number
    row.order = order.id
    row.tag = order.tag
    row.side = side
    row.kind = order.kind
    row.leg = order.leg
    row.maker = 0 if taker else 1
    row.quantity = quantity
    row.price = price
    row.fee = fee
    row.position = position
    row.gain = gain
    row.slippage = slipped
    return opened


def pay_funding(desk: Desk, price: float, rate: float) -> None:
    """Section 9: the position held through a funding moment pays, or receives, its share."""
    books, lane = desk.books, desk.lane
    paid = lane.quantity * price * rate
    books.cash = books.cash - paid
    books.funding += paid
    lane.trip_funding += paid
    lane.changed = 1


def _open_trip(desk: Desk, order: Any, now: Moment, quantity: float, price: float) -> None:
    lane = desk.lane
    lane.trip += 1
    lane.opened = now.bar
    lane.entry_order = order.id
    lane.entered = 0.0
    lane.entered_value = 0.0
    lane.left = 0.0
    lane.left_value = 0.0
    lane.trip_fees = 0.0
    lane.trip_funding = 0.0
    lane.trip_gain = 0.0
    stop = leg_level(-order.side, order.stop_loss_as, order.stop_loss, price, 0.0)
    lane.risk = abs(price - stop) * quantity if order.stop_loss_as != LEG_NONE else 0.0


def _close_trip(desk: Desk, order: Any, now: Moment) -> None:
    books, lane = desk.books, desk.lane
    row = records(desk.frame.trips, TRIP)[books.trips_written]
    books.trips_written += 1
    row.lane = desk.number
    row.direction = 1 if lane.quantity > 0.0 else -1
    row.opened = lane.opened
    row.closed = now.bar
    row.entry_order = lane.entry_order
    row.exit_order = order.id
    row.exit_leg = order.leg
    row.exit_kind = order.kind
    row.exit_tag = order.tag
    row.quantity = lane.entered
    row.entry = lane.entered_value / lane.entered
    row.exit = lane.left_value / lane.left
    row.fees = lane.trip_fees
    row.funding = lane.trip_funding
    row.gain = lane.trip_gain - lane.trip_fees - lane.trip_funding
    row.risk = lane.risk
    books.trips += 1
    if row.gain > 0.0:
        books.wins += 1


def leg_level(side: int, mode: int, amount: float, entry: float, stop: float) -> float:
    """The level of a leg: `side` is +1 for a level above the entry, −1 for one below.

    R counts from the level `stop`.
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
