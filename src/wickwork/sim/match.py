"""One bar against the orders of one instrument: docs/matching.md, sections 1 to 10, in their order.

`apply_arrivals` carries out the requests that arrive at the beginning of a bar; `pass_bar` matches the bar (or one of
its finer bars) against the orders: `_open` and `_inside` fill, `_leave` moves trailing stops.
"""

from __future__ import annotations

from wickwork.graph.native import force_inline
from wickwork.graph.types import GTC
from wickwork.model.order_kinds import (
    ACTS_AT_LIMIT,
    BECOMES_LIMIT,
    BECOMES_TRAILING,
    FAVOURABLE,
    FIRST_AT_OPEN,
    HIT_WHEN_IT_MUST,
    LIMIT,
    MARKET,
    SECOND_AT_OPEN,
    TAKES_LIQUIDITY,
    THIRD_AT_OPEN,
    TRAILING,
    has,
)
from wickwork.orders.frame import Context
from wickwork.orders.levels import level_of, waits_below
from wickwork.orders.modify import modify
from wickwork.orders.own_bars import completes_own_bar, moment_of, own_bar
from wickwork.orders.records import (
    AT_ONCE,
    AT_OPEN,
    BEFORE,
    BY_STRATEGY,
    GOOD_FOR_OVER,
    INSIDE,
    JUST_ACTIVATED,
    MOVING,
    NO_ORDER,
    NOT_AT_ONCE,
    SLIPPAGE_VOLUME,
    WOULD_TAKE,
    Lane,
    Mark,
    Moment,
    Path,
)
from wickwork.orders.table import close_order, order_at
from wickwork.sim.fill import fill, liquidate
from wickwork.sim.trailing import must_reach, next_turn, turn

inf = float("inf")
LIQUIDATION_ORDER = -2
"""Stands for the liquidation where otherwise the index of an order stands."""


@force_inline
def pass_bar(ctx: Context, bar: int, finer_bar: int, path: Path, i: int, atr: float) -> None:
    """Match one bar against the orders of one instrument.

    `bar` is its number in the run and `finer_bar` the number of the finer bar within it (0 where there are none), `i`
    its row in the columns of `path`, `atr` the ATR before it in quote units (0: unknown), for slippage.
    """
    lane, terms, o = ctx.lane, ctx.terms, path.opens[i]
    volume = path.volumes[i] if terms.volume_limit > 0.0 or terms.slippage_model == SLIPPAGE_VOLUME else 0.0
    lane.volume_filled = 0.0
    lane.pass_number += 1
    marked = path.mark_opens[i]
    if (
        finer_bar > 0
        or lane.deadline <= bar
        or not lane.band_low < o < lane.band_high
        or (marked != o and not lane.band_low < marked < lane.band_high)
    ):  # else nothing can act at the open
        _open(ctx, bar, finer_bar, o, marked, volume, atr)
    if lane.count > 0 or lane.liquidation > 0.0:
        h, l, c = path.highs[i], path.lows[i], path.closes[i]  # noqa: E741
        mark = Mark(marked, path.mark_highs[i], path.mark_lows[i], path.mark_closes[i])
        _inside(ctx, bar, finer_bar, o, h, l, c, mark, volume, atr)
        _leave(ctx, bar, h, l, c)


def apply_arrivals(ctx: Context, bar: int) -> None:
    """Carry out the cancels and modifications that arrive at the beginning of the bar.

    Orders whose last bar has passed expire: those whose last bar was missing.
    """
    for i in range(ctx.lane.count - 1, -1, -1):
        order = order_at(ctx, i)
        if order.good_until < own_bar(ctx.lane, bar):
            close_order(ctx, i, bar, GOOD_FOR_OVER)
        elif order.cancel_at <= bar:
            close_order(ctx, i, bar, BY_STRATEGY)
        elif order.modify_at <= bar:
            modify(order, bar)


def expire(ctx: Context, bar: int) -> None:
    """End the orders whose last bar this was."""
    if not completes_own_bar(ctx.lane, moment_of(ctx, bar)):
        return
    for i in range(ctx.lane.count - 1, -1, -1):
        if order_at(ctx, i).good_until <= own_bar(ctx.lane, bar):
            close_order(ctx, i, bar, GOOD_FOR_OVER)


