"""The states of orders that nodes read: `graph.types.OrderState`.

Only programs with such nodes have any. Order handling does not keep them: after whatever may have changed orders they
are made up to date from the rows of fills and closed orders that were written since, and from the working orders.
"""

from __future__ import annotations

from wickwork.graph.kernel import OrderStateRecord
from wickwork.graph.native import integers, records
from wickwork.model.order_kinds import LIQUIDATION, TRAILING
from wickwork.orders.frame import Context
from wickwork.orders.outputs import ClosedOrder, Fill
from wickwork.orders.records import WORKING
from wickwork.orders.table import order_at
from wickwork.risk.rules import nearest_lot

NEXT_BAR = -1
"""In place of a time: the opening time of the instrument's next bar, for what was reported before that bar."""


def update_order_states(ctx: Context, first_fill: int, first_closed: int, now: int, decided: int) -> None:
    """Bring the states of one instrument up to date.

    `first_fill` and `first_closed` are the first rows of the outputs that are not taken into account yet, `now` is the
    opening time of the bar on which all that happened, or NEXT_BAR. `decided` is a time inside the strategy's own bar
    on which the orders that are no legs were decided: another than `now` where that was late (`orders.own_bars`).
    """
    frame = ctx.frame
    meant = integers(frame.orders_read)
    states = records(frame.order_states, OrderStateRecord)
    for k in range(frame.order_state_count):
        state, action, leg = states[ctx.lane_index * frame.order_state_count + k], meant[2 * k], meant[2 * k + 1]
        _take_fills(ctx, state, action, leg, first_fill, now)
        placed = now if leg else decided
        _take_closed(ctx, state, action, leg, first_closed, placed)
        _take_working(ctx, state, action, leg, placed)
        state.risk = ctx.lane.initial_risk if ctx.lane.quantity != 0.0 else 0.0


def fix_times(ctx: Context, now: int) -> None:
    """Replace NEXT_BAR in the states of one instrument by the opening time of the bar that has come."""
    count = ctx.frame.order_state_count
    states = records(ctx.frame.order_states, OrderStateRecord)
    for k in range(ctx.lane_index * count, (ctx.lane_index + 1) * count):
        if states[k].placed_at == NEXT_BAR:
            states[k].placed_at = now
        if states[k].filled_at == NEXT_BAR:
            states[k].filled_at = now


def waits_for_bar(ctx: Context) -> bool:
    """Whether a state of the instrument has a time that only its next bar gives."""
    count, waits = ctx.frame.order_state_count, False
    states = records(ctx.frame.order_states, OrderStateRecord)
    for k in range(ctx.lane_index * count, (ctx.lane_index + 1) * count):
        waits = waits or states[k].placed_at == NEXT_BAR or states[k].filled_at == NEXT_BAR
    return waits


def _take_fills(ctx: Context, state: OrderStateRecord, action: int, leg: int, first: int, now: int) -> None:
    """Take the fills from that row on: when the orders filled last, and what they added to the position held."""
    fills = records(ctx.frame.fills, Fill)
    for r in range(first, ctx.account.fill_rows):
        row = fills[r]
        if row.lane != ctx.lane_index:
            continue
        if row.position * state.position <= 0.0:  # opened, closed or turned around
            state.additions = 0
            state.addition_price = 0.0
            state.adding_order = 0
        state.position = row.position
        if not _are_meant(action, leg, row.action, row.leg, row.kind):
            continue
        state.filled_at = now
        if row.side * row.position > 0.0:
            state.additions += 1 if row.order != state.adding_order else 0
            state.adding_order = row.order
            state.addition_price = row.price


def _take_closed(ctx: Context, state: OrderStateRecord, action: int, leg: int, first: int, now: int) -> None:
    """Take the orders that were closed from that row on, where they are the newest."""
    closed = records(ctx.frame.closed_orders, ClosedOrder)
    for r in range(first, ctx.account.closed_order_rows):
        row = closed[r]
        if row.lane != ctx.lane_index or row.order < state.number:
            continue
        if _are_meant(action, leg, row.action, row.leg, row.kind):
            if row.order > state.number:
                state.placed_at = now
            state.number = row.order
            state.side = row.side
            state.quantity = row.quantity
            state.filled = row.filled
            state.average = row.average
            state.price = _price_of(row.kind, row.limit, row.stop)
            state.ended = row.reason


def _take_working(ctx: Context, state: OrderStateRecord, action: int, leg: int, now: int) -> None:
    """Count the working orders, and take the newest of them."""
    lane = ctx.lane
    working, remaining = 0, 0.0
    for i in range(lane.count):
        order = order_at(ctx, i)
        if not _are_meant(action, leg, order.action, order.leg, order.kind):
            continue
        working += 1
        remaining += order.remaining
        if order.id >= state.number:
            if order.id > state.number:
                state.placed_at = now
            state.number = order.id
            state.side = order.side
            state.quantity = order.quantity
            state.filled = order.filled
            state.average = order.average
            state.price = _price_of(order.kind, order.limit, order.stop)
            state.ended = WORKING
    state.working = working
    state.remaining = nearest_lot(remaining, lane.lot, lane.lot_inverse)


def _are_meant(action: int, leg: int, of_action: int, of_leg: int, kind: int) -> bool:
    """Whether an order is one of those: of that action (−1: of any, but not the venue's own), and that leg."""
    return leg == of_leg and (action == of_action if action >= 0 else kind != LIQUIDATION)


def _price_of(kind: int, limit: float, stop: float) -> float:
    """The limit of an order, or its trigger where it has no limit; 0 without either, and for a trailing stop."""
    if kind == TRAILING:
        return 0.0
    return limit if limit > 0.0 else stop
