"""From intent to order (section 11), and the cancels and modifications of section 8."""

import math
from dataclasses import replace
from math import isfinite

from . import values as v
from .turning import level_at
from .values import BUY, SELL, Account, Config, Desk, Intent, Market, Order

PLACES = 1024


class Denied(Exception):
    """Its text is the reason."""


def attempt(verb, account: Account, desk: Desk, t: int, intent: Intent) -> None:
    try:
        verb(account, desk, t, intent)
    except Denied as denied:
        account.denied.append(v.Denial(t, desk.index, intent.action, str(denied)))


# Section 8


def aimed_at(desk: Desk, target: int | None, legs: bool) -> list[Order]:
    return [order for order in desk.orders if target in (None, order.action) and (legs or not order.leg)]


def arrive(account: Account, desk: Desk, t: int, effect) -> None:
    """With latency 0 at once, with latency L at the beginning of bar `t + 1 + L`."""
    if account.config.latency == 0:
        effect(t)
    else:
        desk.arriving.append((t + 1 + account.config.latency, effect))


def cancel(account: Account, desk: Desk, t: int, intent: Intent) -> None:
    """The orders that work at the decision are meant, also when the cancel arrives later."""
    if intent.leg:
        for order in aimed_at(desk, intent.target, legs=True):
            if order.leg == intent.leg:
                order.leaving = True
                arrive(account, desk, t, lambda now, order=order: account.end(order, now, v.CANCELED))
        return
    if desk.grid and intent.target in (None, desk.grid.action):
        desk.grid = None
    for order in aimed_at(desk, intent.target, intent.legs):
        order.leaving = True
        arrive(account, desk, t, lambda now, order=order: account.end(order, now, v.CANCELED))


def modify(account: Account, desk: Desk, t: int, intent: Intent) -> None:
    require(v.MISSING, not math.isnan(intent.price) or not math.isnan(intent.quantity))
    for value in (intent.price, intent.quantity):
        require(v.MISSING, math.isnan(value) or measurable(value))
    require(v.QUANTITY_OF_LEG, not intent.leg or math.isnan(intent.quantity))
    meant = [o for o in aimed_at(desk, intent.target, legs=True) if o.grid is None and o.leg == intent.leg]
    require(v.NO_SUCH_ORDER, bool(meant))
    effects = []
    for order in meant:
        require(v.ALREADY_CHANGING, not order.changing)
        effects.append((order, modification(desk, order, intent)))
    for order, effect in effects:  # all of them or none
        order.changing = True
        arrive(account, desk, t, effect)


def modification(desk: Desk, order: Order, intent: Intent):
    """What a modification does to an order when it arrives; NaN leaves a value as it is."""
    price, quantity, r = intent.price, intent.quantity, reference_price(desk, order)
    if not math.isnan(price):
        require_prices(price)
        toward = -order.side if order.kind in ("market_if_touched", "trailing_from") else order.side
        price = v.round_price(price, toward, desk.market.tick)
        require_prices(price)
        r = price if order.kind not in ("market", "trailing") else r
    if not math.isnan(quantity):
        require(v.MISSING, measurable(quantity))
        quantity = v.round_down(quantity, desk.market.lot)
        require_size(desk.market, quantity, r)

    def effect(now: int) -> None:
        if not math.isnan(quantity):
            order.asked = order.filled + quantity
            order.remaining = quantity
        if not math.isnan(price):
            if order.kind in ("limit", "stop_limit"):
                order.limit = price
            elif order.kind in ("stop", "market_if_touched", "trailing_from"):
                order.stop = price
            order.pinned = bool(order.leg)
        order.fresh = True
        order.touched = math.nan
        order.changing = False

    return effect


# Section 11


def require(reason: str, condition: bool) -> None:
    if not condition:
        raise Denied(reason)


def measurable(value: float) -> bool:
    """Whether a price, quantity or distance is one: what is not positive, or beyond all measure, counts as missing."""
    return 1e-30 < value < 1e30


def require_size(market: Market, quantity: float, r: float) -> None:
    require(v.NOT_POSITIVE, measurable(quantity))
    require(v.BELOW_MINIMUM, quantity >= market.minimum_quantity)
    require(v.BELOW_MINIMUM, quantity * r >= market.minimum_notional)


