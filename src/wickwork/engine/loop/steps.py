"""What can happen to a lane on a bar, as the loop calls it.

`on_bar` (the venue matches), `on_grid` (a grid that a fill moved is renewed) and `on_close` (the strategy decides);
after each of them `on_orders`, where nodes read the states of orders; between bars `on_request` (a person or an alert
places an order).
"""

from __future__ import annotations

from wickwork.engine.loop.next_event import positions_of
from wickwork.graph.kernel import INTENT
from wickwork.graph.native import call, floats, force_inline, integers, record, records
from wickwork.graph.operation import (
    AVERAGE_RANGE,
    CLOSE,
    FUNCTION,
    HIGH,
    INPUTS,
    LAST_CLOSE,
    LOW,
    OCO_GROUP,
    OPEN,
    PARAMS,
    POSITIONS,
    ROW,
    STATE,
    TIME,
    TRIGGER,
    VOLUME,
)
from wickwork.graph.simd import prefetch
from wickwork.graph.types import GRID, PERCENT_OF_EQUITY, REBALANCE, RISK_PERCENT, Intent
from wickwork.orders.account import pay_funding
from wickwork.orders.frame import FINE_MARKS, MARK_COLUMNS, Context, Cursor, Frame, context_of
from wickwork.orders.grid import update_grid
from wickwork.orders.order_state import fix_times, update_order_states, waits_for_bar
from wickwork.orders.own_bars import begin_own_bar, decided_at, moment_of
from wickwork.orders.records import FOREVER, LANE_SIZE, SLIPPAGE_ATR, Lane, Order, Path
from wickwork.orders.submit import submit
from wickwork.orders.table import order_at, set_band
from wickwork.sim.match import apply_arrivals, expire, pass_bar

ALL, EXITS, ENTRIES = range(3)
"""The phases of a bar's close: all actions at once; or, for several strategies, exits of all lanes before entries."""


def on_bar(address: int, lane_index: int, e: int) -> None:
    """The venue's turn for one lane on bar `e` of the block."""
    frame = record(address, Frame)
    ctx = context_of(frame, lane_index)
    lane, bar = ctx.lane, frame.start + e
    lane.changed = 0
    data = integers(frame.data)
    base = lane_index * frame.data_width
    close = floats(data[base + CLOSE])[bar]
    if close != close:  # no bar: what would begin here begins on the next one
        for i in range(lane.count):
            wait_a_bar(ctx, order_at(ctx, i), bar)
        set_band(ctx, bar)
        return
    begin_own_bar(lane, integers(data[base + TIME])[bar])
    if lane.deadline <= bar:
        apply_arrivals(ctx, bar)
    marks, m = data, base
    if frame.marks != 0:
        marks, m = integers(frame.marks), MARK_COLUMNS * lane_index
    if lane.perpetual and lane.funding_next <= bar:
        _fund(frame, ctx, bar, floats(marks[m + OPEN])[bar])
    atr = 0.0
    if ctx.terms.slippage_model == SLIPPAGE_ATR and bar > 0:
        atr = floats(data[base + AVERAGE_RANGE])[bar - 1]
        if atr != atr:
            atr = 0.0
    # A bar without finer ones is its own only finer bar.
    first, last, table, k = bar, bar + 1, data, base
    if frame.finer != 0 and integers(frame.finer)[6 * lane_index] != 0:
        starts = integers(integers(frame.finer)[6 * lane_index])
        if starts[bar + 1] > starts[bar]:
            first, last, table, k = starts[bar], starts[bar + 1], integers(frame.finer), 6 * lane_index + 1
            if frame.marks != 0:
                m += FINE_MARKS
            else:
                marks, m = table, k
    path = Path(
        floats(table[k + OPEN]),
        floats(table[k + HIGH]),
        floats(table[k + LOW]),
        floats(table[k + CLOSE]),
        floats(table[k + VOLUME]),
        floats(marks[m + OPEN]),
        floats(marks[m + HIGH]),
        floats(marks[m + LOW]),
        floats(marks[m + CLOSE]),
    )
    for i in range(first, last):
        pass_bar(ctx, bar, i - first, path, i, atr)
    if lane.deadline <= bar:
        expire(ctx, bar)
    if not lane.grid_moved:  # else `on_grid` does, after it has placed and canceled
        set_band(ctx, bar)


