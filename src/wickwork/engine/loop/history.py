"""History, event by event.

`run` takes blocks of bars: (1) the operations that do not depend on orders run over the whole block; (2) each lane
finds its next event (`next_event.find_next_event`), and the earliest is next: matching before decisions, lanes in their
order, those with a position before those without, and first of all those that reduce theirs at the open; (3) equity is
computed over the stretches between events. Any split into blocks or calls gives the same bits; a live run takes one bar
at a time.
"""

from __future__ import annotations

from wickwork.engine.loop.next_event import FIRST_WINDOW, run_operations, run_readers
from wickwork.engine.loop.phases import run_in_phases
from wickwork.engine.loop.steps import ALL, ENTRIES, EXITS, equity_at
from wickwork.engine.loop.valuation import tally, value
from wickwork.graph.native import call, floats, integers, lowest_bit, record, records
from wickwork.graph.operation import CLOSE, EQUITY, HIGH, LAST_CLOSE, LOW, OPEN, POSITIONS, ROW, TRIGGER
from wickwork.graph.types import FLAT, LONG, SHORT
from wickwork.orders.frame import Cursor, Frame, context_of
from wickwork.orders.records import FOREVER, TABLE_ROWS, Account, Lane
from wickwork.orders.table import reduces_at_open


def run(address: int, start: int, stop: int) -> None:
    """Run the bars `start <= t < stop`.

    Sets `done` to the first bar not done: earlier than `stop` when an output is full.
    """
    frame = record(address, Frame)
    account = record(frame.account, Account)
    frame.fills_taken = account.fill_rows
    frame.closed_orders_taken = account.closed_order_rows
    t = start
    while t < stop or frame.interrupted:
        if not frame.interrupted:
            frame.start = t
            frame.size = min(frame.block, stop - t)
            begin_block(frame)
        finished = one_lane(address) if frame.lane_count == 1 else many_lanes(address)
        if not finished:
            frame.done = frame.start
            return
        end_block(frame)
        t = frame.start + frame.size
    frame.done = t


def begin_block(frame: Frame) -> None:
    """Point every lane at its bars and run the operations that do not depend on orders."""
    data, inputs = integers(frame.data), integers(frame.inputs)
    wires, moving = integers(frame.wires), integers(frame.moving)
    cursors, triggers = records(frame.cursors, Cursor), integers(frame.next_signals)
    outputs, external = integers(frame.column_addresses), integers(frame.external_columns)
    t, count = frame.start, frame.wire_count
    connected = frame.connected and frame.external_count == 0
    frame.connected = 1
    for k in range(frame.external_count):
        outputs[external[2 * k]] = external[2 * k + 1] + 8 * t
    for g in range(frame.lane_count):
        base = g * frame.data_width
        cursor = cursors[g]
        cursor.at = 0
        cursor.matched = 0
        cursor.key = -1
        cursor.window = FIRST_WINDOW
        cursor.opens = data[base + OPEN] + 8 * t
        cursor.highs = data[base + HIGH] + 8 * t
        cursor.lows = data[base + LOW] + 8 * t
        cursor.closes = data[base + CLOSE] + 8 * t
        cursor.last_closes = data[base + LAST_CLOSE] + 8 * t
        if not connected:
            for k in range(count):
                wire = wires[k]
                inputs[g * count + k] = outputs[g * frame.columns + wire] if wire >= 0 else data[base - 1 - wire]
        for k in range(frame.moving_count):
            wire = moving[k]
            inputs[g * count + wire] = data[base - 1 - wires[wire]] + 8 * t
        if frame.action_count > 0:
            frame.warmed = warm(cursor.opens, frame.size)
        for a in range(frame.action_count):
            triggers[g * frame.action_count + a] = -1
        if frame.comparisons == 0:
            run_operations(frame, frame.static, cursor.static, cursor.statics, g, 0, frame.size)
    if frame.comparisons > 0:
        run_in_phases(frame)
    frame.segment = 0
    frame.next_key = 0
    frame.pending_count = 0


def warm(column: int, size: int) -> int:
    """Read a column once, one number per cache line, so that matching does not wait for memory at every event.

    The count that it returns means nothing; but a loop without a result would be left out.
    """
    values, count = floats(column), 0
    for i in range(0, size, 8):
        count += values[i] > 0.0
    return count


