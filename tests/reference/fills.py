"""Sections 5, 6 and 10: what a fill is cut to, what it costs, and what follows from it."""

import math
from collections.abc import Iterator

from . import values as v
from .values import BUY, SELL, Account, Desk, Fill, Market, Order, Path

# 5. A fill


def fill(account: Account, desk: Desk, path: Path, order: Order, reference: float, *, taker: bool) -> None:
    """Cuts what remains of the order, books it, and lets everything follow that follows from a fill."""
    config, market, t, s = account.config_of(desk), desk.market, path.t, order.side
    whole = order.remaining

    # 1. Reduce-only
    quantity = whole
    if order.reduce_only:
        if desk.closable(s) == 0:
            return account.end(order, t, v.NOTHING_TO_REDUCE)
        if desk.closable(s) < quantity:
            quantity = desk.closable(s)  # exactly: a position can always be closed

    # 2. Volume limit
    if config.volume_limit > 0:
        left = config.volume_limit * path.bar[4] - path.volume_taken
        if left < quantity:
            quantity = cut(left, quantity, market.lot)
            if order.kind == "limit" and math.isnan(order.touched):
                order.touched = reference
    price = taker_price(account, desk, path, order, reference, quantity) if taker else reference
    rate = config.taker_fee if taker else config.maker_fee

    # 3. Funds
    quantity, verdict = cut_to_what_can_be_paid(account, desk, s, quantity, price, rate)

    if order.time_in_force == "fok" and not v.is_dust(whole - quantity, whole, market.lot):
        return account.end(order, t, v.NOT_AT_ONCE)
    if quantity > 0:
        opened = book(account, desk, path, order, quantity, price, quantity * price * rate, maker=not taker)
        account.slippage += abs(price - reference) * quantity
        path.volume_taken += quantity
    settle(account, order, t, quantity, whole, verdict)
    if quantity > 0:
        consequences(account, desk, path, order, quantity, opened)
    if order.kind in ("stop", "trailing", "market_if_touched") and order in desk.orders:
        order.kind = "market"  # triggered, and the volume limit left something of it
    return None


def cut(to: float, quantity: float, lot: float) -> float:
    """Every cut rounds down to the lot; a speck of what was asked is nothing."""
    return 0.0 if v.is_dust(to, quantity, lot) else v.round_down(to, lot)


def cut_to_what_can_be_paid(
    account: Account, desk: Desk, s: int, quantity: float, price: float, rate: float
) -> tuple[float, str]:
    """Section 5, cut 3: the quantity, and the reason for which the order ends when it was cut."""
    market = desk.market
    closing = min(quantity, desk.closable(s))
    opening = quantity - closing
    if v.is_dust(opening, quantity, market.lot):
        return quantity, ""
    if market.kind == "spot" and s == SELL:
        return closing, v.NO_SHORT
    share = 1 + rate if market.kind == "spot" else 1 / account.config_of(desk).leverage + rate
    available = available_after_closing(account, desk, s, closing, price, rate)
    if opening * price * share <= available:
        return quantity, ""
    opening = cut(available / (price * share), opening, market.lot)
    if opening < market.minimum_quantity or opening * price < market.minimum_notional:
        opening = 0.0
    return closing + opening, v.NO_FUNDS


def available_after_closing(account: Account, desk: Desk, s: int, closing: float, price: float, rate: float) -> float:
    """`cash − reserved` (section 10) after the closing part has been booked."""
    cash = account.cash
    if closing > 0:
        cash = cash - s * closing * price - closing * price * rate
    reserved = 0.0
    for other in account.desks:
        if other.market.kind == "perpetual" and not (other is desk and closing > 0):
            reserved = reserved + (other.margin - other.position * other.average)
    return cash - reserved


