"""One bar against the orders of one instrument: docs/matching.md, sections 1 to 10, in their order.

`by_the_clock` does what falls due at the beginning of a bar; `pass_bar` lets the bar (or one of its finer bars) pass by
the orders: `_open` and `_inside` fill, `_leave` tells trailing stops what they saw.
"""

from __future__ import annotations

from typing import Any

from wickwork.graph.types import GTC, LIMIT, MARKET, STOP_LIMIT, TRAILING
from wickwork.sim.fill import fill, liquidate
from wickwork.sim.modify import modify
from wickwork.sim.records import (
    AT_ONCE,
    AT_OPEN,
    BEFORE,
    BY_STRATEGY,
    GOOD_FOR_OVER,
    INSIDE,
    MOVING,
    NEWBORN,
    NOT_AT_ONCE,
    VOLUME,
    WOULD_TAKE,
    Desk,
    Moment,
    Path,
)
from wickwork.sim.table import end, level_of, order_at, waits_below

inf = float("inf")
NOBODY = -1
THE_VENUE = -2
"""Stands for the liquidation where otherwise the place of an order stands."""


def pass_bar(desk: Desk, bar: int, fine: int, path: Path, i: int, atr: float) -> None:
    """Let bar `i` of the path pass by the orders: bar number `bar` of the run, or its finer bar number `fine`."""
    lane, terms, o = desk.lane, desk.terms, path.opens[i]
    volume = path.volumes[i] if terms.volume_limit > 0.0 or terms.slippage_model == VOLUME else 0.0
    lane.taken = 0.0
    lane.phase += 1
    if fine > 0 or lane.deadline <= bar or not lane.low_band < o < lane.high_band:  # else nothing can act at the open
        _open(desk, bar, fine, o, volume, atr)
    if lane.count > 0 or lane.liquidation > 0.0:
        h, l, c = path.highs[i], path.lows[i], path.closes[i]  # noqa: E741
        _inside(desk, bar, fine, o, h, l, c, volume, atr)
        _leave(desk, bar, h, l, c)


def by_the_clock(desk: Desk, bar: int) -> None:
    """What arrives at the beginning of the bar.

    Cancels, modifications, and the ends of orders overdue on missing bars.
    """
    for i in range(desk.lane.count - 1, -1, -1):
        order = order_at(desk, i)
        if order.good_until < bar:
            end(desk, i, bar, GOOD_FOR_OVER)
        elif order.cancel_at <= bar:
            end(desk, i, bar, BY_STRATEGY)
        elif order.modify_at <= bar:
            modify(order, bar)


def expire(desk: Desk, bar: int) -> None:
    """End the orders whose last bar this was."""
    for i in range(desk.lane.count - 1, -1, -1):
        if order_at(desk, i).good_until <= bar:
            end(desk, i, bar, GOOD_FOR_OVER)


def _open(desk: Desk, bar: int, fine: int, o: float, volume: float, atr: float) -> None:
    """Section 3: the open."""
    lane = desk.lane
    for i in range(lane.count):
        order = order_at(desk, i)
        if order.live_from > bar:
            continue
        if order.kind == TRAILING:
            if (o - level_of(order)) * order.side < 0.0 and (o - order.extreme) * order.side < 0.0:
                order.extreme = o
        elif order.kind == STOP_LIMIT and (o - order.stop) * order.side >= 0.0:
            order.kind, order.live_from, order.fine = LIMIT, bar, fine  # fresh at this open
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
    if not lane.aboard & AT_ONCE:
        return
    for i in range(lane.count - 1, -1, -1):
        order = order_at(desk, i)
        if order.time_in_force != GTC and order.live_from <= bar:
            end(desk, i, bar, NOT_AT_ONCE)


