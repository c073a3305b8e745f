"""History, event by event.

`run` takes blocks of bars: (1) the operations that do not depend on orders run over the whole block; (2) each lane
finds its next event (`next_event.find_next_event`), and the earliest is next: matching before decisions, lanes in their
order, those with a position before those without; (3) equity is computed over the stretches between events. Any split
into blocks or calls gives the same bits; a live run takes one bar at a time.
"""

from __future__ import annotations

from wickwork.engine.loop.next_event import FIRST_WINDOW, run_operations, run_readers
from wickwork.engine.loop.steps import equity_at
from wickwork.engine.loop.valuation import tally, value
from wickwork.graph.native import call, floats, integers, lowest_bit, record, records
from wickwork.graph.program import CLOSE, EQUITY, HIGH, LOW, MARK, OPEN, POSITIONS, ROW, TRIGGER
from wickwork.graph.types import FLAT, LONG, SHORT
from wickwork.orders.frame import Cursor, Frame, context_of
from wickwork.orders.records import TABLE_ROWS, Account, Lane


def run(address: int, start: int, stop: int) -> None:
    """Run the bars `start <= t < stop`.

    Sets `done` to the first bar not done: earlier than `stop` when an output is full.
    """
    frame = record(address, Frame)
    t = start
    while t < stop or frame.inside:
        if not frame.inside:
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
    data, wires, inputs = integers(frame.data), integers(frame.wires), integers(frame.inputs)
    cursors, triggers = records(frame.cursors, Cursor), integers(frame.triggers)
    outputs, placed = integers(frame.outputs), integers(frame.placed)
    t, count = frame.start, frame.wire_count
    for k in range(frame.placed_count):
        outputs[placed[2 * k]] = placed[2 * k + 1] + 8 * t
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
        cursor.marks = data[base + MARK] + 8 * t
        for k in range(count):
            wire = wires[k]
            if wire >= 0:
                inputs[g * count + k] = outputs[g * frame.columns + wire]
            elif wire == -1 - EQUITY:
                inputs[g * count + k] = data[base + EQUITY]
            else:
                inputs[g * count + k] = data[base - 1 - wire] + 8 * t
        if frame.action_count > 0:
            frame.warmed = warm(cursor.opens, frame.size)
        for a in range(frame.action_count):
            triggers[g * frame.action_count + a] = -1
        run_operations(frame, integers(frame.static), frame.statics, g, 0, frame.size)
    frame.segment = 0
    frame.next_key = 0
    frame.due_count = 0


def warm(column: int, size: int) -> int:
    """Read a column once, one number per cache line, so that matching does not wait for memory at every event.

    The count that it returns means nothing; but a loop without a result would be left out.
    """
    values, count = floats(column), 0
    for i in range(0, size, 8):
        count += values[i] > 0.0
    return count


def end_block(frame: Frame) -> None:
    """Copy out the columns to be kept, and count the signals of the block."""
    frame.inside = 0
    count_signals(frame)
    kept = integers(frame.kept)
    for k in range(frame.kept_count):
        column = floats(frame.arena + 8 * frame.block * (kept[3 * k] * frame.columns + kept[3 * k + 1]))
        target = floats(kept[3 * k + 2])
        for i in range(frame.size):
            target[frame.start + i] = column[i]
    frame.bars_done = frame.start + frame.size


def count_signals(frame: Frame) -> None:
    """Count the bars on which an entry's trigger is true; `on_close` takes off those on which it acts.

    What is left in `signals`, a row per lane and a number per action, are entries that a position held kept from
    acting. One row of `denied` for each would make every such bar an event, which doubles the time of a run.
    """
    actions, outputs = integers(frame.actions), integers(frame.outputs)
    signals, cursors = integers(frame.signals), records(frame.cursors, Cursor)
    for a in range(frame.action_count):
        positions = actions[a * ROW + POSITIONS]
        if not positions & FLAT or (positions & LONG and positions & SHORT):
            continue
        for g in range(frame.lane_count):
            column, closes = floats(outputs[g * frame.columns + actions[a * ROW + TRIGGER]]), floats(cursors[g].closes)
            many = 0
            for i in range(frame.size):
                many += (column[i] > 0.0) & (closes[i] == closes[i])
            signals[g * frame.action_count + a] += many


def is_full(frame: Frame, account: Account) -> bool:
    """Whether an output or an order table might not hold what the next event writes."""
    rooms = integers(frame.rooms)
    most = rooms[4]
    return (
        account.fills + most > rooms[0]
        or account.closed_orders + most > rooms[1]
        or account.round_trips_written + most > rooms[2]
        or account.denied + most > rooms[3]
        or is_crowded(frame)
    )


def is_crowded(frame: Frame) -> bool:
    """Whether more orders work than the order tables, or the most that one event writes, count on."""
    if frame.used + frame.lane_count * frame.spare > integers(frame.rooms)[5]:
        return True
    return frame.crowded + frame.spare > frame.capacity and frame.capacity < TABLE_ROWS