def taker_price(account: Account, desk: Desk, path: Path, order: Order, reference: float, quantity: float) -> float:
    """With half the spread and the slippage, rounded away from the account; never beyond the limit of a limit order."""
    s = order.side
    adjustment = min(0.5, account.config.spread / 2 + slippage_share(account, desk, path, reference, quantity))
    price = reference * (1 + s * adjustment)
    rounded = v.round_up(price, desk.market.tick) if s == BUY else v.round_down(price, desk.market.tick)
    price = rounded if rounded > 0 else price
    if order.kind == "limit":
        return min(price, order.limit) if s == BUY else max(price, order.limit)
    return price


def slippage_share(account: Account, desk: Desk, path: Path, price: float, quantity: float) -> float:
    amount = account.config.slippage
    match account.config.slippage_model:
        case "percent":
            return amount
        case "fixed":
            return amount / price
        case "atr":
            return amount * desk.atr / price
        case "volume":
            volume = path.bar[4]
            share = min(1.0, quantity / volume) if volume > 0 else 1.0
            return amount * (share * share)
    return 0.0


def book(
    account: Account, desk: Desk, path: Path, order: Order, q: float, p: float, fee: float, *, maker: bool
) -> float:
    """Cash, position and average entry price; returns how much of it opened or enlarged the position."""
    s, before = order.side, desk.position
    closing = desk.closable(s)
    after = v.nearest_lot(before + s * q, desk.market.lot)
    if v.is_dust(abs(after), max(abs(before), q), desk.market.lot):
        after = 0.0
    opened = 0.0 if v.is_dust(q - closing, q, desk.market.lot) else q - closing
    account.cash = account.cash - s * q * p - fee
    account.fees += fee
    if after == 0:
        desk.average, desk.bars_held = 0.0, -1
    elif before * after <= 0:
        desk.average, desk.bars_held = p, 0
    elif opened > 0:
        desk.average = (desk.average * abs(before) + p * q) / (abs(before) + q)
    desk.position = after
    if desk.market.kind == "perpetual":
        if before * after <= 0:
            desk.margin = 0.0
        elif abs(after) < abs(before):
            desk.margin = desk.margin * (abs(after) / abs(before))
        if opened > 0:
            desk.margin += opened * p / account.config_of(desk).leverage
        activation = path.activation if opened > 0 or desk.liquidation is None else desk.liquidation.activation
        desk.liquidation = liquidation_order(account, desk, path.t, activation)
    account.fills.append(Fill(path.t, desk.index, order.id, s, q, p, fee, maker, after))
    order.average = p if order.filled == 0 else (order.average * order.filled + p * q) / (order.filled + q)
    order.filled = v.nearest_lot(order.filled + q, desk.market.lot)
    order.remaining = v.nearest_lot(order.remaining - q, desk.market.lot)
    return opened


def settle(account: Account, order: Order, t: int, quantity: float, whole: float, verdict: str) -> None:
    """What becomes of the order itself."""
    desk = account.desks[order.instrument]
    lot = desk.market.lot
    if v.is_dust(order.remaining, whole, lot):
        note_fill(desk, order)
        shared = not v.is_dust(order.asked - order.filled, order.asked, lot)
        account.end(order, t, v.SHARED if shared else v.FILLED)
    elif verdict == v.NO_FUNDS:
        if order.filled > 0:
            note_fill(desk, order)
        account.end(order, t, v.CUT_TO_FUNDS if order.filled > 0 else v.NO_FUNDS)
    elif verdict == v.NO_SHORT:
        account.end(order, t, v.NO_SHORT)


def note_fill(desk: Desk, order: Order) -> None:
    """Section 13: the grid moves a level, if the order is a limit of it, and is to be updated."""
    if order.grid is not None and order.grid is desk.grid:
        order.grid.due = True
        if order.grid_level is not None:
            order.grid.stands_at -= order.side


def consequences(account: Account, desk: Desk, path: Path, order: Order, quantity: float, opened: float) -> None:
    reduce_the_others(account, desk, path.t, order, quantity)
    for other in list(desk.orders):
        if other.reduce_only and desk.closable(other.side) == 0:
            account.end(other, path.t, v.POSITION_CLOSED)
    if opened > 0:
        make_legs(account, desk, path, order, opened)


# 6. Brackets and OCO