def _inside(desk: Desk, bar: int, fine: int, o: float, h: float, l: float, c: float, volume: float, atr: float) -> None:  # noqa: E741
    """Section 4: inside the bar."""
    lane, best = desk.lane, desk.terms.best
    at, direction, doubtful = o, 0, False
    while lane.count > 0 or lane.liquidation > 0.0:
        behind = _born_behind(desk, bar) if lane.aboard & NEWBORN or lane.born == INSIDE else NOBODY
        if behind == THE_VENUE:
            liquidate(desk, Moment(bar, fine, INSIDE, lane.birth, direction, volume, atr), lane.birth)
            continue
        if behind != NOBODY:
            order = order_at(desk, behind)
            order.acted = lane.phase
            if order.post_only:
                end(desk, behind, bar, WOULD_TAKE)
            else:
                now = Moment(bar, fine, INSIDE, order.birth, direction, volume, atr)
                fill(desk, behind, now, order.birth, True)
            continue
        # The nearest reachable order on either side, whatever its class; and the nearest of the preferred class.
        below, above, preferred = NOBODY, NOBODY, NOBODY
        below_gap, above_gap, preferred_gap = 0.0, 0.0, 0.0
        preferred_below, special, many = False, False, 0
        if lane.liquidation > 0.0:
            x, down = lane.liquidation, lane.quantity > 0.0
            reachable = l <= x if down else h >= x
            if lane.born == INSIDE:
                must = _must_reach(x, down, lane.birth, lane.direction, h, l, c)
                doubtful = doubtful or (reachable and not must)
                reachable = must if best == 1 else reachable
            if reachable:
                special, many = True, 1
                lower = x < at or (x == at and down)
                if lower:
                    below, below_gap = THE_VENUE, abs(x - at)
                else:
                    above, above_gap = THE_VENUE, abs(x - at)
                if best == 0:
                    preferred, preferred_gap, preferred_below = THE_VENUE, abs(x - at), lower
        for i in range(lane.count):
            order = order_at(desk, i)
            x, down, limit = level_of(order), waits_below(order), order.kind == LIMIT
            edge, way = l if down else h, 1.0 if down else -1.0
            if (x - edge) * way < 0.0 or order.live_from > bar or order.acted == lane.phase or order.kind == MARKET:
                continue
            if order.born == INSIDE:
                must = _must_reach(x, down, order.birth, order.direction, h, l, c)
                doubtful = doubtful or not must
                # Against the account, or for it when asked: a stop is hit if it can be, a target only if it must.
                if (limit or order.kind == STOP_LIMIT) != (best == 1) and not must:
                    continue
            many += 1
            gap = abs(x - at)
            lower = x < at or (x == at and down)
            special = special or not limit or order.reduce_only != 0 or order.oco != 0
            if lower and (below == NOBODY or gap < below_gap):
                below, below_gap = i, gap
            if not lower and (above == NOBODY or gap < above_gap):
                above, above_gap = i, gap
            if limit == (best == 1) and (preferred == NOBODY or gap < preferred_gap):
                preferred, preferred_gap, preferred_below = i, gap, lower
        if below == NOBODY and above == NOBODY:
            break
        doubtful = doubtful or (below != NOBODY and above != NOBODY and special)
        if preferred != NOBODY:
            go_down = preferred_below
        elif below != NOBODY and above != NOBODY:
            go_down = below_gap < above_gap or (below_gap == above_gap and below < above)
        else:
            go_down = below != NOBODY
        chosen = below if go_down else above
        direction = -1 if go_down else 1
        if chosen == THE_VENUE:
            at = lane.liquidation
            liquidate(desk, Moment(bar, fine, INSIDE, at, direction, volume, atr), at)
            continue
        order = order_at(desk, chosen)
        at = level_of(order)
        if order.kind == STOP_LIMIT:
            order.kind, order.born, order.birth, order.direction = LIMIT, INSIDE, at, direction
            lane.aboard |= NEWBORN
            continue
        if order.born == INSIDE:
            direction = 0  # whether the path came here the first time is not known
        order.acted = lane.phase
        fill(desk, chosen, Moment(bar, fine, INSIDE, at, direction, volume, atr), at, order.kind != LIMIT)
        if many == 1 and not lane.aboard & NEWBORN and not _reaches_liquidation(lane, h, l):
            break  # it was the only one, and nothing new came of it
    if doubtful and lane.ambiguous_bar != bar:
        lane.ambiguous_bar = bar
        desk.books.ambiguous += 1


def _born_behind(desk: Desk, bar: int) -> int:
    """The first order born inside the bar whose level was already behind the path at its birth."""
    lane = desk.lane
    if lane.liquidation > 0.0 and lane.born == INSIDE and (lane.birth - lane.liquidation) * lane.quantity <= 0.0:
        return THE_VENUE
    for i in range(lane.count):
        order = order_at(desk, i)
        if order.born != INSIDE or order.live_from > bar or order.acted == lane.phase or order.kind == MARKET:
            continue
        gap = level_of(order) - order.birth if order.kind == LIMIT else order.birth - level_of(order)
        if gap * order.side >= 0.0:
            return i
    return NOBODY


def _reaches_liquidation(lane: Any, h: float, l: float) -> bool:  # noqa: E741
    """Whether the bar reaches the level at which the venue closes the position."""
    return lane.liquidation > 0.0 and (l <= lane.liquidation if lane.quantity > 0.0 else h >= lane.liquidation)  # type: ignore[no-any-return]


def _must_reach(x: float, down: bool, birth: float, direction: int, h: float, l: float, c: float) -> bool:  # noqa: E741
    """Whether every path that the bar allows reaches the level x after something was born inside it."""
    if down:
        return c <= x or (direction < 0 and x <= birth and l <= x)
    return c >= x or (direction > 0 and x >= birth and h >= x)


def _leave(desk: Desk, bar: int, h: float, l: float, c: float) -> None:  # noqa: E741
    """Section 7: trailing stops follow what they certainly saw."""
    desk.lane.born = BEFORE
    if not desk.lane.aboard & (MOVING | NEWBORN):
        return
    desk.lane.aboard &= ~NEWBORN
    for i in range(desk.lane.count):
        order = order_at(desk, i)
        if order.kind == TRAILING and order.live_from <= bar:
            seen = order.born != INSIDE or order.direction == -order.side
            if order.side < 0:
                order.extreme = max(order.extreme, h if seen else c)
            else:
                order.extreme = min(order.extreme, l if seen else c)
        order.born = BEFORE