@force_inline
def _open(ctx: Context, bar: int, finer_bar: int, o: float, marked: float, volume: float, atr: float) -> None:
    """Section 3: orders act at the open `o`, at which the mark price is `marked` (quote units).

    Triggers come first, then fills and the liquidation by rank; last, immediate orders end.
    """
    lane = ctx.lane
    for i in range(lane.count):
        order = order_at(ctx, i)
        if order.live_from > bar:
            continue
        if order.kind == TRAILING:
            if (o - level_of(order)) * order.side < 0.0 and (o - order.extreme) * order.side < 0.0:
                order.extreme = o
        elif has(BECOMES_LIMIT, order.kind) and (o - order.stop) * order.side >= 0.0:
            order.kind, order.live_from, order.finer_bar = LIMIT, bar, finer_bar  # fresh at this open
            order.kind_changed_after_fill = ctx.account.fill_total
        elif has(BECOMES_TRAILING, order.kind) and (o - order.stop) * order.side <= 0.0:
            order.kind, order.extreme = TRAILING, o
            order.armed_after_fill = ctx.account.fill_total
            lane.flags |= MOVING
    now = Moment(bar, finer_bar, AT_OPEN, o, 0)
    while lane.count > 0 or lane.liquidation > 0.0:
        chosen, lowest_rank = NO_ORDER, 3
        if lane.liquidation > 0.0 and (marked - lane.liquidation) * lane.quantity <= 0.0:
            chosen, lowest_rank = LIQUIDATION_ORDER, 1
        for i in range(lane.count):
            order = order_at(ctx, i)
            if order.live_from > bar or order.acted_in_pass == lane.pass_number:
                continue
            rank = 3
            if has(FIRST_AT_OPEN, order.kind):
                rank = 0
            elif has(SECOND_AT_OPEN, order.kind):
                if (o - level_of(order)) * order.side >= 0.0:
                    rank = 1
            elif has(THIRD_AT_OPEN, order.kind) and (level_of(order) - o) * order.side >= 0.0:
                rank = 2
            if rank < lowest_rank:
                chosen, lowest_rank = i, rank
        if chosen == NO_ORDER:
            break
        if chosen == LIQUIDATION_ORDER:
            liquidate(ctx, now, min(o, marked) if lane.quantity > 0.0 else max(o, marked))
            continue
        order = order_at(ctx, chosen)
        order.acted_in_pass = lane.pass_number
        fresh = order.live_from == bar and order.finer_bar == finer_bar
        if fresh and order.post_only and has(ACTS_AT_LIMIT, order.kind):
            close_order(ctx, chosen, bar, WOULD_TAKE)
        else:
            reference = o
            if order.limit_reference > 0.0:  # its rest gains nothing from coming later
                reference = max(o, order.limit_reference) if order.side > 0 else min(o, order.limit_reference)
            fill(ctx, chosen, now, volume, atr, reference, has(TAKES_LIQUIDITY, order.kind) or fresh)
    if not lane.flags & AT_ONCE:
        return
    for i in range(lane.count - 1, -1, -1):
        order = order_at(ctx, i)
        if order.time_in_force != GTC and order.live_from <= bar:
            close_order(ctx, i, bar, NOT_AT_ONCE)


