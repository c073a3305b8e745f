"""The match step of a run whose fills are reported: it matches nothing."""

from __future__ import annotations

from wickwork.graph.native import record
from wickwork.orders.frame import Frame, context_of
from wickwork.orders.table import set_band


def on_reported_bar(address: int, lane_index: int, e: int) -> None:
    """One lane on bar `e` of the block, whose fills, expiries, funding and liquidation were reported before it.

    The counterpart of `steps.on_bar`.
    """
    frame = record(address, Frame)
    ctx = context_of(frame, lane_index)
    ctx.lane.changed = 0
    set_band(ctx, frame.start + e)
