"""Section 13: grids."""

from . import values as v
from .fills import available_after_closing
from .intents import (
    PLACES,
    Denied,
    arrive,
    enlist,
    measurable,
    quantity_of,
    require,
    require_prices,
    require_room,
    require_size,
)
from .values import BUY, SELL, Account, Desk, Grid, Intent, Order


def power(base: float, exponent: int) -> float:
    result = 1.0
    for bit in reversed(f"{exponent:b}"):
        if bit == "1":
            result = result * base
        base = base * base
    return result


def price_at(grid: Grid, k: int) -> float:
    kind, value = grid.spacing
    if kind == "distance":
        return grid.centre + k * value
    return grid.centre * power(1 + value, k) if k >= 0 else grid.centre / power(1 + value, -k)


def limit_at(desk: Desk, grid: Grid, k: int, side: int) -> float | None:
    """The limit of an order at that level, if it has one."""
    price = price_at(grid, k)
    if not measurable(price) or price < grid.lower or (grid.upper and price > grid.upper):
        return None
    limit = v.round_price(price, side, desk.market.tick)
    return limit if limit > 0 and grid.quantity * limit >= desk.market.minimum_notional else None


def is_covered_side(desk: Desk, grid: Grid, side: int) -> bool:
    if grid.side == 0:
        return desk.market.kind == "spot" and side == SELL
    return side != grid.side


def wants(desk: Desk, grid: Grid, k: int, side: int) -> bool:
    """Whether the window holds an order of that side at that level."""
    away = (grid.stands_at - k) * side
    if not 1 <= away <= grid.levels:
        return False
    asked = away * grid.quantity
    if is_covered_side(desk, grid, side) and not v.is_dust(asked - desk.closable(side), asked, desk.market.lot):
        return False
    return limit_at(desk, grid, k, side) is not None


def window(grid: Grid) -> list[tuple[int, int]]:
    """Its places (level, side), from the nearest outward, the buy before the sell."""
    c = grid.stands_at
    return [place for j in range(1, grid.levels + 1) for place in ((c - j, BUY), (c + j, SELL))]


def begin(account: Account, desk: Desk, t: int, intent: Intent) -> None:
    config, market, close = account.config_of(desk), desk.market, desk.last_close
    require(v.GRID_RUNS, desk.grid is None)
    centre = close if intent.centre == 0 else intent.centre
    require_prices(centre, intent.spacing[1])
    require(v.MISSING, intent.lower >= 0 and intent.upper >= 0)
    require(v.MISSING, 1 <= intent.levels <= 31)
    require(v.NO_SHORT, intent.side >= 0 or market.kind == "perpetual")
    q = quantity_of(config, desk, None, intent, account.equity[-1], centre)
    require_size(market, q, centre)
    grid = Grid(intent.action, centre, intent.spacing, intent.lower, intent.upper, intent.levels, intent.side, q)
    limits = {(k, s): limit_at(desk, grid, k, s) for k, s in window(grid)}
    possible = [place for place in window(grid) if limits[place] is not None]
    first = first_quantity(desk, grid, possible, close)
    require(v.NO_LEVEL, first > 0 or any(wants(desk, grid, k, s) for k, s in possible))

    below = sum(limits[place] for place in possible if place[1] == BUY)
    above = sum(limits[place] for place in possible if place[1] == SELL)
    if market.kind == "spot" or grid.side > 0:
        prices = below
    else:
        prices = above if grid.side < 0 else max(below, above)
    cost = config.spread / 2
    if config.slippage_model == "percent":
        cost += config.slippage
    elif config.slippage_model == "fixed":
        cost += config.slippage / close
    share = (1 if market.kind == "spot" else 1 / config.leverage) + config.taker_fee
    need = (q * prices + first * close * (1 + cost)) * share
    require(v.NOT_COVERED, need <= available_after_closing(account, desk, BUY, 0, close, 0))
    places = sum(order.table_places for order in desk.orders) + len(possible) + (first > 0)
    require(v.TABLE_FULL, places <= PLACES)

    desk.grid = grid
    if first > 0:
        enlist(account, desk, new_order(account, grid, t, grid.side, first, kind="market", instrument=desk.index))
    fill_window(account, desk, t)


def first_quantity(desk: Desk, grid: Grid, possible: list[tuple[int, int]], close: float) -> float:
    """What `long` buys, or `short` sells, before all else."""
    if grid.side == 0:
        return 0.0
    levels = sum(side == -grid.side for _, side in possible)
    quantity = v.round_down(levels * grid.quantity - desk.position * grid.side, desk.market.lot)
    enough = quantity >= desk.market.minimum_quantity and quantity * close >= desk.market.minimum_notional
    return quantity if quantity > 0 and enough else 0.0


def new_order(account: Account, grid: Grid, t: int, side: int, quantity: float, **more) -> Order:
    return Order(
        id=0,
        action=grid.action,
        side=side,
        asked=quantity,
        placed=t,
        live_from=t + 1 + account.config.latency,
        grid=grid,
        **more,
    )


def fill_window(account: Account, desk: Desk, t: int) -> None:
    grid = desk.grid
    works = {(order.grid_level, order.side) for order in limits_of(desk) if not order.leaving}
    for k, side in window(grid):
        if (k, side) in works or not wants(desk, grid, k, side):
            continue
        order = new_order(
            account,
            grid,
            t,
            side,
            grid.quantity,
            kind="limit",
            instrument=desk.index,
            limit=limit_at(desk, grid, k, side),
            grid_level=k,
            reduce_only=desk.market.kind == "perpetual" and is_covered_side(desk, grid, side),
        )
        try:
            require_room(desk, order)
        except Denied as full:
            account.denied.append(v.Denial(t, desk.index, grid.action, str(full)))
            return
        enlist(account, desk, order)


def limits_of(desk: Desk) -> list[Order]:
    """The working limit orders of the grid that runs."""
    return [order for order in desk.orders if order.grid is desk.grid and order.grid_level is not None]


def update_grid(account: Account, desk: Desk, t: int) -> None:
    grid = desk.grid
    if grid is None or not grid.due:
        return
    grid.due = False
    for order in limits_of(desk):
        if not order.leaving and not wants(desk, grid, order.grid_level, order.side):
            order.leaving = True
            arrive(account, desk, t, lambda now, order=order: account.end(order, now, v.CANCELED))
    fill_window(account, desk, t)
