"""The next bar on which anything can happen to one lane.

Between events no price leaves the trigger band and no action fires. So a bar on which nothing can happen costs
a scan. Operations that read the position run as blocks too, up to the next possible event; if one of their own
triggers comes first, their memory is rolled back and run again to that bar.
"""

from __future__ import annotations

from typing import Any

from wickwork.engine.loop.idle import follow, next_breach, next_true
from wickwork.graph.kernel import ORDER_STATE
from wickwork.graph.native import call, floats, force_inline, integers, record, records
from wickwork.graph.program import DYNAMIC, EQUITY, FUNCTION, INPUTS, OUTPUT, PARAMS, POSITIONS, ROW, STATE, TRIGGER
from wickwork.graph.types import FLAT, LONG, NO_GRID, SHORT
from wickwork.orders.frame import MARK_COLUMNS, SCAN_HIGHS, SCAN_LOWS, Cursor, Frame, context_of
from wickwork.orders.records import FOREVER, LANE_SIZE, Lane, Path

inf = float("inf")
ORDER_STATE_SIZE = ORDER_STATE.itemsize
FIRST_WINDOW = 32
"""Bars for which position-reading operations run ahead at first; doubled while nothing happens."""


def positions_of(lane: Lane) -> int:
    """Which guards of actions the instrument satisfies: bits FLAT, LONG, SHORT and NO_GRID of `graph.types`."""
    held = FLAT if lane.quantity == 0.0 else LONG if lane.quantity > 0.0 else SHORT
    return held if lane.grid_levels > 0 else held | NO_GRID


def run_operations(frame: Frame, rows: Any, count: int, lane_index: int, offset: int, size: int) -> None:
    """Run operations of one lane over a stretch of the block."""
    state = frame.states + 8 * lane_index * frame.state_size
    wires = frame.inputs + 8 * lane_index * frame.wire_count
    params = frame.params + 8 * lane_index * frame.params_size
    lane = frame.lanes + lane_index * LANE_SIZE
    orders = frame.order_states + lane_index * frame.order_state_count * ORDER_STATE_SIZE
    for k in range(count):
        row = k * ROW
        call(
            rows[row + FUNCTION],
            (
                state + 8 * rows[row + STATE],
                wires + 8 * rows[row + INPUTS],
                wires + 8 * rows[row + OUTPUT],
                params + 8 * rows[row + PARAMS],
                offset,
                size,
                frame.account,
                lane,
                orders,
            ),
        )


def run_readers(frame: Frame, lane_index: int, offset: int, size: int) -> None:
    """Run the operations that read the position, the account or orders, over bars on which these stand still."""
    if frame.uses_equity and not frame.synchronous:
        ctx = context_of(frame, lane_index)
        cursor = records(frame.cursors, Cursor)[lane_index]
        last_closes, equity = (
            floats(cursor.last_closes),
            floats(integers(frame.data)[lane_index * frame.data_width + EQUITY]),
        )
        for i in range(offset, offset + size):
            equity[i] = ctx.account.net_cash + ctx.lane.quantity * last_closes[i]
    run_operations(frame, integers(frame.dynamic), frame.dynamics, lane_index, offset, size)


def find_next_event(address: int, lane_index: int) -> None:
    """Find the lane's next event in this block and leave it in its cursor.

    The key is that of `_next_event`.
    """
    frame = record(address, Frame)
    records(frame.cursors, Cursor)[lane_index].key = _next_event(frame, lane_index)


