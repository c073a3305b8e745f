"""One bar against the orders of one instrument: docs/matching.md, sections 1 to 10, in their order.

`match_bar` does what falls due by the clock, then lets the bar (or its finer bars, where there are any) pass by the orders: `_open` and `_inside` fill, `_leave`
tells trailing stops what they saw. `is_quiet` is the short way for a bar that only moves trailing stops.
"""

from __future__ import annotations

from typing import Any

from wickwork.graph.types import GTC, LIMIT, MARKET, STOP_LIMIT, TRAILING
from wickwork.sim.fill import fill, liquidate
from wickwork.sim.modify import modify
from wickwork.sim.records import (
    AT_OPEN,
    BEFORE,
    BY_STRATEGY,
    GOOD_FOR_OVER,
    INSIDE,
    NOT_AT_ONCE,
    WOULD_TAKE,
    Desk,
    Moment,
)
from wickwork.sim.table import end, level_of, order_at, set_band, waits_below

inf = float("inf")
NOBODY = -1
THE_VENUE = -2
"""Stands for the liquidation where otherwise the place of an order stands."""


def pass_bar(
    desk: Desk, bar: int, fine: int, o: float, h: float, l: float, c: float, volume: float, atr: float
) -> None:
    """Let one bar, or one finer bar, pass by the orders."""
    desk.lane.budget = desk.terms.volume_limit * volume
    _open(desk, bar, fine, o, volume, atr)
    if desk.lane.count > 0 or desk.lane.liquidation > 0.0:
        _inside(desk, bar, fine, o, h, l, c, volume, atr)
    _leave(desk, bar, h, l, c)


def by_the_clock(desk: Desk, bar: int) -> None:
    """What arrives at the beginning of the bar: cancels, modifications, and the ends of orders overdue on missing bars."""
    for i in range(desk.lane.count - 1, -1, -1):
        order = order_at(desk, i)
        if order.cancel_at <= bar:
            end(desk, i, bar, BY_STRATEGY)
        elif order.good_until < bar:
            end(desk, i, bar, GOOD_FOR_OVER)
        elif order.modify_at <= bar:
            modify(order, desk.lane, bar)


def expire(desk: Desk, bar: int) -> None:
    """End the orders whose last bar this was."""
    for i in range(desk.lane.count - 1, -1, -1):
        if order_at(desk, i).good_until <= bar:
            end(desk, i, bar, GOOD_FOR_OVER)


def _open(desk: Desk, bar: int, fine: int, o: float, volume: float, atr: float) -> None:
    """Section 3: the open."""
    lane = desk.lane
    lane.phase += 1
    for i in range(lane.count):
        order = order_at(desk, i)
        if order.live_from > bar:
            continue
        if order.kind == TRAILING:
            if (o - level_of(order)) * order.side < 0.0 and (o - order.extreme) * order.side < 0.0:
                order.extreme = o
        elif order.kind == STOP_LIMIT and (o - order.stop) * order.side >= 0.0:
            order.kind = LIMIT
    now = Moment(bar, fine, AT_OPEN, o, 0, volume, atr)
    while lane.count > 0 or lane.liquidation > 0.0:
        chosen, best = NOBODY, 3
        if lane.liquidation > 0.0 and (o - lane.liquidation) * lane.quantity <= 0.0:
            chosen, best = THE_VENUE, 1
        for i in range(lane.count):
            order = order_at(desk, i)
            if order.live_from > bar or order.acted == lane.phase:
                continue
            rank = 3
            if order.kind == MARKET:
                rank = 0
            elif order.kind == LIMIT:
                if (order.limit - o) * order.side >= 0.0:
                    rank = 2
            elif order.kind != STOP_LIMIT and (o - level_of(order)) * order.side >= 0.0:
                rank = 1
            if rank < best:
                chosen, best = i, rank
        if chosen == NOBODY:
            break
        if chosen == THE_VENUE:
            liquidate(desk, now, o)
            continue
        order = order_at(desk, chosen)
        order.acted = lane.phase
        fresh = order.live_from == bar and order.fine == fine
        if best == 2 and fresh and order.post_only:
            end(desk, chosen, bar, WOULD_TAKE)
        else:
            fill(desk, chosen, now, o, best < 2 or fresh)
    for i in range(lane.count - 1, -1, -1):
        order = order_at(desk, i)
        if order.time_in_force != GTC and order.live_from <= bar:
            end(desk, i, bar, NOT_AT_ONCE)


