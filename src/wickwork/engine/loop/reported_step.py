"""The match step of a run whose fills are reported: it matches nothing."""

from __future__ import annotations

from wickwork.graph.native import floats, integers, record
from wickwork.graph.operation import CLOSE
from wickwork.orders.frame import Frame, context_of
from wickwork.orders.own_bars import begin_own_bar, moment_of
from wickwork.orders.table import set_band


def on_reported_bar(address: int, lane_index: int, e: int) -> None:
    """One lane on bar `e` of the block, whose fills, expiries, funding and liquidation were reported before it.

    The counterpart of `steps.on_bar`.
    """
    frame = record(address, Frame)
    ctx, bar = context_of(frame, lane_index), frame.start + e
    ctx.lane.changed = 0
    close = floats(integers(frame.data)[lane_index * frame.data_width + CLOSE])[bar]
    if close == close:
        begin_own_bar(ctx.lane, moment_of(ctx, bar))
    set_band(ctx, bar)