def on_grid(address: int, lane_index: int, e: int) -> None:
    """Tend the grid of one lane, when all lanes have passed bar `e` of the block.

    Where the bars of its strategy are slower than those of the run, it is tended when one of them closes.
    """
    frame = record(address, Frame)
    ctx = context_of(frame, lane_index)
    cursor, bar = records(frame.cursors, Cursor)[lane_index], frame.start + e
    if cursor.ratio > 1:
        columns = integers(frame.column_addresses + 8 * lane_index * frame.columns)
        close = floats(columns[cursor.own_closes])[e]
        if close != close:
            set_band(ctx, bar)
            ctx.lane.deadline = min(ctx.lane.deadline, bar + 1)
            return
    update_grid(ctx, bar)
    set_band(ctx, bar)


def wait_a_bar(ctx: Context, order: Order, bar: int) -> None:
    """Times of an order count the bars of its own instrument, so a bar that it has not moves them all."""
    if order.live_from >= bar:
        order.live_from += 1
    if order.good_until != FOREVER and ctx.lane.ratio <= 1:
        order.good_until += 1
    if order.cancel_at != FOREVER:
        order.cancel_at += 1
    if order.modify_at != FOREVER:
        order.modify_at += 1


def _fund(frame: Frame, ctx: Context, bar: int, opening: float) -> None:
    """Charge the funding moments that fell into this bar, and find the next one."""
    lane = ctx.lane
    bars, rates, rate, k = integers(frame.funding), floats(frame.funding), 0.0, lane.funding_at
    width = 1 + frame.lane_count
    if lane.quantity == 0.0:  # without a position there is nothing to pay, and those moments may be forgotten
        k = max(k, frame.funding_before)
    while k < frame.funding_count and bars[width * k] <= bar:
        rate += rates[width * k + 1 + ctx.lane_index]
        k += 1
    lane.funding_at = k
    lane.funding_next = bars[width * k] if k < frame.funding_count else FOREVER
    if lane.quantity != 0.0 and rate != 0.0:
        pay_funding(ctx, opening, rate)


def on_close(address: int, lane_index: int, e: int) -> None:
    """The strategy's turn for one lane at the close of bar `e` of the block.

    Actions that fire and that the position allows are evaluated, one after the other: all of them, or those of the
    `phase` of the frame.
    """
    frame = record(address, Frame)
    ctx = context_of(frame, lane_index)
    lane, bar = ctx.lane, frame.start + e
    actions = integers(frame.actions)
    columns = integers(frame.column_addresses + 8 * lane_index * frame.columns)
    state = frame.states + 8 * lane_index * frame.state_size
    wires = frame.inputs + 8 * lane_index * frame.wire_count
    params = frame.params + 8 * lane_index * frame.params_size
    suppressed = integers(frame.suppressed_signals)
    equity, computed = 0.0, False
    close = floats(integers(frame.data)[lane_index * frame.data_width + CLOSE])[bar]
    if close != close:  # no bar, no decision: a held value may still be true here
        return
    begin_own_bar(lane, moment_of(ctx, bar))
    cursor = records(frame.cursors, Cursor)[lane_index]
    if frame.phase != ENTRIES:
        cursor.positions = positions_of(lane)
    first = cursor.first_entry if frame.phase == ENTRIES else cursor.action
    stop = cursor.first_entry if frame.phase == EXITS else cursor.action_stop
    for a in range(first, stop):
        row = a * ROW
        if actions[row + POSITIONS] & cursor.positions and floats(columns[actions[row + TRIGGER]])[e] > 0.0:
            call(
                actions[row + FUNCTION],
                (
                    state + 8 * actions[row + STATE],
                    wires + 8 * actions[row + INPUTS],
                    frame.intent,
                    params + 8 * actions[row + PARAMS],
                    e,
                    1,
                    frame.account,
                    frame.lanes + lane_index * LANE_SIZE,
                    0,
                ),
            )
            intent = record(frame.intent, INTENT)
            if actions[row + OCO_GROUP]:
                intent.oco = actions[row + OCO_GROUP]
            if not computed and needs_equity(intent):
                equity, computed = equity_at(frame, ctx, bar), True
            submit(ctx, intent, a, bar, close, equity)
            suppressed[lane_index * frame.action_count + a] -= 1
    if lane.used > 1:  # not just a market order: matching reads more than the open of the next bar
        prefetch(floats(integers(frame.data)[lane_index * frame.data_width + HIGH]), bar + 1)
        prefetch(floats(integers(frame.data)[lane_index * frame.data_width + LOW]), bar + 1)
    set_band(ctx, bar)