def _inside(desk: Desk, bar: int, fine: int, o: float, h: float, l: float, c: float, volume: float, atr: float) -> None:  # noqa: E741
    """Section 4: inside the bar."""
    lane, best = desk.lane, desk.terms.best
    lane.phase += 1
    at, direction, doubtful = o, 0, False
    while lane.count > 0 or lane.liquidation > 0.0:
        born_behind = NOBODY
        # The nearest reachable order below and above, whatever its class; and the nearest of the preferred class on either side.
        below, above, preferred = NOBODY, NOBODY, NOBODY
        below_gap, above_gap, preferred_gap = 0.0, 0.0, 0.0
        preferred_below, special = False, False
        if lane.liquidation > 0.0:
            x, down = lane.liquidation, lane.quantity > 0.0
            if l <= x if down else h >= x:
                special = True
                if down:
                    below, below_gap = THE_VENUE, abs(x - at)
                else:
                    above, above_gap = THE_VENUE, abs(x - at)
                if not best:
                    preferred, preferred_gap, preferred_below = THE_VENUE, abs(x - at), down
        for i in range(lane.count):
            order = order_at(desk, i)
            if order.live_from > bar or order.acted == lane.phase or order.kind == MARKET:
                continue
            x, down, limit = level_of(order), waits_below(order), order.kind == LIMIT
            reachable = l <= x if down else h >= x
            if order.born == INSIDE:
                behind = (x - order.birth) * order.side >= 0.0 if limit else (order.birth - x) * order.side >= 0.0
                if behind:
                    born_behind = i
                    break
                must = _must_reach(order, x, down, h, l, c)
                if reachable and not must:
                    doubtful = True
                # Doubts are decided against the account, or for it when asked: a stop is hit if it can be, a target only if it must.
                if (limit or order.kind == STOP_LIMIT) != (best == 1):
                    reachable = must
            if not reachable:
                continue
            gap = abs(x - at)
            lower = x < at or (x == at and down)
            if not limit or order.reduce_only or order.oco != 0:
                special = True
            if lower and (below == NOBODY or gap < below_gap):
                below, below_gap = i, gap
            if not lower and (above == NOBODY or gap < above_gap):
                above, above_gap = i, gap
            if limit == (best == 1) and (preferred == NOBODY or gap < preferred_gap):
                preferred, preferred_gap, preferred_below = i, gap, lower
        if born_behind != NOBODY:
            order = order_at(desk, born_behind)
            order.acted = lane.phase
            fill(desk, born_behind, Moment(bar, fine, INSIDE, order.birth, direction, volume, atr), order.birth, True)
            continue
        if below == NOBODY and above == NOBODY:
            break
        if below != NOBODY and above != NOBODY and special:
            doubtful = True
        if preferred != NOBODY:
            go_down = preferred_below
        elif below != NOBODY and above != NOBODY:
            go_down = below_gap < above_gap or (below_gap == above_gap and below < above)
        else:
            go_down = below != NOBODY
        chosen = below if go_down else above
        if chosen == THE_VENUE:
            at, direction = lane.liquidation, -1 if lane.liquidation < at else 1
            liquidate(desk, Moment(bar, fine, INSIDE, at, direction, volume, atr), at)
            continue
        order = order_at(desk, chosen)
        x = level_of(order)
        direction = -1 if x < at or (x == at and waits_below(order)) else 1
        at = x
        if order.kind == STOP_LIMIT:
            order.kind = LIMIT
            order.born = INSIDE
            order.birth = at
            order.direction = direction
            continue
        order.acted = lane.phase
        fill(desk, chosen, Moment(bar, fine, INSIDE, at, direction, volume, atr), at, order.kind != LIMIT)
    if doubtful and lane.ambiguous_bar != bar:
        lane.ambiguous_bar = bar
        desk.books.ambiguous += 1


def _must_reach(order: Any, x: float, down: bool, h: float, l: float, c: float) -> bool:  # noqa: E741
    """Whether every path that the bar allows reaches that level after the order was born inside it."""
    if down:
        return c <= x or (order.direction < 0 and x <= order.birth and l <= x)  # type: ignore[no-any-return]
    return c >= x or (order.direction > 0 and x >= order.birth and h >= x)  # type: ignore[no-any-return]


def _leave(desk: Desk, bar: int, h: float, l: float, c: float) -> None:  # noqa: E741
    """Section 7: trailing stops follow what they certainly saw."""
    for i in range(desk.lane.count):
        order = order_at(desk, i)
        if order.kind == TRAILING and order.live_from <= bar:
            seen = order.born != INSIDE or order.direction == -order.side
            if order.side < 0:
                order.extreme = max(order.extreme, h if seen else c)
            else:
                order.extreme = min(order.extreme, l if seen else c)
        order.born = BEFORE


def is_quiet(desk: Desk, bar: int, o: float, h: float, l: float, c: float) -> bool:  # noqa: E741
    """True, and done, when the bar reaches no order: then only the extremes of trailing stops move, and the band with them."""
    lane = desk.lane
    if lane.low_band == inf or lane.deadline <= bar or c != c:
        return False
    if lane.liquidation > 0.0 and (l <= lane.liquidation if lane.quantity > 0.0 else h >= lane.liquidation):
        return False
    for i in range(lane.count):
        order = order_at(desk, i)
        if order.live_from > bar:
            continue
        x, down = level_of(order), waits_below(order)
        if order.kind == TRAILING and (o - x) * order.side < 0.0 and (o - order.extreme) * order.side < 0.0:
            extreme = order.extreme
            order.extreme = o
            x = level_of(order)
            order.extreme = extreme
        if l <= x if down else h >= x:
            return False
    for i in range(lane.count):
        order = order_at(desk, i)
        if order.kind == TRAILING and order.live_from <= bar:
            order.extreme = max(order.extreme, h) if order.side < 0 else min(order.extreme, l)
    set_band(desk, bar)
    return True
