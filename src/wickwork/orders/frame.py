"""The frame: one record of addresses and counts, through which compiled code reads a whole run.

Whoever makes a frame owns the arrays that it points to and keeps them alive (`wickwork.engine.machine`). Every native
function of the loop takes the frame's address as its first argument.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from wickwork.graph.native import inlined, integers, record, records
from wickwork.graph.records import Record, record_type
from wickwork.orders.records import ORDER_SIZE, Account, Lane, VenueTerms

MARK_COLUMNS = 10
"""Open, high, low, close of the mark price in the bars, the same in the finer bars, and the two below."""
FINE_MARKS, SCAN_LOWS, SCAN_HIGHS = 4, 8, 9
"""Where the columns of the finer bars begin, and the lowest and highest of last and mark price in each bar."""


class Frame(Record):
    """A run: addresses of its arrays, counts, and how far it has got. A lane is one instrument of the run."""

    # Addresses: account and orders (`orders.records`), and the outputs.
    account: int
    terms: int
    """VenueTerms of each lane."""
    lanes: int
    orders: int
    """The order tables: for each lane `capacity` rows of Order."""
    slots: int
    """For each lane `capacity` row numbers: `orders.table`."""
    fills: int
    closed_orders: int
    round_trips: int
    denied: int
    notifications: int
    output_limits: int
    """The rows that fit into each of the five outputs, the most that one event writes into one of them, and the number
    of used rows of order tables on which that number is based."""
    suppressed_signals: int
    """For each lane and action the entry signals that a held position suppressed: `loop.history`."""
    # The order tables.
    capacity: int
    """Rows of each."""
    spare: int
    """The most rows that one event needs of one table."""
    most_rows_used: int
    """The most rows that were used of one table."""
    rows_used: int
    """Rows used of all tables."""
    # The program: rows of operations (`graph.operation`) and their number. Static operations depend on bars alone,
    # dynamic ones also on the position or the account.
    static: int
    comparisons: int
    """How many of the static operations compare all lanes."""
    dynamic: int
    actions: int
    action_count: int
    wires: int
    """For each wire the column that it reads; below 0 a column of the data."""
    wire_count: int
    columns: int
    """Columns of the program, per lane."""
    params: int
    params_size: int
    """Words per lane."""
    states: int
    """The memory of the operations."""
    state_size: int
    """Words per lane."""
    dynamic_state: int
    """Those of the dynamic operations, which come first."""
    # The data.
    data: int
    """For each lane the addresses of `data_width` columns over the whole history."""
    data_width: int
    finer: int
    """For each lane 6 addresses: where the finer bars of each bar begin, and their columns; 0 without finer bars."""
    marks: int
    """For each lane `MARK_COLUMNS` addresses: its mark prices (`engine.feed.Marks`); 0 without any."""
    funding: int
    """Rows of (bar, the rate of each lane), in order of time."""
    funding_count: int
    funding_before: int
    """Rows in front that may be gone already."""
    moving: int
    """The wires of a lane that come from its data, whose addresses are others in each block."""
    moving_count: int
    connected: int
    """1 when the addresses of all other wires are in `inputs`; those of `external_columns` are others in each block."""
    # Memory that the loop uses while it runs.
    lane_count: int
    block: int
    """Bars of a block."""
    arena: int
    """The columns of the program for one block: lane by lane, column by column."""
    inputs: int
    """For each lane and wire the address of its column in this block."""
    column_addresses: int
    """For each lane and column its address."""
    cursors: int
    """A Cursor for each lane."""
    next_signals: int
    """For each lane and action the bar of the block on which its trigger is true next; −1: not computed yet."""
    lane_values: int
    """What one comparison of all lanes reads and writes at one bar: a number for each of its wires and lanes."""
    snapshot: int
    """A copy of the dynamic operations' memory."""
    intent: int
    """The intent that an action returned last."""
    equity: int
    """Equity at every bar; 0 where it is not kept."""
    equity_scratch: int
    """Equity of one block, where it is not kept."""
    held: int
    """For each lane its position at the bars of the block."""
    held_since: int
    """For each lane the first bar of the block that is not in `held` yet."""
    event_calendar: int
    """Bits of lanes for each event key of the block."""
    pending_lanes: int
    """Numbers of the `pending_count` lanes whose next event must be computed."""
    # What to copy out after each block: rows of (lane, column, address).
    kept: int
    kept_count: int
    # Columns that lie outside the arena, over the whole history: rows of (column of all lanes, address).
    external_columns: int
    external_count: int
    # Addresses of native functions.
    next_event: int
    on_bar: int
    on_grid: int
    on_close: int
    on_orders: int
    # The states of orders that nodes read (`orders.order_state`).
    order_states: int
    """For each lane `order_state_count` records."""
    order_state_count: int
    orders_read: int
    """For each of them the number of the action, −1 for all, and the leg."""
    fills_taken: int
    """Rows of fills that the states have taken into account."""
    closed_orders_taken: int
    # The state of the run.
    synchronous: int
    """1 where all lanes must be advanced bar by bar, since the program reads the account and there are several."""
    uses_equity: int
    """1 where the program reads equity."""
    exits_first: int
    """1 for a portfolio: on one bar the exits of all lanes come before the entries of all."""
    phase: int
    """Which actions `on_close` evaluates: `engine.loop.steps`."""
    start: int
    """The first bar of the block."""
    size: int
    """Bars of this block: at most `block`."""
    bars_done: int
    """Bars up to the end of the last complete block."""
    interrupted: int
    """1 when the run stopped inside a block because an output was full."""
    segment: int
    """The first bar of the block whose equity is not computed yet."""
    next_key: int
    """The event key at which the block is continued."""
    pending_count: int
    done: int
    """The first bar not done when `run` returned."""
    warmed: int
    """Has no meaning: the result of `engine.loop.history.warm`, which must not be optimised away."""