def on_orders(address: int, lane_index: int, e: int) -> None:
    """Bring the states of orders that nodes read up to date, after one lane was matched or decided on bar `e`."""
    frame = record(address, Frame)
    ctx = context_of(frame, lane_index)
    base, bar = lane_index * frame.data_width, frame.start + e
    data = integers(frame.data)
    now = integers(data[base + TIME])[bar]
    update_order_states(ctx, frame.fills_taken, frame.closed_orders_taken, now, decided_at(ctx.lane, now))
    frame.fills_taken = ctx.account.fill_rows
    frame.closed_orders_taken = ctx.account.closed_order_rows
    close = floats(data[base + CLOSE])[bar]
    if close == close:
        fix_times(ctx, now)
    elif waits_for_bar(ctx):  # no bar: nodes are not called here
        ctx.lane.deadline = min(ctx.lane.deadline, bar + 1)


def needs_equity(intent: Intent) -> bool:
    """Whether the size of an intent depends on equity, whose sum over all lanes takes long where there are many."""
    percent = intent.size_as == PERCENT_OF_EQUITY or intent.size_as == RISK_PERCENT
    return percent or intent.verb == GRID or intent.verb == REBALANCE


def on_request(address: int, lane_index: int, action: int) -> None:
    """Submit the intent in `frame.intent` for one lane, after the last bar done; a missing bar has the close before it.

    A person's order, an alert's, or a test's.
    """
    frame = record(address, Frame)
    ctx = context_of(frame, lane_index)
    bar, fills, closed_orders = frame.bars_done - 1, ctx.account.fill_rows, ctx.account.closed_order_rows
    data = integers(frame.data)
    close = floats(data[lane_index * frame.data_width + LAST_CLOSE])[bar]
    equity = equity_at(frame, ctx, bar)
    now = moment_of(ctx, bar)
    begin_own_bar(ctx.lane, now)
    submit(ctx, record(frame.intent, INTENT), action, bar, close, equity)
    set_band(ctx, bar)
    if frame.order_state_count > 0:
        update_order_states(ctx, fills, closed_orders, now, now)
    if ctx.lane.grid_moved:  # by a reported fill: the next bar must renew its orders
        ctx.lane.deadline = min(ctx.lane.deadline, bar + 1)


@force_inline
def equity_at(frame: Frame, ctx: Context, bar: int) -> float:
    """Equity of the account at the close of that bar of the run: cash, then the lanes in their order.

    It does not use the cursors, which point to nothing between a resumption and the next bar.
    """
    equity = ctx.account.net_cash
    lanes, data = records(frame.lanes, Lane), integers(frame.data)
    for g in range(frame.lane_count):
        if lanes[g].quantity != 0.0:
            equity += lanes[g].quantity * floats(data[g * frame.data_width + LAST_CLOSE])[bar]
    return equity
