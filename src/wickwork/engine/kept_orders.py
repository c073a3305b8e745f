"""What a bot keeps of its orders beside the order table: when things happened, and all that are closed.

A venue may report a fill of an order long after the order was closed here, so no closed order is forgotten. Its row of
the order table is kept compressed, about 150 bytes of a saved state for each.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wickwork.orders.records import ORDER


class OrderTimes(NamedTuple):
    """When things happened to an order (ms, UTC)."""

    created: int
    changed: int
    """When it was created, accepted, changed, filled or closed last."""
    accepted: int | None = None
    """When the venue had it, as its first report says; None before."""


class Change(NamedTuple):
    """A change that was sent, and not answered yet."""

    price: float | None
    """The price before it; None where it leaves the price as it is."""
    reduced_by: float | None
    """By how much it reduced what was left to fill (below 0: enlarged); None where it leaves that as it is."""
    total: float
    """The greatest quantity, filled or not, that the order may have at the venue until the answer."""


@dataclass(frozen=True)
class ClosedOrder:
    """An order that works no longer: a fill of it may still be reported."""

    lane: int
    parent: int
    leg_number: int
    reason: int
    packed: bytes
    """Its row of the order table when it was closed."""

    @property
    def raw(self) -> NDArray[np.int64]:
        """The row as words, a copy."""
        return np.frombuffer(zlib.decompress(self.packed), np.int64).copy()

    @property
    def row(self) -> Any:
        """The row as a record of `ORDER`."""
        return self.raw.view(ORDER)[0]


@dataclass
class KeptOrders:
    """The orders of one bot. What `save` leaves out is about one process, or about one event."""

    closed: dict[int, ClosedOrder] = field(default_factory=dict)
    """Every order that was closed, by id; none where fills are simulated within the bot."""
    ended: set[int] = field(default_factory=set)
    """The ids of orders whose end the venue has reported."""
    legs: dict[tuple[int, int], int] = field(default_factory=dict)
    """The ids of closed legs by the id of their entry and their number among its legs."""
    fill_ids: dict[int, set[str]] = field(default_factory=dict)
    """The venue's ids of the fills of an order, by the order's id."""
    times: dict[int, OrderTimes] = field(default_factory=dict)
    """Of every order, by id; of working ones only where fills are simulated within the bot."""
    changes: dict[int, list[Change]] = field(default_factory=dict)
    """Changes that were sent and not answered, in their order, by the order's id."""
    sent: dict[str, int] = field(default_factory=dict)
    """When orders were sent, by client id, as the journal has it. Not saved: it is read from the journal."""
    unknown: set[str] = field(default_factory=set)
    """Orders in flight of which it cannot be told whether the venue has them. Not saved."""
    confirmed: set[str] = field(default_factory=set)
    """Orders that the venue listed as open before it reported them. Not saved."""
    names: dict[int, str] = field(default_factory=dict)
    """The client ids of the orders that the last event concerned."""
    created: dict[int, int] = field(default_factory=dict)
    """When the orders that the last event made were made (ms, UTC)."""
    moments: dict[str, list[int]] = field(default_factory=dict)
    """When the rows of the last outcome came about (ms, UTC), by table."""

    def begin_event(self) -> None:
        """Forget what is about the last event."""
        self.names, self.created, self.moments = {}, {}, {}

    def close(self, order_id: int, closed: ClosedOrder) -> None:
        """Keep an order that was closed."""
        self.closed[order_id] = closed
        self.changes.pop(order_id, None)
        if closed.leg_number and closed.parent:
            self.legs[closed.parent, closed.leg_number] = order_id

    def take_back(self, order_id: int) -> None:
        """An order that was closed works again, since the venue did not cancel it."""
        closed = self.closed.pop(order_id)
        if closed.leg_number and closed.parent:
            del self.legs[closed.parent, closed.leg_number]

    def answered(self, order_id: int) -> Change | None:
        """Take the first change of an order that was not answered from the list; None where there is none."""
        waiting = self.changes.get(order_id)
        if not waiting:
            return None
        first = waiting.pop(0)
        if not waiting:
            del self.changes[order_id]
        return first

    def left_at_venue(self, order_id: int, left: float) -> float:
        """What was left to fill of an order before its changes that are not answered; `left` is what is left here."""
        return left + sum(one.reduced_by or 0.0 for one in self.changes.get(order_id, ()))

    def save(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "ended": sorted(self.ended),
            "fills": {str(order_id): sorted(ids) for order_id, ids in self.fill_ids.items()},
            "closed": {
                str(order_id): [one.lane, one.parent, one.leg_number, one.reason, b64encode(one.packed).decode()]
                for order_id, one in self.closed.items()
            },
            "times": {str(order_id): list(times) for order_id, times in self.times.items()},
            "changes": {
                str(order_id): [list(change) for change in changes] for order_id, changes in self.changes.items()
            },
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `save` gave."""
        self.fill_ids = {int(order_id): set(ids) for order_id, ids in saved["fills"].items()}
        self.ended = set(saved["ended"])
        self.times = {int(order_id): OrderTimes(*times) for order_id, times in saved["times"].items()}
        for order_id, (lane, parent, leg_number, reason, packed) in saved["closed"].items():
            self.close(int(order_id), ClosedOrder(lane, parent, leg_number, reason, b64decode(packed)))
        self.changes = {
            int(order_id): [Change(*change) for change in changes] for order_id, changes in saved["changes"].items()
        }
