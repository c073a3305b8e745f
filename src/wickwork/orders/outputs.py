"""What a run writes down: fills, closed orders, round trips and denied intents, one record for each.

Bars are numbers of the run, lanes and actions numbers within it; prices and money are in quote units.

Millions of rows are written in a long run, and their memory is a part of its time: small numbers have 32 bits. They
stand in pairs, because bytes between fields would keep what was in memory before.
"""

from __future__ import annotations

from wickwork.graph.records import Int32, Record, record_type


class Fill(Record):
    """One fill. Prices and money in quote units, quantities in base units."""

    quantity: float
    price: float
    fee: float
    position: float
    """The position after it, below 0 where short."""
    gain: float
    """What the part that closed a position gained, before fees."""
    slippage: float
    """Money lost against the reference price."""

    bar: int
    finer_bar: Int32
    """The finer bar within the bar, from 0."""
    lane: Int32
    order: int
    """The id of the order."""
    action: Int32
    side: Int32
    maker: Int32
    """1 for a maker, 0 for a taker."""
    leg: Int32
    kind: int
    """The kind of the order when it filled."""


FILL = record_type(Fill)


class ClosedOrder(Record):
    """An order that is no longer working."""

    quantity: float
    """The quantity ordered."""
    filled: float
    average: float
    """The average price of what was filled, 0 without a fill."""
    limit: float
    stop: float
    """The trigger price; for a trailing stop its last level."""

    bar: int
    """The bar on which it ended."""
    created_bar: int
    """The bar on which it was created."""
    lane: int
    order: int
    """Its id."""
    action: Int32
    side: Int32
    kind: Int32
    leg: Int32
    parent: int
    """Of a leg: the id of its entry; else 0."""
    reason: Int32
    """An index into `orders.records.REASONS`."""
    leg_number: Int32
    """Of a leg: its number among the legs of its entry, from 1."""
    # Fills of the account before it ended, before its kind changed for the last time, and before it began to trail.
    # With these numbers fills, triggers and ends are one sequence.
    fills_before: int
    kind_changed_after_fill: int
    armed_after_fill: int


CLOSED_ORDER = record_type(ClosedOrder)
SEQUENCE = ("fills_before", "kind_changed_after_fill", "armed_after_fill", "leg_number")
"""Columns of closed orders that are not part of a result."""


class RoundTrip(Record):
    """A position from its first fill until it is closed or changes its side."""

    quantity: float
    """All that was entered."""
    # Average prices.
    entry: float
    exit: float
    gain: float
    """After fees and funding."""
    fees: float
    funding: float
    risk: float
    """The loss at the stop loss of its entry, 0 without one."""

    lane: Int32
    direction: Int32
    """+1 long, −1 short."""
    # Bars.
    opened: int
    closed: int
    # Ids of orders, and what the last one was.
    entry_order: int
    exit_order: int
    exit_leg: Int32
    exit_kind: Int32
    exit_action: int


ROUND_TRIP = record_type(RoundTrip)


class Denied(Record):
    """An intent that did not become an order."""

    bar: int
    lane: Int32
    action: Int32
    reason: int
    """An index into `orders.records.DENIALS`."""


DENIED = record_type(Denied)


class Notified(Record):
    """A message that an action recorded, with its values; NaN where one is missing."""

    bar: int
    lane: Int32
    action: Int32
    a: float
    b: float
    c: float
    d: float


NOTIFIED = record_type(Notified)