@force_inline
def _next_event(frame: Frame, lane_index: int) -> int:
    """The key of the lane's next event: 2·bar to match that bar, 2·bar + 1 to decide at its close, 2·size for none.

    It goes over the bars in stretches [i, stop) that are complete: they hold no trigger and no end of the band that was
    not taken into account.
    """
    ctx = context_of(frame, lane_index)
    lane, cursor = ctx.lane, records(frame.cursors, Cursor)[lane_index]
    lows, highs, none = floats(cursor.lows), floats(cursor.highs), floats(0)
    path = Path(floats(cursor.opens), highs, lows, floats(cursor.closes), none, none, none, none, none)
    bars_alone = frame.finer == 0 or integers(frame.finer)[6 * lane_index] == 0
    if frame.marks != 0:
        marks, m = integers(frame.marks), MARK_COLUMNS * lane_index
        lows, highs = floats(marks[m + SCAN_LOWS] + 8 * frame.start), floats(marks[m + SCAN_HIGHS] + 8 * frame.start)
        bars_alone = False
    i, matched = cursor.at, cursor.matched
    while i < frame.size:
        if matched == 0 and lane.band_low == inf:
            return 2 * i
        fires = _next_static(frame, lane_index, positions_of(lane), i)
        stop = min(fires + 1, frame.size)
        if frame.synchronous:
            stop = min(stop, i + 1)
        elif frame.dynamics > 0:
            stop = min(stop, i + cursor.window)
        due = lane.deadline < FOREVER and lane.deadline - frame.start < stop
        if due:
            stop = max(i + matched, lane.deadline - frame.start)
        if lane.trailing == 1 and frame.dynamics == 0 and bars_alone:
            breach = follow(ctx, path, frame.start, i + matched, stop, frame.size)
        else:
            breach = next_breach(lane.band_low, lane.band_high, lows, highs, i + matched, stop, frame.size)
        found = breach < stop or due
        stop = min(stop, breach)
        if frame.synchronous:
            return 2 * i if found and stop == i else 2 * i + 1
        if frame.dynamics > 0 and stop > i:
            fires = _run_ahead(frame, lane_index, i, stop, fires)
        if fires < stop:
            return 2 * fires + 1
        if found:
            cursor.at = stop
            return 2 * stop
        i = stop
        matched = 0
        if cursor.window < 1024:
            cursor.window *= 2
    return 2 * frame.size


@force_inline
def _next_static(frame: Frame, lane_index: int, positions: int, i: int) -> int:
    """The first bar from i on where an action fires that the position allows, by a trigger from bars alone."""
    actions, triggers = integers(frame.actions), integers(frame.next_signals + 8 * lane_index * frame.action_count)
    columns = integers(frame.column_addresses + 8 * lane_index * frame.columns)
    first = frame.size
    for a in range(frame.action_count):
        row = a * ROW
        if actions[row + POSITIONS] & positions and not actions[row + DYNAMIC]:
            if triggers[a] < i:
                triggers[a] = next_true(floats(columns[actions[row + TRIGGER]]), i, frame.size)
            first = min(first, triggers[a])
    return first


def _next_dynamic(frame: Frame, lane_index: int, i: int, stop: int) -> int:
    """The first bar in [i, stop) where an allowed action fires by a trigger that depends on the position."""
    actions, columns = integers(frame.actions), integers(frame.column_addresses + 8 * lane_index * frame.columns)
    positions = positions_of(records(frame.lanes, Lane)[lane_index])
    for a in range(frame.action_count):
        row = a * ROW
        if actions[row + POSITIONS] & positions and actions[row + DYNAMIC]:
            stop = next_true(floats(columns[actions[row + TRIGGER]]), i, stop)
    return stop


def _run_ahead(frame: Frame, lane_index: int, i: int, stop: int, fires: int) -> int:
    """Run the operations that read the position over the bars [i, stop), on which it stands still.

    Returns the first bar on which an action fires, at the latest `fires`. What they remember of bars behind it is
    taken back.
    """
    snapshot, memory = floats(frame.snapshot), floats(frame.states + 8 * lane_index * frame.state_size)
    cursor = records(frame.cursors, Cursor)[lane_index]
    for k in range(frame.dynamic_state):
        snapshot[k] = memory[k]
    run_readers(frame, lane_index, i, stop - i)
    fires = min(fires, _next_dynamic(frame, lane_index, i, stop))
    if fires < stop:
        cursor.window = FIRST_WINDOW
        if frame.dynamic_state > 0 and fires + 1 < stop:
            for k in range(frame.dynamic_state):
                memory[k] = snapshot[k]
            run_readers(frame, lane_index, i, fires + 1 - i)
    return fires