def end_block(frame: Frame) -> None:
    """Copy out the columns to be kept, and count the entry signals of the block that a position suppressed."""
    frame.interrupted = 0
    count_suppressed_signals(frame)
    kept = integers(frame.kept)
    for k in range(frame.kept_count):
        column = floats(frame.arena + 8 * frame.block * (kept[3 * k] * frame.columns + kept[3 * k + 1]))
        target = floats(kept[3 * k + 2])
        for i in range(frame.size):
            target[frame.start + i] = column[i]
    frame.bars_done = frame.start + frame.size


def count_suppressed_signals(frame: Frame) -> None:
    """Count the bars on which an entry's trigger is true; `on_close` takes off those on which it acts.

    What remains in `suppressed_signals` (lanes × actions) are the signals that a held position suppressed. A row of
    `denied` for each would make every such bar an event, which doubles the time of a run.
    """
    actions, outputs = integers(frame.actions), integers(frame.column_addresses)
    suppressed, cursors = integers(frame.suppressed_signals), records(frame.cursors, Cursor)
    for a in range(frame.action_count):
        positions = actions[a * ROW + POSITIONS]
        if not positions & FLAT or (positions & LONG and positions & SHORT):
            continue
        for g in range(frame.lane_count):
            if a < cursors[g].action or a >= cursors[g].action_stop:
                continue
            column, closes = floats(outputs[g * frame.columns + actions[a * ROW + TRIGGER]]), floats(cursors[g].closes)
            many = 0
            for i in range(frame.size):
                many += (column[i] > 0.0) & (closes[i] == closes[i])
            suppressed[g * frame.action_count + a] += many


