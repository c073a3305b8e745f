"""Static operations of a program that compares instruments, in phases.

What one comparison reads must be there for all lanes before it runs: so the operations in front of it run lane by lane
over the block, then the comparison over all lanes, then those behind it.
"""

from __future__ import annotations

from wickwork.engine.loop.next_event import run_operations
from wickwork.graph.native import call, integers
from wickwork.graph.program import ACROSS, FUNCTION, INPUTS, OUTPUT, PARAMS, ROW
from wickwork.orders.frame import Frame


def run_in_phases(frame: Frame) -> None:
    """Run all static operations over the block."""
    rows, first = integers(frame.static), 0
    for k in range(frame.statics):
        row = k * ROW
        if rows[row + ACROSS]:
            _run_rows(frame, first, k)
            call(
                rows[row + FUNCTION],
                (
                    frame.lane_values,
                    frame.inputs + 8 * rows[row + INPUTS],
                    frame.inputs + 8 * rows[row + OUTPUT],
                    frame.params + 8 * rows[row + PARAMS],
                    0,
                    frame.size,
                    frame.lane_count,
                    8 * frame.wire_count,
                ),
            )
            first = k + 1
    _run_rows(frame, first, frame.statics)


def _run_rows(frame: Frame, first: int, stop: int) -> None:
    """Run the rows `first <= k < stop`, lane by lane."""
    if first < stop:
        for g in range(frame.lane_count):
            run_operations(frame, integers(frame.static + 8 * ROW * first), stop - first, g, 0, frame.size)
