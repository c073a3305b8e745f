"""Static operations of a program that compares instruments, in phases.

What one comparison reads must be there for all lanes before it runs: so the operations in front of it run lane by lane
over the block, then the comparison over all lanes, then those behind it. In a portfolio each strategy compares its own
lanes, which stand together.
"""

from __future__ import annotations

from wickwork.engine.loop.next_event import run_operations
from wickwork.graph.native import call, integers, records
from wickwork.graph.operation import ACROSS, FUNCTION, INPUTS, OUTPUT, PARAMS, ROW
from wickwork.orders.frame import Cursor, Frame


def run_in_phases(frame: Frame) -> None:
    """Run all static operations over the block."""
    cursors = records(frame.cursors, Cursor)
    lane = 0
    while lane < frame.lane_count:
        behind = lane + 1
        while behind < frame.lane_count and cursors[behind].part == cursors[lane].part:
            behind += 1
        _run_strategy(frame, cursors[lane].static, cursors[lane].statics, lane, behind)
        lane = behind


def _run_strategy(frame: Frame, begin: int, count: int, lane: int, behind: int) -> None:
    """Run `count` rows from row `begin` on, over the block, for the lanes `lane <= g < behind`."""
    rows, first = integers(frame.static), begin
    inputs = frame.inputs + 8 * lane * frame.wire_count
    for k in range(begin, begin + count):
        row = k * ROW
        if rows[row + ACROSS]:
            _run_rows(frame, first, k, lane, behind)
            call(
                rows[row + FUNCTION],
                (
                    frame.lane_values,
                    inputs + 8 * rows[row + INPUTS],
                    inputs + 8 * rows[row + OUTPUT],
                    frame.params + 8 * rows[row + PARAMS],
                    0,
                    frame.size,
                    behind - lane,
                    8 * frame.wire_count,
                    0,
                ),
            )
            first = k + 1
    _run_rows(frame, first, begin + count, lane, behind)


def _run_rows(frame: Frame, first: int, stop: int, lane: int, behind: int) -> None:
    """Run the rows `first <= k < stop`, lane by lane."""
    if first < stop:
        for g in range(lane, behind):
            run_operations(frame, frame.static, first, stop - first, g, 0, frame.size)