def events_that_fit(frame: Frame, account: Account) -> int:
    """For how many events the outputs certainly have room; 0 where the next one may write more than is left."""
    limits = integers(frame.output_limits)
    least: int = min(
        limits[0] - account.fill_rows,
        limits[1] - account.closed_order_rows,
        limits[2] - account.round_trip_rows,
        limits[3] - account.denied_rows,
        limits[4] - account.notification_rows,
    )
    most: int = limits[5]
    return max(least // most, 0)


def rows_allowed(frame: Frame) -> int:
    """How many rows of all order tables may be in use before an event, for what one event writes to fit."""
    total: int = integers(frame.output_limits)[6]
    return total - frame.lane_count * frame.spare


def rows_allowed_in_one(frame: Frame) -> int:
    """How many rows of one order table may be in use before an event; no limit where tables cannot grow further."""
    return frame.capacity - frame.spare if frame.capacity < TABLE_ROWS else FOREVER


def is_crowded(frame: Frame) -> bool:
    """Whether more orders work than the order tables, or the most that one event writes, count on."""
    return frame.rows_used > rows_allowed(frame) or frame.most_rows_used > rows_allowed_in_one(frame)


def one_lane(address: int) -> bool:
    """The events of the block for a run with one lane; False when an output is full."""
    frame = record(address, Frame)
    account, lane = record(frame.account, Account), records(frame.lanes, Lane)[0]
    cursor = records(frame.cursors, Cursor)[0]
    last_closes = floats(cursor.last_closes)
    equity = floats(frame.equity + 8 * frame.start) if frame.equity != 0 else floats(frame.equity_scratch)
    size, watched = frame.size, frame.order_state_count > 0
    if not frame.interrupted:
        call(frame.next_event, (address, 0))
    segment = frame.segment
    fitting, used, crowded = 0, rows_allowed(frame), rows_allowed_in_one(frame)
    while cursor.key < 2 * size:
        if fitting == 0:
            fitting = events_that_fit(frame, account)
        if fitting == 0 or frame.rows_used > used or frame.most_rows_used > crowded:
            frame.interrupted = 1
            frame.segment = segment
            return False
        fitting -= 1
        e = cursor.key >> 1
        if cursor.key & 1:
            call(frame.on_close, (address, 0, e))
            if watched:
                call(frame.on_orders, (address, 0, e))
            cursor.at = e + 1
            cursor.matched = 0
        else:
            cash, quantity = account.net_cash, lane.quantity
            call(frame.on_bar, (address, 0, e))
            if lane.grid_moved:
                call(frame.on_grid, (address, 0, e))
            if watched:
                call(frame.on_orders, (address, 0, e))
            if lane.changed and e > segment:
                value(account, last_closes, segment, e, equity, cash, quantity)
                segment = e
            cursor.at = e
            cursor.matched = 1
        call(frame.next_event, (address, 0))
    if size > segment:
        value(account, last_closes, segment, size, equity, account.net_cash, lane.quantity)
    return True


def many_lanes(address: int) -> bool:
    """The events of the block for several lanes on one account; False when an output is full.

    `calendar` has a bit per lane for every key (2·bar: match, 2·bar + 1: act), so that the earliest event is found
    without a search over the lanes.
    """
    frame = record(address, Frame)
    account, lanes, cursors = record(frame.account, Account), records(frame.lanes, Lane), records(frame.cursors, Cursor)
    calendar, pending = integers(frame.event_calendar), integers(frame.pending_lanes)
    held, since = floats(frame.held), integers(frame.held_since)
    equity = floats(frame.equity + 8 * frame.start) if frame.equity != 0 else floats(frame.equity_scratch)
    size, count, watched = frame.size, frame.lane_count, frame.order_state_count > 0
    words = (count + 31) >> 5
    if not frame.interrupted:
        for k in range(2 * size * words):
            calendar[k] = 0
        for g in range(count):
            pending[g] = g
            since[g] = 0
        frame.pending_count = count
        frame.next_key = 0
        frame.segment = 0
    key, segment = frame.next_key, frame.segment
    fitting, used, crowded = 0, rows_allowed(frame), rows_allowed_in_one(frame)
    while True:
        for q in range(frame.pending_count):
            g = pending[q]
            call(frame.next_event, (address, g))
            k = cursors[g].key
            if k < 2 * size:
                calendar[k * words + (g >> 5)] |= 1 << (g & 31)
        frame.pending_count = 0
        while key < 2 * size:
            found = 0
            for w in range(words):
                found |= calendar[key * words + w]
            if found != 0:
                break
            key += 1
        if key >= 2 * size:
            break
        if fitting == 0:
            fitting = events_that_fit(frame, account)
        if fitting == 0 or frame.rows_used > used or frame.most_rows_used > crowded:
            frame.interrupted = 1
            frame.next_key = key
            frame.segment = segment
            return False
        fitting -= 1
        e = key >> 1
        if key & 1:
            if frame.synchronous and frame.uses_equity:
                now = equity_at(frame, context_of(frame, 0), frame.start + e)
                for g in range(count):
                    floats(integers(frame.data)[g * frame.data_width + EQUITY])[e] = now
            first, last = (EXITS, ENTRIES) if frame.exits_first else (ALL, ALL)
            for phase in range(first, last + 1):
                frame.phase = phase
                for w in range(words):
                    bits = calendar[key * words + w]
                    while bits != 0:
                        g = 32 * w + lowest_bit(bits)
                        bits &= bits - 1
                        if phase != ENTRIES and frame.synchronous and cursors[g].dynamics > 0:
                            run_readers(frame, g, e, 1)
                        call(frame.on_close, (address, g, e))
                        if watched:
                            call(frame.on_orders, (address, g, e))
                        if phase != EXITS:
                            cursors[g].at = e + 1
                            cursors[g].matched = 0
                            pending[frame.pending_count] = g
                            frame.pending_count += 1
        else:
            for i in range(segment, e):
                equity[i] = account.net_cash
            segment = max(segment, e)
            grids_moved = 0
            # What reduces a position at the open goes first, then what holds one, then the rest.
            for turn in range(3):
                for w in range(words):
                    bits = calendar[key * words + w]
                    while bits != 0:
                        g = 32 * w + lowest_bit(bits)
                        bits &= bits - 1
                        quantity = lanes[g].quantity
                        if turn < 2 and quantity == 0.0:
                            continue
                        if turn == 0 and not reduces_at_open(context_of(frame, g), frame.start + e):
                            continue
                        calendar[key * words + w] ^= 1 << (g & 31)
                        call(frame.on_bar, (address, g, e))
                        if watched:
                            call(frame.on_orders, (address, g, e))
                        grids_moved |= lanes[g].grid_moved
                        if lanes[g].changed:
                            for i in range(since[g], e):
                                held[g * frame.block + i] = quantity
                            since[g] = e
                        cursors[g].at = e
                        cursors[g].matched = 1
                        pending[frame.pending_count] = g
                        frame.pending_count += 1
            if grids_moved:
                for g in range(count):
                    if lanes[g].grid_moved:
                        call(frame.on_grid, (address, g, e))
                        if watched:
                            call(frame.on_orders, (address, g, e))
        for w in range(words):
            calendar[key * words + w] = 0
    for i in range(segment, size):
        equity[i] = account.net_cash
    for g in range(count):  # always in lane order, so that every split adds up to the same bits
        quantity, last_closes = lanes[g].quantity, floats(cursors[g].last_closes)
        if since[g] > 0 or quantity != 0.0:
            for i in range(since[g], size):
                held[g * frame.block + i] = quantity
            for i in range(size):
                equity[i] += held[g * frame.block + i] * last_closes[i]
    tally(account, 0, size, equity)
    return True
