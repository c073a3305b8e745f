"""`good_for` where the bars of a strategy are slower than those of the run, as in a portfolio.

There an order's last bar is a number of the strategy's own bars, counted for each lane: a slower bar counts as soon as
one bar of the run inside it is there, whichever others are missing. Elsewhere it is a number of the run's bars.
"""

from __future__ import annotations

from wickwork.graph.native import integers
from wickwork.graph.operation import TIME
from wickwork.graph.slower import opening_of
from wickwork.orders.frame import Context
from wickwork.orders.records import Lane


def moment_of(ctx: Context, bar: int) -> int:
    """When that bar of the run opened, in ms."""
    moment: int = integers(integers(ctx.frame.data)[ctx.lane_index * ctx.frame.data_width + TIME])[bar]
    return moment


def begin_own_bar(lane: Lane, moment: int) -> None:
    """Count the strategy's bar that a bar of the run belongs to, which opened at `moment`, where it is a new one."""
    if lane.ratio > 1:
        opened = opening_of(moment, lane.own_length)
        if opened != lane.own_opened:
            lane.own_before = lane.own_opened
            lane.own_opened = opened
            lane.own_bars += 1


def own_bar(lane: Lane, bar: int) -> int:
    """The number with which `good_until` of the lane's orders is compared on that bar of the run."""
    return lane.own_bars if lane.ratio > 1 else bar


def completes_own_bar(lane: Lane, moment: int) -> bool:
    """Whether the bar of the run that opened at `moment` is the last one inside the strategy's bar."""
    return lane.ratio <= 1 or moment + lane.own_length // lane.ratio >= lane.own_opened + lane.own_length


def first_own_bar(lane: Lane, moment: int, live_from: int, bar: int) -> int:
    """The number of the first bar that an order counts which works from bar `live_from` of the run on.

    It was placed after bar `bar` of the run, which opened at `moment`.
    """
    if lane.ratio <= 1:
        return live_from
    inside = (moment - lane.own_opened) // (lane.own_length // lane.ratio)
    return lane.own_bars + (inside + live_from - bar) // lane.ratio


def decided_at(lane: Lane, moment: int) -> int:
    """A time inside the strategy's bar on which it decides after the bar of the run that opened at `moment`.

    Where that one is not the last inside its slower bar, the last one of the slower bar before was missing, and the
    decision is on that.
    """
    if lane.ratio <= 1 or completes_own_bar(lane, moment):
        return moment
    return lane.own_before