def reduce_the_others(account: Account, desk: Desk, t: int, order: Order, quantity: float) -> None:
    if order.with_targets:
        return reduce_the_bracket(account, desk, t, order, quantity)
    for other in list(desk.orders):
        if order.group is not None and other.group == order.group and other is not order:
            other.remaining = v.nearest_lot(other.remaining - quantity, desk.market.lot)
            if v.is_dust(other.remaining, quantity, desk.market.lot):
                account.end(other, t, v.OTHER_LEG)
    return None


def reduce_the_bracket(account: Account, desk: Desk, t: int, order: Order, quantity: float) -> None:
    """Targets and stops share the quantity; the targets do not share it among each other."""
    lot = desk.market.lot

    def take(leg: Order, q: float) -> None:
        leg.remaining = v.nearest_lot(leg.remaining - q, lot)
        if v.is_dust(leg.remaining, q, lot):
            account.end(leg, t, v.OTHER_LEG)

    legs = {other.leg: other for other in desk.orders if other.group == order.group and other is not order}
    for name in ("stop loss", "trailing stop"):
        if name in legs:
            take(legs[name], quantity)
    if order.leg in v.TARGETS:
        return
    too_much = -order.remaining if order in desk.orders else -0.0
    for name in v.TARGETS:
        too_much += legs[name].remaining if name in legs else 0.0
    for name in reversed(v.TARGETS):
        if too_much > 0 and name in legs:
            before = legs[name].remaining
            take(legs[name], too_much)
            too_much = v.nearest_lot(too_much - min(before, too_much), lot)


def make_legs(account: Account, desk: Desk, path: Path, entry: Order, opened: float) -> None:
    """New legs for what was opened; those that still live grow and are priced anew."""
    group = ("entry", entry.id)
    trailing = "trailing" if entry.trail_after is None else "trailing_from"
    parts = {}
    if entry.targets:
        lot = desk.market.lot
        entry.opened = v.nearest_lot(entry.opened + opened, lot)
        parts = v.parts_of_fill(entry.targets, entry.opened, entry.given, opened, lot)
        for name, part in parts.items():
            entry.given[name] = v.nearest_lot(entry.given.get(name, 0.0) + part, lot)
    for name, prices in leg_prices(desk.market, entry):
        leg = next((order for order in desk.orders if order.group == group and order.leg == name), None)
        quantity = parts.get(name, opened)
        if leg is None and quantity <= 0:
            continue
        if leg is None:
            leg = Order(
                id=account.new_id(),
                instrument=desk.index,
                action=entry.action,
                side=-entry.side,
                kind={"stop loss": "stop", "trailing stop": trailing}.get(name, "limit"),
                asked=v.nearest_lot(quantity, desk.market.lot),
                placed=path.t,
                live_from=path.t,
                reduce_only=True,
                group=group,
                leg=name,
                with_targets=bool(entry.targets),
            )
            desk.orders.append(leg)
        else:
            leg.asked = v.nearest_lot(leg.asked + quantity, desk.market.lot)
            leg.remaining = v.nearest_lot(leg.remaining + quantity, desk.market.lot)
        if leg.kind != "market" and not leg.pinned:  # a triggered stop that became one has no level any more
            for attribute, price in prices.items():
                if attribute == "stop" and leg.leg == "trailing stop" and leg.kind != "trailing_from":
                    continue
                if attribute == "extreme" and not math.isnan(leg.extreme):
                    price = max(leg.extreme, price) if leg.side == SELL else min(leg.extreme, price)
                if attribute == "limit" and price != leg.limit:
                    leg.touched = math.nan
                setattr(leg, attribute, price)
            if leg.kind == "trailing_from" and (path.at - leg.stop) * entry.side >= 0:
                leg.kind = "trailing"  # the fill was there
            leg.activation = path.activation