def require_prices(*prices: float) -> None:
    require(v.MISSING, all(isfinite(price) for price in prices))
    require(v.NOT_POSITIVE, all(measurable(price) for price in prices))


def require_room(desk: Desk, order: Order) -> None:
    taken = sum(working.table_places for working in desk.orders)
    require(v.TABLE_FULL, taken + order.table_places <= PLACES)


def close(account: Account, desk: Desk, t: int, intent: Intent) -> None:
    """A reduce-only market order for a percentage of the position."""
    require(v.NOTHING_TO_CLOSE, desk.position != 0)
    require(v.CLOSE_WORKS, not any(order.verb == "close" for order in desk.orders))
    require_prices(intent.size)
    held = abs(desk.position)
    quantity = held if intent.size >= 100 else v.round_down(held * intent.size / 100, desk.market.lot)
    require(v.NOT_POSITIVE, quantity > 0)
    order = Order(
        id=0,
        instrument=desk.index,
        action=intent.action,
        side=SELL if desk.position > 0 else BUY,
        kind="market",
        asked=quantity,
        placed=t,
        live_from=t + 1 + account.config.latency,
        reduce_only=True,
        verb="close",
    )
    enlist(account, desk, order)


def reverse(account: Account, desk: Desk, t: int, intent: Intent) -> None:
    """Close, then enter at market on the side that is asked, or on the other one (0); when flat only enter."""
    side = intent.side
    if side == 0:
        if desk.position == 0:
            return attempt(lambda *_: require(v.NOTHING_TO_CLOSE, False), account, desk, t, intent)
        side = SELL if desk.position > 0 else BUY
    if desk.position * side > 0:
        return attempt(lambda *_: require(v.POSITION_HELD, False), account, desk, t, intent)
    if desk.position != 0:
        attempt(close, account, desk, t, Intent(verb="close", action=intent.action, size=100.0))
    return attempt(lambda *given: order_from(*given, side=side), account, desk, t, intent)


def ladder(account: Account, desk: Desk, t: int, intent: Intent) -> None:
    """Limit orders, each farther from a price and of another size than the one before; each is denied by itself."""
    mode, step = intent.spacing
    base, size, away = intent.centre or desk.last_close, intent.size, 0.0
    require(v.MISSING, all(measurable(number) for number in (base, step, intent.lower, intent.upper)))
    for _ in range(intent.levels):
        away += step
        limit = base * (1 - intent.side * away) if mode == "share" else base - intent.side * away
        attempt(order_from, account, desk, t, replace(intent, limit=limit, size=size, levels=0))
        step, size = step * intent.upper, size * intent.lower


def order_from(account: Account, desk: Desk, t: int, intent: Intent, side: int | None = None) -> None:
    """The order of an enter, a place or (with its side) a reverse."""
    order = Order(
        id=0,
        instrument=desk.index,
        action=intent.action,
        side=intent.side if side is None else side,
        kind="market" if intent.verb == "reverse" else intent.kind,
        asked=math.nan,
        placed=t,
        live_from=t + 1 + account.config.latency,
        reduce_only=intent.reduce_only,
        post_only=intent.post_only,
        time_in_force=intent.time_in_force,
        good_for=intent.good_for,
        group=("oco", intent.oco) if intent.oco else None,
        verb="place" if intent.verb == "place" else "enter",
        bracket=intent.bracket,
        trail_after=intent.trail_after,
        targets=intent.targets,
    )
    require(v.WRONG_KIND, order.time_in_force == "gtc" or order.kind in ("market", "limit"))
    give_prices(desk, order, intent)
    r = reference_price(desk, order)
    check_bracket(order, r)
    order.asked = order.remaining = quantity_of(
        account.config_of(desk), desk, order, intent, money_of(account, intent), r
    )
    require_size(desk.market, order.asked, r)
    market = desk.market
    for part in v.parts_of_fill(order.targets, order.asked, {}, order.asked, market.lot).values():
        enough = part >= market.minimum_quantity and part * r >= market.minimum_notional
        require(v.NOT_POSITIVE, measurable(part))
        require(v.TARGET_BELOW_MINIMUM, enough)
    if order.verb == "enter":
        require(v.NO_SHORT, desk.market.kind != "spot" or order.side == BUY)
        adds = intent.add and desk.position * order.side > 0
        require(v.POSITION_HELD, desk.position == 0 or adds or intent.verb == "reverse")
        entries = [working for working in desk.orders if working.verb == "enter"]
        beside = intent.add and intent.verb == "enter"
        require(v.ENTRY_WORKS, all(beside and working.side == order.side for working in entries))
    enlist(account, desk, order)


