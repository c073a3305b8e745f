"""What became of the orders that an action placed: read at the close of each bar, after matching.

A node sees orders as they are before the decisions of its bar, so what an action places is there from the next bar on.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.slower import opening_of
from wickwork.graph.types import (
    Bar,
    BarLength,
    Between,
    Choice,
    Condition,
    Event,
    Moment,
    OrderHandle,
    OrderState,
    Position,
    Series,
)
from wickwork.nodes.order_inputs import refuse_target
from wickwork.nodes.order_intents import leg_code

nan = float("nan")
FILLED = 1
"""Of `OrderState.ended`: the order was filled to the end."""
LEGS = ("stop_loss", "take_profit", "trailing")

Count = Annotated[Series, Between(0, 1e15)]


class OrderOutputs(NamedTuple):
    """The orders of one action. What has no value yet is missing."""

    working: Condition
    """Whether one of them works."""
    filled: Event
    """Whether one of them was filled on this bar, in part or to the end."""
    complete: Condition
    """Whether the newest is filled to the end."""
    canceled: Condition
    """Whether the newest has ended without that: canceled, expired, rejected."""
    orders: Count
    """How many work."""
    number: Count
    """The number of the newest."""
    side: Annotated[Series, Between(-1, 1)]
    """1 where the newest buys, −1 where it sells."""
    price: Series
    """Its limit, or its trigger; missing for market orders and trailing stops."""
    quantity: Series
    """What it orders, in base units."""
    filled_quantity: Series
    """What of that is filled."""
    average: Series
    """The average price of what is filled; missing before."""
    remaining: Series
    """What is left to fill of all that work."""
    age: Count
    """Bars since the newest was placed: 1 on the bar after the decision."""


@node(
    title="Order state",
    phrase={
        "working": "one of {order} works",
        "filled": "one of {order} fills",
        "complete": "the newest of {order} is filled",
        "canceled": "the newest of {order} has ended unfilled",
        "orders": "the number of {order} that work",
        "number": "the number of the newest of {order}",
        "side": "the side of the newest of {order}",
        "price": "the price of the newest of {order}",
        "quantity": "the quantity of the newest of {order}",
        "filled_quantity": "the filled quantity of the newest of {order}",
        "average": "the average price of the newest of {order}",
        "remaining": "what {order} have left to fill",
        "age": "the bars since the newest of {order} was placed",
    },
    group="order state",
    terms=("get order", "is filled", "order status", "executed"),
)
def order_state(order: OrderHandle, orders: OrderState, moment: Moment, length: BarLength) -> OrderOutputs:
    """What became of the orders that one action has placed, legs of brackets aside.

    `working` is true while one of them works, `filled` on each bar on which one of them fills, in part or to the end.
    `orders` counts those that work, `remaining` is what they still have to fill. All else is about the newest: whether
    it is `complete`, or was `canceled` (by the strategy, its sibling or the venue), its `price` (limit or trigger),
    `quantity`, `filled_quantity`, `average` price of what is filled, `side` (1 buys, −1 sells), `number` and `age` in
    bars.
    """
    return read_orders(orders, moment, length)


@node(
    title="Last order",
    phrase={
        "working": "an order works",
        "filled": "an order fills",
        "complete": "the newest order is filled",
        "canceled": "the newest order has ended unfilled",
        "orders": "the number of orders that work",
        "number": "the number of the newest order",
        "side": "the side of the newest order",
        "price": "the price of the newest order",
        "quantity": "the quantity of the newest order",
        "filled_quantity": "the filled quantity of the newest order",
        "average": "the average price of the newest order",
        "remaining": "what all orders have left to fill",
        "age": "the bars since the newest order was placed",
    },
    group="order state",
    terms=("get last order", "newest order", "latest order"),
)
def last_order(orders: OrderState, moment: Moment, length: BarLength) -> OrderOutputs:
    """The newest order in this instrument, whichever action placed it; outputs as those of Order state.

    Legs of brackets do not count, nor do liquidations. `orders`, `remaining`, `working` and `filled` are about all
    orders.
    """
    return read_orders(orders, moment, length)


def read_orders(orders: OrderState, moment: int, length: int) -> OrderOutputs:
    """The outputs of a node that reads orders; compiled as a part of it."""
    exists = orders.number > 0
    return OrderOutputs(
        working=orders.working > 0,
        filled=orders.filled_at >= moment,
        complete=exists and orders.ended == FILLED,
        canceled=exists and orders.ended > FILLED,
        orders=float(orders.working),
        number=float(orders.number) if exists else nan,
        side=float(orders.side) if exists else nan,
        price=orders.price if orders.price > 0.0 else nan,
        quantity=orders.quantity if exists else nan,
        filled_quantity=orders.filled if exists else nan,
        average=orders.average if orders.average > 0.0 else nan,
        remaining=orders.remaining,
        age=(moment - opening_of(orders.placed_at, length)) / length if exists else nan,
    )


class LegOutputs(NamedTuple):
    """One leg of the entries of an action."""

    working: Condition
    """Whether it works."""
    filled: Event
    """Whether it was filled on this bar, in part or to the end."""
    complete: Condition
    """Whether the newest is filled to the end."""
    price: Series
    """Its limit or trigger; missing for a trailing stop that follows."""
    quantity: Series
    """What it orders, in base units."""
    filled_quantity: Series
    """What of that is filled."""
    average: Series
    """The average price of what is filled; missing before."""
    remaining: Series
    """What is left to fill."""


@node(
    title="Leg state",
    phrase={
        "working": "the {leg} of {order} works",
        "filled": "the {leg} of {order} fills",
        "complete": "the newest {leg} of {order} is filled",
        "price": "the price of the {leg} of {order}",
        "quantity": "the quantity of the {leg} of {order}",
        "filled_quantity": "the filled quantity of the {leg} of {order}",
        "average": "the average price of the {leg} of {order}",
        "remaining": "what the {leg} of {order} has left to fill",
    },
    group="order state",
    leg=lambda leg, target: leg_code(int(leg) + 1, int(target)),
    requires=lambda leg, target: refuse_target(int(leg) + 1, int(target)),
    terms=("stop loss hit", "take profit hit", "bracket", "is stopped out"),
)
def leg_state(
    order: OrderHandle,
    orders: OrderState,
    moment: Moment,
    *,
    leg: Annotated[int, Choice(*LEGS)] = 0,
    target: Annotated[int, Between(1, 4)] = 1,
) -> LegOutputs:
    """What became of the stop loss, take profit or trailing stop of the entries that one action has placed.

    `working` is true while it works, `filled` on the bar on which it fills; `price` is its level now. After an entry
    the leg is there from the bar on which the entry fills. Of several take profits it is the one with the number
    `target`.
    """
    exists = orders.number > 0
    return LegOutputs(
        working=orders.working > 0,
        filled=orders.filled_at >= moment,
        complete=exists and orders.ended == FILLED,
        price=orders.price if orders.price > 0.0 else nan,
        quantity=orders.quantity if exists else nan,
        filled_quantity=orders.filled if exists else nan,
        average=orders.average if orders.average > 0.0 else nan,
        remaining=orders.remaining,
    )


@node(
    title="Entries count",
    phrase="the number of entries of the position",
    group="position",
    terms=("pyramiding", "additions", "scale in", "safety orders"),
)
def entries_count(orders: OrderState, order: OrderHandle = -1) -> Count:
    """How many orders have opened or enlarged the position that is held: 1 after the entry, 0 when flat.

    With `order` only those of that action count. An order that fills in parts counts once.
    """
    return float(orders.additions)


@node(
    title="Last entry price",
    phrase="the price of the last entry of the position",
    group="position",
    terms=("pyramiding", "last addition", "dca"),
)
def last_entry_price(orders: OrderState, order: OrderHandle = -1) -> Series:
    """The price of the last fill that opened or enlarged the position that is held; missing when flat.

    With `order` only fills of that action count.
    """
    return orders.addition_price if orders.additions > 0 else nan


@node(
    title="Position by R",
    phrase="the gain of the position in R",
    group="position",
    terms=("r multiple", "risk multiple", "profit in r"),
)
def position_by_r(position: Position, orders: OrderState, bars: Bar) -> Series:
    """What closing at this bar's close would win or lose before costs, in multiples of the risk of the entry.

    That risk is the loss at the stop loss of the entry that opened the position, as in the column R of the trades.
    Missing when flat, and without a stop loss.
    """
    return position.quantity * (bars.close - position.average) / orders.risk if orders.risk > 0.0 else nan