def leg_prices(market: Market, entry: Order) -> Iterator[tuple[str, dict[str, float]]]:
    """The legs whose level is positive, with their prices, counted from the average fill price of the entry."""
    p, s = entry.average, entry.side
    stop_loss, take_profit, trail = entry.bracket
    loss = v.stop_loss_level(stop_loss, p, s) if stop_loss is not None else math.nan
    if stop_loss is not None:
        level = v.round_price(loss, -s, market.tick)
        if level > 0:
            yield "stop loss", {"stop": level}
    targets = [level for level, _ in entry.targets] or [take_profit]
    for name, target in zip(v.TARGETS, targets, strict=False):
        if target is None:
            continue
        mode, value = target
        level = {
            "price": value,
            "share": p * (1 + s * value),
            "distance": p + s * value,
            "r": p + s * value * abs(p - loss),
        }
        level = v.round_price(level[mode], -s, market.tick)
        if level > 0:
            yield name, {"limit": level}
    if trail is not None:
        mode, value = trail
        amount = {"share": p * value, "distance": value, "r": value * abs(p - loss)}[mode]
        distance = {"trail_share": value} if mode == "share" else {"trail_amount": amount}
        if entry.trail_after is not None:
            mode, value = entry.trail_after
            level = {
                "price": value,
                "share": p * (1 + s * value),
                "distance": p + s * value,
                "r": p + s * (value * abs(p - loss)),
            }
            distance["stop"] = v.round_price(level[mode], s, market.tick)
        if p - s * amount > 0 and distance.get("stop", 1) > 0:
            yield "trailing stop", {"extreme": p, **distance}


# 10. Margin and liquidation


def bankruptcy(desk: Desk) -> float:
    """Where the loss has used up the margin."""
    return desk.average - desk.margin / desk.position


def move_liquidation(account: Account, desk: Desk) -> Order | None:
    """The liquidation order after the margin has changed: at another level, perhaps there for the first time."""
    activation = desk.liquidation.activation if desk.liquidation else None
    return liquidation_at(account, desk, desk.liquidation.placed if desk.liquidation else 0, activation)


def liquidation_order(account: Account, desk: Desk, t: int, activation: tuple[float, int] | None) -> Order | None:
    """A stop order of the venue for the position as it is now."""
    return liquidation_at(account, desk, t, activation) if desk.position != 0 else None


def liquidation_at(account: Account, desk: Desk, t: int, activation: tuple[float, int] | None) -> Order | None:
    side = SELL if desk.position > 0 else BUY
    levels = [
        (bankruptcy(desk) - amount / desk.position) / (1 - rate if side == SELL else 1 + rate)
        for rate, amount in maintenance_of(account.config_of(desk))
    ]
    level = max(levels) if side == SELL else min(levels)
    if level <= 0:
        return None
    return Order(
        id=0,
        instrument=desk.index,
        action=-1,
        side=side,
        kind="liquidation",
        asked=abs(desk.position),
        placed=t,
        live_from=t,
        stop=level,
        reduce_only=True,
        activation=activation,
    )


def maintenance_of(config: v.Config) -> list[tuple[float, float]]:
    """(rate, amount) of every tier: what must be covered is the most of notional × rate − amount."""
    if not config.tiers:
        return [(config.maintenance, 0.0)]
    result = [(config.tiers[0][1], 0.0)]
    for floor, rate in config.tiers[1:]:
        before, amount = result[-1]
        result.append((rate, amount + floor * (rate - before)))
    return result


def liquidate(account: Account, desk: Desk, path: Path, reached: float) -> None:
    """At the worse of level and open, never beyond the bankruptcy price, without slippage; ends all working orders."""
    config, order, quantity = account.config_of(desk), desk.liquidation, abs(desk.position)
    desk.grid = None
    price = max(reached, bankruptcy(desk)) if order.side == SELL else min(reached, bankruptcy(desk))
    left = max(0.0, desk.margin + (price - desk.average) * desk.position)
    fee = min(quantity * price * (config.taker_fee + config.liquidation_fee), left)
    order.placed = path.t
    working_orders = list(desk.orders)
    order.id = account.new_id()
    book(account, desk, path, order, quantity, price, fee, maker=False)
    for working in working_orders:
        account.end(working, path.t, v.LIQUIDATED)
    account.closed_orders.append(v.record(order, path.t, v.FILLED))
