"""The reference venue: docs/matching.md read aloud, slow and obvious. Numbers of sections are the document's."""

import math
from collections.abc import Sequence

from . import values as v
from .acting import act
from .fills import fill, liquidate, move_liquidation
from .grids import update_grid
from .turning import distance, side_of, turns
from .values import (
    SELL,
    STOPS,
    Account,
    Bar,
    Config,
    Decide,
    Desk,
    Fill,
    Intent,
    Mark,
    Market,
    Order,
    OrderRecord,
    Path,
    Result,
    View,
    record,
)

__all__ = ["Config", "Fill", "Intent", "Market", "OrderRecord", "Result", "View", "simulate"]

FUNDING_PERIOD = 8 * 3600 * 1000


# 1. Time


def simulate(markets: Sequence[Market], config: Config, decide: Decide, bars: int | None = None) -> Result:
    desks = [Desk(index, market) for index, market in enumerate(markets)]
    account = Account(config, desks, cash=config.capital)
    for t in range(len(markets[0].close) if bars is None else bars):
        present = [desk for desk in desks if desk.market.has_bar(t)]
        for desk in desks:
            if desk not in present:
                wait(desk, t)
        holding = [desk for desk in present if desk.position != 0]
        flat = [desk for desk in present if desk.position == 0]
        for desk in holding + flat:
            venue(account, desk, t)
        for desk in present:
            update_grid(account, desk, t)
            close_bar(desk, t)
        account.equity.append(value(account))
        for desk in present:
            act(account, desk, t, list(decide(t, desk.index, view(account, desk))))
    return Result(
        fills=account.fills,
        orders=account.closed_orders,
        working=[record(order) for desk in desks for order in desk.orders],
        denied=account.denied,
        equity=account.equity,
        cash=account.cash,
        positions=[desk.position for desk in desks],
        ambiguous=[desk.ambiguous for desk in desks],
        fees=account.fees,
        funding=account.funding,
        slippage=account.slippage,
    )


def venue(account: Account, desk: Desk, t: int) -> None:
    """One bar of one instrument: arrivals, funding, and sections 3, 4 and 7 for the bar or each of its finer bars."""
    end_overdue(account, desk, t)
    arrivals(desk, t)
    pay_funding(account, desk, t)
    if desk.position != 0:
        desk.bars_held += 1
    ambiguous = False
    for bar, mark in bars_to_walk(desk.market, t):
        path = Path(t, bar, mark)
        at_the_open(account, desk, path)
        inside_the_bar(account, desk, path)
        leave_behind(desk, path)
        ambiguous |= path.ambiguous
    desk.ambiguous += ambiguous
    end_good_for(account, desk, t)


def close_bar(desk: Desk, t: int) -> None:
    """Notes the close, and the true range for Wilder's ATR 14 of section 5."""
    _, high, low, close, _ = desk.market.bar(t)
    if desk.bars_seen > 0:
        true_range = max(high - low, abs(high - desk.last_close), abs(low - desk.last_close))
        desk.true_ranges.append(true_range)
        if len(desk.true_ranges) == 14:
            desk.atr = sum(desk.true_ranges) / 14
        elif len(desk.true_ranges) > 14:
            desk.atr = desk.atr + (true_range - desk.atr) * (1 / 14)
    desk.last_close = close
    desk.bars_seen += 1


def value(account: Account) -> float:
    equity = account.cash
    for desk in account.desks:
        if desk.position != 0:
            equity = equity + desk.position * desk.last_close
    return equity


def view(account: Account, desk: Desk) -> View:
    return View(
        quantity=desk.position,
        average=desk.average,
        equity=account.equity[-1],
        cash=account.wallet,
        bars_held=desk.bars_held,
        orders=tuple(record(order) for order in desk.orders),
        grid=desk.grid is not None,
        ended=[order for order in account.closed_orders if order.instrument == desk.index],
        fills=[fill for fill in account.fills if fill.instrument == desk.index],
        lot=desk.market.lot,
    )


def wait(desk: Desk, t: int) -> None:
    """Times of orders count the bars of their instrument."""
    desk.arriving = [(bar + 1, effect) for bar, effect in desk.arriving]
    for order in desk.orders:
        if order.live_from >= t:
            order.live_from += 1
        else:
            order.waited += 1


def live(desk: Desk, t: int) -> list[Order]:
    return [order for order in desk.orders if order.live_from <= t]


def last_bar(order: Order) -> float:
    return order.live_from + order.good_for - 1 + order.waited if order.good_for > 0 else math.inf


def end_overdue(account: Account, desk: Desk, t: int) -> None:
    """An order whose last bar came and went while the instrument had none does not live on."""
    for order in list(desk.orders):
        if last_bar(order) < t:
            account.end(order, t, v.GOOD_FOR_OVER)


# 8. Cancel, modify


def arrivals(desk: Desk, t: int) -> None:
    arrived = [effect for bar, effect in desk.arriving if bar <= t]
    desk.arriving = [(bar, effect) for bar, effect in desk.arriving if bar > t]
    for effect in arrived:
        effect(t)