@force_inline
def _inside(
    ctx: Context,
    bar: int,
    finer_bar: int,
    o: float,
    h: float,
    l: float,  # noqa: E741
    c: float,
    mark: Mark,
    volume: float,
    atr: float,
) -> None:
    """Section 4: orders act inside the bar, one in each step of the loop; comments name the rules of that section.

    `o`, `h`, `l`, `c` and `mark` are prices of the bar in quote units, `volume` its volume in base units (0 where
    nothing needs it). `at` is the point that the path of prices has reached, `direction` (`d` of the rules) where it
    goes.
    """
    lane, best = ctx.lane, ctx.terms.best
    at, direction, ambiguous, phase = o, 0, False, lane.pass_number
    while lane.count > 0 or lane.liquidation > 0.0:
        # "An order activated inside whose level is already behind the path": it acts before all others.
        behind = NO_ORDER
        if lane.flags & JUST_ACTIVATED or lane.activation_phase == INSIDE:
            behind = _activated_behind(ctx, bar, mark)
        if behind == LIQUIDATION_ORDER:
            liquidate(ctx, Moment(bar, finer_bar, INSIDE, lane.activation_price, direction), lane.activation_price)
            continue
        if behind != NO_ORDER:
            order = order_at(ctx, behind)
            order.acted_in_pass = lane.pass_number
            if order.post_only:
                close_order(ctx, behind, bar, WOULD_TAKE)
            else:
                now = Moment(bar, finer_bar, INSIDE, order.activation_price, direction)
                fill(ctx, behind, now, volume, atr, order.activation_price, True)
            continue
        # What is reachable: the nearest order on either side, whatever its class (rule 2), and the nearest of the
        # preferred class (rule 1).
        below, above, preferred = NO_ORDER, NO_ORDER, NO_ORDER
        below_gap, above_gap, preferred_gap = 0.0, 0.0, 0.0
        preferred_below, special, many = False, False, 0
        floor, ceiling = -inf, inf  # the nearest stops that are reachable: one that waits below, one above
        if lane.liquidation > 0.0:
            x, down = lane.liquidation, lane.quantity > 0.0
            reachable = mark.low <= x if down else mark.high >= x
            if lane.activation_phase == INSIDE:
                must = must_reach(
                    x, down, lane.activation_price, lane.activation_direction, mark.high, mark.low, mark.close
                )
                ambiguous = ambiguous or (reachable and not must)
                reachable = must if best == 1 else reachable
            if reachable:  # a stop before all others: ties of distance go to the liquidation
                special, many = True, 1
                gap = max(at - x if down else x - at, 0.0)  # the mark price may reach it behind the path
                if down:
                    floor, below, below_gap = x, LIQUIDATION_ORDER, gap
                else:
                    ceiling, above, above_gap = x, LIQUIDATION_ORDER, gap
                if best == 0:
                    preferred, preferred_gap, preferred_below = LIQUIDATION_ORDER, gap, down
        for i in range(lane.count):
            order = order_at(ctx, i)
            x, down, favourable = level_of(order), waits_below(order), has(FAVOURABLE, order.kind)
            edge, way = l if down else h, 1.0 if down else -1.0
            if (x - edge) * way < 0.0 or order.live_from > bar or order.acted_in_pass == phase or order.kind == MARKET:
                continue
            if order.activation_phase == INSIDE and order.intrabar_level == 0.0:
                # Activated inside: can be reached (tested above), or must be.
                must = must_reach(x, down, order.activation_price, order.activation_direction, h, l, c)
                ambiguous = ambiguous or not must
                # Ambiguities are resolved against the account: a stop is hit if it can be, a target only if it must.
                # With `best` it is the other way round.
                if has(HIT_WHEN_IT_MUST, order.kind) != (best == 1) and not must:
                    continue
            many += 1
            if not favourable:
                floor, ceiling = (max(floor, x), ceiling) if down else (floor, min(ceiling, x))
            gap = abs(x - at)
            lower = x < at or (x == at and down)
            special = special or not favourable or order.reduce_only != 0 or order.group != 0
            if lower and (below == NO_ORDER or gap < below_gap):
                below, below_gap = i, gap
            if not lower and (above == NO_ORDER or gap < above_gap):
                above, above_gap = i, gap
            if favourable == (best == 1) and (preferred == NO_ORDER or gap < preferred_gap):
                preferred, preferred_gap, preferred_below = i, gap, lower
        # "The path turns": a turn is taken when it is nearer than every reachable order of the preferred class.
        turning = NO_ORDER
        if lane.flags & MOVING:
            gap_below = below_gap if below != NO_ORDER else inf
            gap_above = above_gap if above != NO_ORDER else inf
            turning, gap, turn_is_ambiguous = next_turn(ctx, bar, h, l, c, at, gap_below, gap_above, floor, ceiling)
            ambiguous = ambiguous or turn_is_ambiguous
            if preferred != NO_ORDER and gap >= preferred_gap:
                turning = NO_ORDER
        if below == NO_ORDER and above == NO_ORDER and turning == NO_ORDER:
            break
        ambiguous = ambiguous or (below != NO_ORDER and above != NO_ORDER and special)
        if turning != NO_ORDER:
            order = order_at(ctx, turning)
            at, direction = turn(order, best, h, l, at), -order.side
            continue
        # Rule 1: the side of the nearest order of the preferred class, else that of the nearest order; ties: lower id.
        if preferred != NO_ORDER:
            go_down = preferred_below
        elif below != NO_ORDER and above != NO_ORDER:
            go_down = below_gap < above_gap or (below_gap == above_gap and below < above)
        else:
            go_down = below != NO_ORDER
        # Rule 2: on that side the nearest order acts.
        chosen = below if go_down else above
        direction = -1 if go_down else 1
        if chosen == LIQUIDATION_ORDER:
            at = min(at, lane.liquidation) if lane.quantity > 0.0 else max(at, lane.liquidation)
            liquidate(ctx, Moment(bar, finer_bar, INSIDE, at, direction), at)
            continue
        # Rule 3: the path goes to its level. It changes its kind, or fills.
        order = order_at(ctx, chosen)
        at = level_of(order)
        if has(BECOMES_LIMIT, order.kind):
            order.kind, order.activation_phase, order.activation_price, order.activation_direction = (
                LIMIT,
                INSIDE,
                at,
                direction,
            )
            order.kind_changed_after_fill = ctx.account.fill_total
            lane.flags |= JUST_ACTIVATED
            continue
        if has(BECOMES_TRAILING, order.kind):
            direction = 0 if order.activation_phase == INSIDE else direction
            order.kind, order.extreme = TRAILING, at
            order.armed_after_fill = ctx.account.fill_total
            order.activation_phase, order.activation_price, order.activation_direction = INSIDE, at, direction
            lane.flags |= JUST_ACTIVATED | MOVING
            continue
        if order.activation_phase == INSIDE or order.intrabar_level > 0.0:
            direction = 0  # this may not be the first time that the path reaches this level
        order.acted_in_pass = lane.pass_number
        now, taker = Moment(bar, finer_bar, INSIDE, at, direction), has(TAKES_LIQUIDITY, order.kind)
        fill(ctx, chosen, now, volume, atr, at, taker)
        if many == 1 and not lane.flags & (JUST_ACTIVATED | MOVING) and not _reaches_liquidation(lane, mark):
            break  # it was the only one, and nothing new came of it
    # "A bar is ambiguous": counted once per instrument and bar.
    if ambiguous and lane.ambiguous_bar != bar:
        lane.ambiguous_bar = bar
        ctx.account.ambiguous_bars += 1


