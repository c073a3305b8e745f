"""How long nothing happens: scans over bars that reach no order and make no action fire."""

from __future__ import annotations

from typing import Any

from wickwork.graph.simd import first_outside, first_positive
from wickwork.model.order_kinds import TRAILING
from wickwork.orders.frame import Context
from wickwork.orders.levels import level_of, trail_behind, waits_below
from wickwork.orders.records import Path
from wickwork.orders.table import order_at

inf = float("inf")


def next_true(column: Any, start: int, stop: int) -> int:
    """The first index in [start, stop) whose value is above 0, or stop."""
    i = start
    while i + 8 <= stop:
        k = first_positive(column, i)
        if k < 8:
            return i + k
        i += 8
    while i < stop and not column[i] > 0.0:
        i += 1
    return i


def next_breach(band_low: float, band_high: float, lows: Any, highs: Any, start: int, stop: int, size: int) -> int:
    """The first index in [start, stop) whose bar leaves the band (a missing bar does), or stop.

    `size` is how many bars there are: those behind `stop` may be looked at as well.
    """
    if band_low == -inf and band_high == inf:
        return stop
    i = start
    while i < stop and i + 8 <= size:
        k = first_outside(lows, highs, i, band_low, band_high)
        if k < 8:
            return min(i + k, stop)
        i += 8
    while i < stop and lows[i] > band_low and highs[i] < band_high:
        i += 1
    return min(i, stop)


def follow(ctx: Context, path: Path, bar: int, start: int, stop: int, size: int) -> int:
    """The first index in [start, stop) whose bar reaches an order, or stop; a trailing stop follows on the way there.

    It writes the extreme of the trailing stop and the band of the lane, so a bar that only moves these is no event.
    For lanes with just one working trailing stop. `bar` is the number of bar 0 of the path, `size` as for
    `next_breach`.
    """
    lane, lows, highs = ctx.lane, path.lows, path.highs
    i = next_breach(lane.band_low, lane.band_high, lows, highs, start, stop, size)
    if i >= stop or lane.band_low == inf:
        return i
    which, floor, ceiling = _others(ctx, bar + i)
    order = order_at(ctx, which)
    side, trail_as, trail, extreme = order.side, order.trail_as, order.trail, order.extreme
    low, high = lane.band_low, lane.band_high
    while i < stop and path.closes[i] == path.closes[i]:
        h, l = highs[i], lows[i]  # noqa: E741
        # The order may have followed the bar's own extreme before the bar reached the level behind it.
        furthest = max(extreme, h) if side < 0 else min(extreme, l)
        level = trail_behind(furthest, side, trail_as, trail)
        if l <= floor or h >= ceiling or (l <= level if side < 0 else h >= level):
            break
        extreme = furthest
        low = max(floor, level if side < 0 else extreme)
        high = min(ceiling, extreme if side < 0 else level)
        i = next_breach(low, high, lows, highs, i + 1, stop, size)
    order.extreme = extreme
    lane.band_low, lane.band_high = low, high
    return i


def _others(ctx: Context, bar: int) -> tuple[int, float, float]:
    """The index of the trailing stop, and the band of all that does not trail."""
    lane, which, low, high = ctx.lane, 0, -inf, inf
    for i in range(lane.count):
        order = order_at(ctx, i)
        if order.live_from > bar:
            continue
        if order.kind == TRAILING:
            which = i
        elif waits_below(order):
            low = max(low, level_of(order))
        else:
            high = min(high, level_of(order))
    if lane.perpetual and lane.quantity > 0.0:
        low = max(low, lane.liquidation)
    elif lane.perpetual and lane.quantity < 0.0:
        high = min(high, lane.liquidation)
    return which, low, high
