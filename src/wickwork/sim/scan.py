"""The next bar on which anything can happen to one lane.

Between events a lane is quiet: no price leaves the band, no action fires. So a bar on which nothing can happen costs
a scan. Operations that read the position run as blocks too, up to the next possible event; if one of their own
triggers comes first, their memory is rolled back and run again to that bar.
"""

from __future__ import annotations

from typing import Any

from wickwork.graph.native import call, floats, integers, record, records
from wickwork.graph.program import DYNAMIC, EQUITY, FUNCTION, GUARD, INPUTS, OUTPUT, PARAMS, ROW, STATE, TRIGGER
from wickwork.graph.types import FLAT, LONG, NO_GRID, SHORT
from wickwork.sim.frame import CURSOR, DATA, FRAME, desk_of
from wickwork.sim.match import is_quiet
from wickwork.sim.records import FOREVER, LANE_SIZE

inf = float("inf")
FIRST_WINDOW = 32
"""Bars for which position-reading operations run ahead at first; doubled while nothing happens."""


def next_true(column: Any, start: int, stop: int) -> int:
    """The first index in [start, stop) whose value is above 0, or stop."""
    i = start
    while i + 8 <= stop:
        found = 0
        for k in range(8):
            found |= column[i + k] > 0.0
        if found:
            break
        i += 8
    while i < stop and not column[i] > 0.0:
        i += 1
    return i


def next_breach(low_band: float, high_band: float, lows: Any, highs: Any, start: int, stop: int) -> int:
    """The first index in [start, stop) whose bar leaves the band (a missing bar does), or stop."""
    if low_band == -inf and high_band == inf:
        return stop
    i = start
    while i + 8 <= stop:
        found = 0
        for k in range(8):
            found |= (not lows[i + k] > low_band) | (not highs[i + k] < high_band)
        if found:
            break
        i += 8
    while i < stop and lows[i] > low_band and highs[i] < high_band:
        i += 1
    return i


def guard_of(lane: Any) -> int:
    """Which guards the instrument satisfies."""
    held = FLAT if lane.quantity == 0.0 else LONG if lane.quantity > 0.0 else SHORT
    return held if lane.grid_levels > 0 else held | NO_GRID


def run_operations(frame: Any, rows: Any, count: int, number: int, offset: int, size: int) -> None:
    """Run operations of one lane over a stretch of the block."""
    state = frame.states + 8 * number * frame.state_size
    wires = frame.inputs + 8 * number * frame.wire_count
    params = frame.params + 8 * number * frame.params_size
    lane = frame.lanes + number * LANE_SIZE
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
                frame.books,
                lane,
            ),
        )


def run_readers(frame: Any, number: int, offset: int, size: int) -> None:
    """Run the operations that read the position or the account, over bars on which both stand still."""
    if frame.uses_equity and not frame.synchronous:
        desk = desk_of(frame, number)
        cursor = records(frame.cursors, CURSOR)[number]
        marks, equity = floats(cursor.marks), floats(integers(frame.data)[number * DATA + EQUITY])
        for i in range(offset, offset + size):
            equity[i] = desk.books.cash + desk.lane.quantity * marks[i]
    run_operations(frame, integers(frame.dynamic), frame.dynamics, number, offset, size)


def seek(address: int, number: int) -> None:
    """Find the lane's next event in this block and leave it in its cursor.

    2·bar to match, 2·bar + 1 to act, 2·size for none.
    """
    frame = record(address, FRAME)
    records(frame.cursors, CURSOR)[number].key = _next_event(frame, number)


def _next_event(frame: Any, number: int) -> int:
    desk = desk_of(frame, number)
    lane = desk.lane
    cursor = records(frame.cursors, CURSOR)[number]
    opens, highs, lows, closes = floats(cursor.opens), floats(cursor.highs), floats(cursor.lows), floats(cursor.closes)
    actions, triggers = integers(frame.actions), integers(frame.triggers + 8 * number * frame.action_count)
    columns = integers(frame.outputs + 8 * number * frame.columns)
    snapshot, memory = floats(frame.snapshot), floats(frame.states + 8 * number * frame.state_size)
    finer = integers(frame.finer)[6 * number] if frame.finer != 0 else 0
    size, readers = frame.size, frame.dynamics
    i, matched = cursor.at, cursor.matched
    while True:
        if i >= size:
            return 2 * size  # type: ignore[no-any-return]
        if matched == 0 and lane.low_band == inf:
            return 2 * i  # type: ignore[no-any-return]
        guard = guard_of(lane)
        stop = size
        for a in range(frame.action_count):
            row = a * ROW
            if actions[row + GUARD] & guard and not actions[row + DYNAMIC]:
                t = triggers[a]
                if t < i:
                    t = next_true(floats(columns[actions[row + TRIGGER]]), i, size)
                    triggers[a] = t
                if t + 1 < stop:
                    stop = t + 1
        if frame.synchronous:
            stop = min(stop, i + 1)
        elif readers > 0:
            stop = min(stop, i + cursor.window)
        due = False
        if lane.deadline < FOREVER and lane.deadline - frame.start < stop:
            stop = max(i + matched, lane.deadline - frame.start)
            due = True
        breach = next_breach(lane.low_band, lane.high_band, lows, highs, i + matched, stop)
        if readers == 0 and finer == 0:  # a bar that only moves a trailing stop is no event
            while breach < stop and lane.trailing > 0:
                if not is_quiet(desk, frame.start + breach, opens[breach], highs[breach], lows[breach], closes[breach]):
                    break
                breach = next_breach(lane.low_band, lane.high_band, lows, highs, breach + 1, stop)
        found = breach < stop or due
        if breach < stop:
            stop = breach
        if frame.synchronous:
            return 2 * i if found and stop == i else 2 * i + 1  # type: ignore[no-any-return]
        if readers > 0 and stop > i:
            for k in range(frame.dynamic_state):
                snapshot[k] = memory[k]
            run_readers(frame, number, i, stop - i)
        fires = stop
        for a in range(frame.action_count):
            row = a * ROW
            if actions[row + GUARD] & guard:
                t = (
                    next_true(floats(columns[actions[row + TRIGGER]]), i, fires)
                    if actions[row + DYNAMIC]
                    else triggers[a]
                )
                if t < fires:
                    fires = t
        if fires < stop:
            if readers > 0:
                cursor.window = FIRST_WINDOW
                if frame.dynamic_state > 0 and fires + 1 < stop:
                    for k in range(frame.dynamic_state):
                        memory[k] = snapshot[k]
                    run_readers(frame, number, i, fires + 1 - i)
            return 2 * fires + 1  # type: ignore[no-any-return]
        if found:
            cursor.at = stop
            return 2 * stop  # type: ignore[no-any-return]
        i = stop
        matched = 0
        if cursor.window < 1024:
            cursor.window *= 2
