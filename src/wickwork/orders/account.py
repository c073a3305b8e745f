"""What a fill changes in the account: only `book_fill` changes positions, and only it and funding change cash."""

from __future__ import annotations

from wickwork.graph.native import force_inline, records
from wickwork.graph.types import LEG_NONE
from wickwork.orders.frame import Context
from wickwork.orders.levels import leg_level
from wickwork.orders.margin import liquidation_price
from wickwork.orders.outputs import Fill, RoundTrip
from wickwork.orders.records import Lane, Moment, Order
from wickwork.risk.rules import is_dust, nearest_lot


@force_inline
def book_fill(
    ctx: Context, order: Order, at: Moment, quantity: float, price: float, fee: float, slipped: float, taker: bool
) -> float:
    """Book a fill: cash, position, margin, round trip, the quantities of its order, and a row of the fills.

    `quantity` in base units, above 0; `price`, `fee` and `slipped` (money lost against the reference price) in quote
    units. Returns the quantity by which it opened or enlarged the position, 0 where it only closed.
    """
    account, lane, side = ctx.account, ctx.lane, order.side
    held = lane.quantity
    closing = min(quantity, abs(held)) if held * side < 0.0 else 0.0
    opened = 0.0 if is_dust(quantity - closing, quantity, lane.lot) else quantity - closing
    position = held + side * quantity
    if held != 0.0 or quantity != order.quantity:  # else it is what was ordered: whole lots already
        position = nearest_lot(position, lane.lot, lane.lot_inverse)
    if is_dust(abs(position), max(abs(held), quantity), lane.lot):
        position = 0.0
    account.net_cash = account.net_cash - side * quantity * price - fee
    account.fees += fee
    account.slippage += slipped
    gain = 0.0
    if held != 0.0 and closing > 0.0:
        gain = (price - lane.average) * closing * (1.0 if held > 0.0 else -1.0)
        lane.exited += closing
        lane.exited_value += closing * price
        lane.round_trip_gain += gain
        lane.round_trip_fees += fee * (closing / quantity)
    if held != 0.0 and position * held <= 0.0:
        _close_round_trip(ctx, order, at)
    if position != 0.0 and position * held <= 0.0:
        if opened == 0.0:  # a venue can report a fill that is not in whole lots
            opened = abs(position)
        _open_round_trip(ctx, order, at, opened, price)
    if opened > 0.0:
        lane.entered += opened
        lane.entered_value += opened * price
        lane.round_trip_fees += fee * (opened / quantity)
        lane.activation_phase, lane.activation_price, lane.activation_direction = (
            at.activation_phase,
            at.price,
            at.direction,
        )
    if position == 0.0:
        lane.average = 0.0
    elif position * held <= 0.0:
        lane.average = price
    elif opened > 0.0:
        lane.average = (lane.average * abs(held) + price * quantity) / (abs(held) + quantity)
    lane.quantity = position
    if lane.perpetual:
        _move_margin(ctx, held, opened, price)
    _update_cash(ctx)
    lane.changed = 1
    if quantity == order.quantity and order.filled == 0.0:  # most fills; their sums need no rounding
        order.average = price
        order.filled = quantity
        order.remaining = 0.0
    else:
        if order.filled == 0.0:
            order.average = price
        else:
            order.average = (order.average * order.filled + price * quantity) / (order.filled + quantity)
        order.filled = nearest_lot(order.filled + quantity, lane.lot, lane.lot_inverse)
        order.remaining = nearest_lot(order.remaining - quantity, lane.lot, lane.lot_inverse)
    row = records(ctx.frame.fills, Fill)[account.fill_rows]
    account.fill_rows += 1
    account.fill_total += 1
    row.bar = at.bar
    row.finer_bar = at.finer_bar
    row.lane = ctx.lane_index
    row.order = order.id
    row.action = order.action
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


def pay_funding(ctx: Context, price: float, rate: float) -> None:
    """Section 9: the position held through a funding moment pays, or receives, its share of the notional.

    `price` in quote units, `rate` a fraction: above 0 longs pay, below 0 shorts pay.

    It comes from the margin of the position, and moves its liquidation price; more than the margin is not taken.
    """
    apply_funding(ctx, min(ctx.lane.quantity * price * rate, ctx.lane.margin))


def apply_funding(ctx: Context, paid: float) -> None:
    """Take funding from the margin of the position (quote units; negative where it is received)."""
    account, lane = ctx.account, ctx.lane
    account.net_cash = account.net_cash - paid
    lane.margin -= paid
    lane.liquidation = liquidation_price(ctx.terms, lane)
    _update_cash(ctx)
    account.funding += paid
    lane.round_trip_funding += paid
    lane.changed = 1


def _move_margin(ctx: Context, held: float, opened: float, price: float) -> None:
    """Margin after a fill: a part that closes releases its share, a part that opens adds its own."""
    lane = ctx.lane
    if lane.quantity * held <= 0.0:
        lane.margin = 0.0
    elif abs(lane.quantity) < abs(held):
        lane.margin = lane.margin * (abs(lane.quantity) / abs(held))
    if opened > 0.0:
        lane.margin += opened * price / ctx.terms.leverage
    lane.liquidation = liquidation_price(ctx.terms, lane)


def _update_cash(ctx: Context) -> None:
    """The wallet: net cash and what the open positions of perpetuals cost."""
    account = ctx.account
    cost = 0.0
    if account.perpetuals > 0:
        lanes = records(ctx.frame.lanes, Lane)
        for g in range(ctx.frame.lane_count):
            if lanes[g].perpetual:
                cost += lanes[g].quantity * lanes[g].average
    account.cash = account.net_cash + cost


def _open_round_trip(ctx: Context, order: Order, at: Moment, quantity: float, price: float) -> None:
    """Begin a round trip with a fill of that quantity (base units) and price (quote units)."""
    lane = ctx.lane
    lane.round_trip += 1
    lane.opened_bar = at.bar
    lane.entry_order = order.id
    lane.entered = 0.0
    lane.entered_value = 0.0
    lane.exited = 0.0
    lane.exited_value = 0.0
    lane.round_trip_fees = 0.0
    lane.round_trip_funding = 0.0
    lane.round_trip_gain = 0.0
    stop = leg_level(-order.side, order.stop_loss_as, order.stop_loss, price, 0.0)
    lane.initial_risk = abs(price - stop) * quantity if order.stop_loss_as != LEG_NONE else 0.0


def _close_round_trip(ctx: Context, order: Order, at: Moment) -> None:
    """Write the row of the round trip that a fill of this order ends, and count it. The lane still has its position."""
    account, lane = ctx.account, ctx.lane
    row = records(ctx.frame.round_trips, RoundTrip)[account.round_trip_rows]
    account.round_trip_rows += 1
    row.lane = ctx.lane_index
    row.direction = 1 if lane.quantity > 0.0 else -1
    row.opened = lane.opened_bar
    row.closed = at.bar
    row.entry_order = lane.entry_order
    row.exit_order = order.id
    row.exit_leg = order.leg
    row.exit_kind = order.kind
    row.exit_action = order.action
    row.quantity = lane.entered
    row.entry = lane.entered_value / lane.entered
    row.exit = lane.exited_value / lane.exited
    row.fees = lane.round_trip_fees
    row.funding = lane.round_trip_funding
    row.gain = lane.round_trip_gain - lane.round_trip_fees - lane.round_trip_funding
    row.risk = lane.initial_risk
    account.round_trip_total += 1
    if row.gain > 0.0:
        account.wins += 1
