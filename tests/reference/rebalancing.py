"""Section 14: a position brought to a share of equity."""

import math

from . import values as v
from .intents import enlist, expected_cost, measurable, require, require_room
from .values import BUY, SELL, Account, Desk, Intent, Order


def rebalance(account: Account, desk: Desk, t: int, intent: Intent) -> None:
    weight, close, equity, market = intent.size, desk.last_close, account.equity[-1], desk.market
    require(v.MISSING, math.isfinite(weight))
    require(v.NOT_POSITIVE, weight == 0 or measurable(equity))
    require(v.NO_SHORT, weight >= 0 or market.kind == "perpetual")
    require(v.REBALANCE_WORKS, not any(o.kind == "market" and o.action == intent.action for o in desk.orders))
    held = desk.position
    if weight == 0:
        if held != 0:
            place(account, desk, t, intent, SELL if held > 0 else BUY, abs(held), reduce_only=True)
        return
    if abs(held * close / equity * 100 - weight) <= intent.tolerance:
        return
    side = BUY if weight > 0 else SELL
    target = equity * abs(weight) / 100
    same_side = held * side >= 0
    if same_side and target < abs(held) * close:
        quantity = min(v.round_down((abs(held) * close - target) / close, market.lot), abs(held))
        if is_enough(desk, quantity, close):
            place(account, desk, t, intent, -side, quantity, reduce_only=True)
        return
    missing = target - abs(held) * close if same_side else target
    config = account.config_of(desk)
    price = close * ((1 + expected_cost(config, close)) * (1 + config.taker_fee))
    quantity = v.round_down(missing / price * (1 - 1e-12), market.lot)
    orders = [] if same_side else [(abs(held), True)]
    orders += [(quantity, False)] if is_enough(desk, quantity, close) else []
    require(v.TABLE_FULL, fits(desk, len(orders)))
    for size, reduce_only in orders:
        place(account, desk, t, intent, side, size, reduce_only=reduce_only)


def is_enough(desk: Desk, quantity: float, close: float) -> bool:
    market = desk.market
    return measurable(quantity) and quantity >= market.minimum_quantity and quantity * close >= market.minimum_notional


def fits(desk: Desk, many: int) -> bool:
    return sum(order.table_places for order in desk.orders) + many <= 1024


def place(
    account: Account, desk: Desk, t: int, intent: Intent, side: int, quantity: float, *, reduce_only: bool
) -> None:
    order = Order(
        id=0,
        instrument=desk.index,
        action=intent.action,
        side=side,
        kind="market",
        asked=quantity,
        placed=t,
        live_from=t + 1 + account.config.latency,
        reduce_only=reduce_only,
        verb="rebalance",
    )
    require_room(desk, order)
    enlist(account, desk, order)