def _activated_behind(ctx: Context, bar: int, mark: Mark) -> int:
    """The first order activated inside the bar whose level was already behind the path when it was activated."""
    lane = ctx.lane
    if (
        lane.liquidation > 0.0
        and lane.activation_phase == INSIDE
        and (lane.activation_price - lane.liquidation) * lane.quantity <= 0.0
        and _reaches_liquidation(lane, mark)
    ):
        return LIQUIDATION_ORDER
    for i in range(lane.count):
        order = order_at(ctx, i)
        if (
            order.activation_phase != INSIDE
            or order.live_from > bar
            or order.acted_in_pass == lane.pass_number
            or order.kind == MARKET
        ):
            continue
        if order.intrabar_level > 0.0:
            continue
        gap = (level_of(order) - order.activation_price) * (1.0 if has(FAVOURABLE, order.kind) else -1.0)
        if gap * order.side >= 0.0:
            return i
    return NO_ORDER


def _reaches_liquidation(lane: Lane, mark: Mark) -> bool:
    """Whether the mark price reaches in this bar the level at which the venue closes the position."""
    reached = mark.low <= lane.liquidation if lane.quantity > 0.0 else mark.high >= lane.liquidation
    return lane.liquidation > 0.0 and reached


@force_inline
def _leave(ctx: Context, bar: int, h: float, l: float, c: float) -> None:  # noqa: E741
    """Section 7: trailing stops follow the prices that certainly came while they worked."""
    ctx.lane.activation_phase = BEFORE
    if not ctx.lane.flags & (MOVING | JUST_ACTIVATED):
        return
    ctx.lane.flags &= ~JUST_ACTIVATED
    for i in range(ctx.lane.count):
        order = order_at(ctx, i)
        if order.kind == TRAILING and order.live_from <= bar:
            whole = order.activation_phase != INSIDE or order.activation_direction == -order.side
            if order.side < 0:
                order.extreme = max(order.extreme, h if whole else c)
            else:
                order.extreme = min(order.extreme, l if whole else c)
        order.activation_phase = BEFORE