# 9. Funding


def pay_funding(account: Account, desk: Desk, t: int) -> None:
    opened_at = desk.market.opened_at
    if desk.market.kind != "perpetual" or desk.position == 0:
        return
    before = max(i for i in range(t) if desk.market.has_bar(i))
    rate = 0.0
    for i in range(before + 1, t + 1):
        rate += rate_between(account, desk, opened_at[i - 1], opened_at[i])
    payment = min(desk.position * desk.market.mark_open(t) * rate, desk.margin)
    desk.margin -= payment
    desk.liquidation = move_liquidation(account, desk)
    account.cash = account.cash - payment
    account.funding += payment


def rate_between(account: Account, desk: Desk, before: int, now: int) -> float:
    """The rates of the moments after one opening, up to and with the next."""
    if desk.market.funding is not None:
        return sum(rate for moment, rate in desk.market.funding if before < moment <= now)
    return (now // FUNDING_PERIOD - before // FUNDING_PERIOD) * account.config_of(desk).funding_rate


# 12. Finer bars


def bars_to_walk(market: Market, t: int) -> list[tuple[Bar, Mark]]:
    """Each with the mark price during it (section 10)."""
    finer = market.finer[t] if market.finer is not None else []
    bars = finer or [market.bar(t)]
    marks = market.marks[t] if market.marks is not None else [None] * len(bars)
    return [(bar, mark or bar[:4]) for bar, mark in zip(bars, marks, strict=True)]


# 3. The open of the bar


def at_the_open(account: Account, desk: Desk, path: Path) -> None:
    o = path.bar[0]
    path.at = o
    for order in live(desk, path.t):
        s, level = order.side, order.level
        if order.kind == "trailing" and (o - level) * s < 0 and (order.extreme - o) * s > 0:
            order.extreme = o
        elif order.kind == "stop_limit" and (o - level) * s >= 0:
            order.kind, order.fresh = "limit", True
        elif order.kind == "trailing_from" and (o - order.stop) * s <= 0:
            order.kind, order.extreme = "trailing", o

    while (order := first_at_open(desk, path, o)) is not None:
        path.acted_at_open.add(order.id)
        if order.kind == "liquidation":
            liquidate(account, desk, path, worse(order, o, path.mark[0]))
        elif order.kind == "limit" and order.fresh and order.post_only:
            account.end(order, path.t, v.WOULD_HAVE_TAKEN)
        else:
            price = o
            if not math.isnan(order.touched):
                price = max(o, order.touched) if order.side == v.BUY else min(o, order.touched)
            fill(account, desk, path, order, price, taker=order.kind != "limit" or order.fresh)

    for order in live(desk, path.t):
        if order.time_in_force in ("ioc", "fok"):
            account.end(order, path.t, v.NOT_AT_ONCE)


def first_at_open(desk: Desk, path: Path, o: float) -> Order | None:
    """The first by (class, id) that can act at the open and has not acted in this phase."""
    able = [
        (class_at_open(order), order.id, order)
        for order in candidates(desk, path.t)
        if order.id not in path.acted_at_open
        and can_act_at_open(order, path.mark[0] if order.kind == "liquidation" else o)
    ]
    return min(able)[2] if able else None


def candidates(desk: Desk, t: int) -> list[Order]:
    """The live orders, and the liquidation order of the venue, whose id 0 puts it before all."""
    return live(desk, t) + ([desk.liquidation] if desk.liquidation else [])


def worse(liquidation: Order, a: float, b: float) -> float:
    return min(a, b) if liquidation.side == SELL else max(a, b)


def class_at_open(order: Order) -> int:
    return 0 if order.kind == "market" else 1 if order.kind in STOPS else 2


def can_act_at_open(order: Order, o: float) -> bool:
    if order.kind == "market":
        return True
    if order.kind in STOPS:
        return (o - order.level) * order.side >= 0
    return order.kind in ("limit", "market_if_touched") and (order.level - o) * order.side >= 0


# 4. Inside the bar


def inside_the_bar(account: Account, desk: Desk, path: Path) -> None:
    path.inside = True
    assume = account.config.assume
    while True:
        waiting = waiting_inside(desk, path)
        behind = [order for order in waiting if activated_behind_the_path(order, path)]
        if behind:
            order = min(behind, key=lambda order: order.id)
            path.acted_inside.add(order.id)
            act_inside(account, desk, path, order, order.activation[0], behind=True)
            continue
        reachable = [order for order in waiting if is_reachable(order, path, assume)]
        path.ambiguous |= is_ambiguous(waiting, reachable, path)
        turning = list(turns(desk, path, waiting, reachable, assume))
        path.ambiguous |= any(turn.doubt for turn in turning)
        taken = [turn for turn in turning if turn.taken]
        if taken:
            turn = min(taken, key=lambda turn: (abs(turn.point - path.at), turn.order.id))
            preferred = [distance(order, path.at) for order in reachable if is_stop(order) == (assume == "worst")]
            if all(abs(turn.point - path.at) < gap for gap in preferred):
                turn.order.moved = turn.level
                path.at, path.d = turn.point, -turn.order.side
                continue
        if not reachable:
            return
        order = next_on_the_path(reachable, path.at, assume)
        level = worse(order, order.level, path.at) if order.kind == "liquidation" else order.level
        path.acted_inside.add(order.id)
        path.d = side_of(order, path.at)
        if (order.activation is not None and order.kind != "stop_limit") or order.moved is not None:
            path.d = 0  # whether the path came here the first time is not known
        path.at = level
        act_inside(account, desk, path, order, level)


def waiting_inside(desk: Desk, path: Path) -> list[Order]:
    acted = path.acted_at_open | path.acted_inside
    return [order for order in candidates(desk, path.t) if order.id not in acted and order.kind != "market"]


def activated_behind_the_path(order: Order, path: Path) -> bool:
    if order.activation is None or order.moved is not None:
        return False
    if order.kind == "liquidation" and not can_be_reached(order, path):
        return False
    e, x, s = order.activation[0], order.level, order.side
    return (x - e) * s >= 0 if order.kind in v.FAVOURABLE else (e - x) * s >= 0


def prices_for(order: Order, path: Path) -> Mark:
    """Open, high, low and close that decide: those of the mark price for the liquidation."""
    return path.mark if order.kind == "liquidation" else path.bar[:4]


def can_be_reached(order: Order, path: Path) -> bool:
    _, high, low, _ = prices_for(order, path)
    return low <= order.level if order.waits_below else high >= order.level


def must_be_reached(order: Order, path: Path) -> bool:
    """Of an order activated inside: whether every path after its activation crosses its level."""
    _, high, low, close = prices_for(order, path)
    (e, d), x = order.activation, order.level
    if order.waits_below:
        return close <= x or (d < 0 and x <= e and low <= x)
    return close >= x or (d > 0 and x >= e and high >= x)


def is_reachable(order: Order, path: Path, assume: str) -> bool:
    if order.activation is None and order.kind == "liquidation":
        return can_be_reached(order, path)
    if order.activation is None or order.moved is not None:
        o, high, low, _, _ = path.bar
        x = order.level
        return low <= x <= o or o < x <= high
    if (order.kind in STOPS) == (assume == "worst"):
        return can_be_reached(order, path)
    return must_be_reached(order, path)


def next_on_the_path(reachable: list[Order], at: float, assume: str) -> Order:
    def nearness(order: Order) -> tuple[float, int]:
        return distance(order, at), order.id

    preferred = [order for order in reachable if is_stop(order) == (assume == "worst")]
    side = side_of(min(preferred or reachable, key=nearness), at)
    return min((order for order in reachable if side_of(order, at) == side), key=nearness)


def is_ambiguous(waiting: list[Order], reachable: list[Order], path: Path) -> bool:
    both_sides = len({side_of(order, path.at) for order in reachable}) == 2
    if both_sides and any(order.reduce_only or order.group or is_stop(order) for order in reachable):
        return True
    return any(
        order.activation is not None
        and order.moved is None
        and can_be_reached(order, path)
        and not must_be_reached(order, path)
        for order in waiting
    )


def is_stop(order: Order) -> bool:
    return order.kind not in v.FAVOURABLE


def act_inside(
    account: Account, desk: Desk, path: Path, order: Order, reference: float, *, behind: bool = False
) -> None:
    """Rule 3; an order activated behind the path acts as a taker where it was activated."""
    if order.kind == "liquidation":
        liquidate(account, desk, path, reference)
    elif order.kind == "stop_limit":
        order.kind, order.activation = "limit", path.activation
        path.acted_inside.discard(order.id)  # it may fill as the limit that it became
    elif order.kind == "trailing_from":
        order.kind, order.extreme, order.activation = "trailing", reference, path.activation
        path.acted_inside.discard(order.id)  # it may be hit as the trailing stop that it became
    elif behind and order.post_only:
        account.end(order, path.t, v.WOULD_HAVE_TAKEN)
    else:
        fill(account, desk, path, order, reference, taker=behind or order.kind != "limit")


# 7. What the bar leaves behind


def leave_behind(desk: Desk, path: Path) -> None:
    _, high, low, close, _ = path.bar
    for order in live(desk, path.t):
        if order.kind == "trailing":
            s = order.side
            reached = high if s == SELL else low
            if order.activation is not None and order.activation[1] != -s:
                reached = close
            if (order.extreme - reached) * s > 0:
                order.extreme = reached
        order.activation = None
        order.fresh = False
    if desk.liquidation:
        desk.liquidation.activation = None


def end_good_for(account: Account, desk: Desk, t: int) -> None:
    for order in list(desk.orders):
        if last_bar(order) == t:
            account.end(order, t, v.GOOD_FOR_OVER)
