"""What a node reads of orders, from the list of all orders and of all fills so far."""

from collections.abc import Iterator, Sequence

from tests.reference import values as v
from wickwork.graph.types import OrderState
from wickwork.orders.records import REASONS

LEGS = ("", "stop loss", "take profit", "trailing stop", "take profit 2", "take profit 3", "take profit 4")


def order_state(view: v.View, opened_at: Sequence[int], action: int, leg: int) -> OrderState:
    """The state of the orders of an action (−1: of all), or of a leg of them; `opened_at` are times of bars in ms."""
    everything = {order.id: order for order in (*view.ended, *view.orders)}
    meant = {
        order.id: order
        for order in everything.values()
        if order.leg_name == LEGS[leg] and action in (order.action, -1) and order.kind != "liquidation"
    }
    filled_bars = [fill.bar for fill in view.fills if fill.order in meant]
    working = [order for order in view.orders if order.id in meant]
    remaining = 0.0
    for order in working:
        remaining += order.remaining
    added, risk = [], 0.0
    for fill, opening in fills_of_position(view.fills):
        order = everything[fill.order]
        if opening > 0 and order.stop_loss is not None:
            risk = abs(fill.price - v.stop_loss_level(order.stop_loss, fill.price, order.side)) * opening
        if fill.order in meant and fill.side * fill.position > 0:
            added.append(fill)
    additions = 0
    for k, fill in enumerate(added):
        additions += k == 0 or fill.order != added[k - 1].order
    newest = meant[max(meant)] if meant else None
    return OrderState(
        number=newest.id if newest else 0,
        side=newest.side if newest else 0,
        quantity=newest.asked if newest else 0.0,
        filled=newest.filled if newest else 0.0,
        average=newest.average if newest else 0.0,
        price=price_of(newest) if newest else 0.0,
        ended=REASONS.index(newest.reason) if newest and newest.reason else 0,
        placed_at=opened_at[newest.placed] if newest else 0,
        filled_at=opened_at[max(filled_bars)] if filled_bars else 0,
        working=len(working),
        remaining=v.nearest_lot(remaining, view.lot),
        additions=additions,
        addition_price=added[-1].price if added else 0.0,
        risk=risk,
    )


def fills_of_position(fills: Sequence[v.Fill]) -> Iterator[tuple[v.Fill, float]]:
    """The fills since the position that is held was opened, the first with the quantity that opened it, else with 0."""
    since: list[tuple[v.Fill, float]] = []
    before = 0.0
    for fill in fills:
        if fill.position * before <= 0:
            closed = min(fill.quantity, abs(before)) if before * fill.side < 0 else 0.0
            since = [(fill, fill.quantity - closed)] if fill.position != 0 else []
        else:
            since.append((fill, 0.0))
        before = fill.position
    return iter(since)


def price_of(order: v.OrderRecord) -> float:
    """The limit, or the trigger; 0 without either, and for a trailing stop."""
    prices = [price for price in (order.limit, order.stop) if price == price and order.kind != "trailing"]
    return prices[0] if prices else 0.0