def one_lane(address: int) -> bool:
    """The events of the block for a run with one lane; False when an output is full."""
    frame = record(address, Frame)
    account, lane = record(frame.account, Account), records(frame.lanes, Lane)[0]
    cursor = records(frame.cursors, Cursor)[0]
    marks = floats(cursor.marks)
    equity = floats(frame.equity + 8 * frame.start) if frame.equity != 0 else floats(frame.equity_scratch)
    size = frame.size
    if not frame.inside:
        call(frame.next_event, (address, 0))
    segment = frame.segment
    while cursor.key < 2 * size:
        if is_full(frame, account):
            frame.inside = 1
            frame.segment = segment
            return False
        e = cursor.key >> 1
        if cursor.key & 1:
            call(frame.on_close, (address, 0, e))
            cursor.at = e + 1
            cursor.matched = 0
        else:
            cash, quantity = account.net_cash, lane.quantity
            call(frame.on_bar, (address, 0, e))
            if lane.grid_due:
                call(frame.on_tend, (address, 0, e))
            if lane.changed and e > segment:
                value(account, marks, segment, e, equity, cash, quantity)
                segment = e
            cursor.at = e
            cursor.matched = 1
        call(frame.next_event, (address, 0))
    if size > segment:
        value(account, marks, segment, size, equity, account.net_cash, lane.quantity)
    return True


def many_lanes(address: int) -> bool:
    """The events of the block for several lanes on one account; False when an output is full.

    `calendar` has a bit per lane for every key (2·bar: match, 2·bar + 1: act), so that the earliest event is found
    without a search over the lanes.
    """
    frame = record(address, Frame)
    account, lanes, cursors = record(frame.account, Account), records(frame.lanes, Lane), records(frame.cursors, Cursor)
    calendar, due = integers(frame.calendar), integers(frame.due)
    held, since = floats(frame.held), integers(frame.held_since)
    equity = floats(frame.equity + 8 * frame.start) if frame.equity != 0 else floats(frame.equity_scratch)
    size, count = frame.size, frame.lane_count
    words = (count + 31) >> 5
    if not frame.inside:
        for k in range(2 * size * words):
            calendar[k] = 0
        for g in range(count):
            due[g] = g
            since[g] = 0
        frame.due_count = count
        frame.next_key = 0
        frame.segment = 0
    key, segment = frame.next_key, frame.segment
    while True:
        for q in range(frame.due_count):
            g = due[q]
            call(frame.next_event, (address, g))
            k = cursors[g].key
            if k < 2 * size:
                calendar[k * words + (g >> 5)] |= 1 << (g & 31)
        frame.due_count = 0
        while key < 2 * size:
            found = 0
            for w in range(words):
                found |= calendar[key * words + w]
            if found != 0:
                break
            key += 1
        if key >= 2 * size:
            break
        if is_full(frame, account):
            frame.inside = 1
            frame.next_key = key
            frame.segment = segment
            return False
        e = key >> 1
        if key & 1:
            if frame.synchronous and frame.uses_equity:
                now = equity_at(frame, context_of(frame, 0), e)
                for g in range(count):
                    floats(integers(frame.data)[g * frame.data_width + EQUITY])[e] = now
            for w in range(words):
                bits = calendar[key * words + w]
                while bits != 0:
                    g = 32 * w + lowest_bit(bits)
                    bits &= bits - 1
                    if frame.synchronous and frame.dynamics > 0:
                        run_readers(frame, g, e, 1)
                    call(frame.on_close, (address, g, e))
                    cursors[g].at = e + 1
                    cursors[g].matched = 0
                    due[frame.due_count] = g
                    frame.due_count += 1
        else:
            for i in range(segment, e):
                equity[i] = account.net_cash
            segment = max(segment, e)
            tending = 0
            for turn in range(2):  # those that hold something when the bar begins go first
                for w in range(words):
                    bits = calendar[key * words + w]
                    while bits != 0:
                        g = 32 * w + lowest_bit(bits)
                        bits &= bits - 1
                        quantity = lanes[g].quantity
                        if turn == 0 and quantity == 0.0:
                            continue
                        calendar[key * words + w] ^= 1 << (g & 31)
                        call(frame.on_bar, (address, g, e))
                        tending |= lanes[g].grid_due
                        if lanes[g].changed:
                            for i in range(since[g], e):
                                held[g * frame.block + i] = quantity
                            since[g] = e
                        cursors[g].at = e
                        cursors[g].matched = 1
                        due[frame.due_count] = g
                        frame.due_count += 1
            if tending:
                for g in range(count):
                    if lanes[g].grid_due:
                        call(frame.on_tend, (address, g, e))
        for w in range(words):
            calendar[key * words + w] = 0
    for i in range(segment, size):
        equity[i] = account.net_cash
    for g in range(count):  # always in lane order, so that every split adds up to the same bits
        quantity, marks = lanes[g].quantity, floats(cursors[g].marks)
        if since[g] > 0 or quantity != 0.0:
            for i in range(since[g], size):
                held[g * frame.block + i] = quantity
            for i in range(size):
                equity[i] += held[g * frame.block + i] * marks[i]
    tally(account, 0, size, equity)
    return True