FRAME = record_type(Frame)


class Cursor(Record):
    """Where a lane is in its block."""

    at: int
    """The next bar, counted from the first of the block."""
    matched: int
    """1 when that bar is matched already, so that only the strategy's turn is left."""
    key: int
    """Its next event: 2·bar to match, 2·bar + 1 to act, 2·size or more for none."""
    window: int
    """Bars for which dynamic operations are run ahead."""
    part: int
    """The number of its strategy in a portfolio."""
    # The rows of the program that it runs (`graph.operation.Range`).
    static: int
    statics: int
    dynamic: int
    dynamics: int
    action: int
    action_stop: int
    """The number behind its last action."""
    first_entry: int
    """The number of its first action that is no exit: those that cancel, modify, close and reverse come before."""
    positions: int
    """Which guards of actions the lane satisfied when the exits of this bar began."""
    ratio: int
    """How many bars of the run one bar of its strategy is."""
    own_closes: int
    """The column of the closes of its strategy's bars, where these are slower than those of the run."""
    # Addresses of its columns, from the first bar of the block.
    opens: int
    highs: int
    lows: int
    closes: int
    last_closes: int
    """The last close at each bar, carried over missing bars: the prices at which positions are valued."""


CURSOR = record_type(Cursor)


class Context(NamedTuple):
    """What order handling works on: the account and one instrument."""

    account: Account
    terms: VenueTerms
    lane: Lane
    frame: Frame
    """The frame of the run, with the addresses of the outputs."""
    orders: int
    """The address of the order table; `table.order_at` reads it."""
    slots: Any
    lane_index: int
    """Which instrument of the run this is."""


@inlined
def context_of(frame: Frame, lane_index: int) -> Context:
    """The context of the lane with that number."""
    return Context(
        record(frame.account, Account),
        records(frame.terms, VenueTerms)[lane_index],
        records(frame.lanes, Lane)[lane_index],
        frame,
        frame.orders + lane_index * frame.capacity * ORDER_SIZE,
        integers(frame.slots + lane_index * frame.capacity * 8),
        lane_index,
    )