def enlist(account: Account, desk: Desk, order: Order) -> None:
    require_room(desk, order)
    order.id = account.new_id()
    desk.orders.append(order)


def give_prices(desk: Desk, order: Order, intent: Intent) -> None:
    """The prices that the kind of the order needs, rounded to the tick."""
    tick = desk.market.tick
    if order.kind in ("limit", "stop_limit"):
        require_prices(intent.limit)
        order.limit = v.round_price(intent.limit, order.side, tick)
        require_prices(order.limit)
    if order.kind in ("stop", "stop_limit"):
        require_prices(intent.stop)
        order.stop = v.round_price(intent.stop, order.side, tick)
        require_prices(order.stop)
    if order.kind in ("market_if_touched", "trailing_from"):
        require_prices(intent.stop)
        order.stop = v.round_price(intent.stop, -order.side, tick)
        require_prices(order.stop)
    if order.kind in ("trailing", "trailing_from"):
        order.extreme = desk.last_close if order.kind == "trailing" else order.stop
        order.trail_share, order.trail_amount = intent.trail_share, intent.trail_amount
        require_prices(intent.trail_amount if math.isnan(intent.trail_share) else intent.trail_share)
        require(v.NOT_POSITIVE, level_at(order, order.extreme) > 0)


def reference_price(desk: Desk, order: Order) -> float:
    """The close for market and trailing orders, the limit for limit and stop-limit orders, the trigger for stops."""
    prices = {"limit": order.limit, "stop_limit": order.limit, "stop": order.stop, "market_if_touched": order.stop}
    prices["trailing_from"] = order.stop
    return prices.get(order.kind, desk.last_close)


def check_bracket(order: Order, r: float) -> None:
    targets = [target for target in order.targets if target[0] is not None]
    levels = [level for level, _ in targets]
    require_prices(*(level[1] for level in (*order.bracket, order.trail_after, *levels) if level is not None))
    require_prices(*(share for _, share in targets))
    require(v.SHARES_ABOVE_WHOLE, sum(share for _, share in targets) <= 1 + 1e-9)
    stop_loss, take_profit, trail = order.bracket
    after = order.trail_after
    require(v.WRONG_KIND, stop_loss is None or stop_loss[0] != "r")
    require(v.WRONG_KIND, trail is None or trail[0] != "price")
    if stop_loss is None:
        require(
            v.NO_STOP_LOSS,
            not any(level is not None and level[0] == "r" for level in (take_profit, trail, after, *levels)),
        )
    else:
        require(v.WRONG_SIDE, (r - v.stop_loss_level(stop_loss, r, order.side)) * order.side > 0)
    for target in (take_profit, *levels):
        if target is not None and target[0] == "price":
            require(v.TARGET_ON_WRONG_SIDE, (target[1] - r) * order.side > 0)


def money_of(account: Account, intent: Intent) -> float:
    return account.wallet if intent.size_as == "percent_of_cash" else account.equity[-1]


def quantity_of(config: Config, desk: Desk, order: Order, intent: Intent, money: float, r: float) -> float:
    require(v.MISSING, isfinite(intent.size))
    percent = intent.size
    match intent.size_as:
        case "quantity":
            quantity = intent.size
        case "quote":
            quantity = intent.size / r
        case "percent_of_equity" | "percent_of_cash":
            c = config.spread / 2
            if config.slippage_model == "percent":
                c += config.slippage
            elif config.slippage_model == "fixed":
                c += config.slippage / r
            quantity = money * percent / 100 / (r * (1 + c) * (1 + config.taker_fee)) * (1 - 1e-12)
        case "risk_percent":
            require(v.NO_STOP_LOSS, intent.stop_loss is not None)
            distance = abs(r - v.stop_loss_level(intent.stop_loss, r, order.side))
            quantity = money * percent / 100 / distance * (1 - 1e-12)
    return v.round_down(quantity, desk.market.lot)
