"""Block functions of nodes, compiled: a whole history, a block and a single live bar run the very same machine code.

Two rules are in the block functions and nowhere else:

- *missing*: where a wired input is not finite the node does not advance, and its outputs are NaN, except for inputs
  that its step handles itself (`SeriesOrMissing`, `ConditionOrMissing`);
- an output that is not finite is NaN.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from wickwork.graph import native
from wickwork.graph.across import across_source
from wickwork.graph.block import Shape, block_source, known_until
from wickwork.graph.records import Record, record_type
from wickwork.graph.simd import keep_finite
from wickwork.graph.slower import moment_in
from wickwork.graph.types import Account, Bar, Intent, OrderState, Position

BLOCK_ARGUMENTS = 9
"""state, inputs, outputs, params, offset, n, account, position, orders"""


class PositionRecord(Record):
    """What a node can read of the position in an instrument: `graph.types.Position`."""

    quantity: float
    """In base units, below 0 where short."""
    average: float
    """The average entry price in quote units, 0 without a position."""
    round_trip: int
    """The number of the latest round trip, counted from 1."""


POSITION = record_type(PositionRecord)


class AccountRecord(Record):
    """What a node can read of the account, in quote units: `graph.types.Account`."""

    cash: float
    capital: float
    """Cash at the start."""


ACCOUNT = record_type(AccountRecord)


class OrderStateRecord(Record):
    """What a node can read of the orders of one action, or of one leg of them: `graph.types.OrderState`."""

    number: int
    side: int
    quantity: float
    filled: float
    average: float
    price: float
    ended: int
    placed_at: int
    filled_at: int
    working: int
    remaining: float
    additions: int
    addition_price: float
    risk: float
    # What is needed to go on counting additions; steps do not receive it.
    adding_order: int
    """The number of the order that added last."""
    position: float
    """What was held after the last fill."""


ORDER_STATE = record_type(OrderStateRecord)
INTENT = np.dtype(
    [(name, "i8" if isinstance(Intent._field_defaults[name], int) else "f8") for name in Intent._fields], align=True
)


def address_of(shape: Shape, folder: Path | None = None) -> int:
    """The address of that block function; it is compiled at most once per machine and folder of machine code.

    Where a user has changed a value that the node's code reads, that is another function than before.
    """
    with native.one_at_a_time:
        return _address_of(shape, native.fingerprint(shape.node.step) if native.COMPILED else "", folder)


@cache
def _address_of(shape: Shape, key: str, folder: Path | None) -> int:
    return native.native(block_function(shape), BLOCK_ARGUMENTS, folder)


def block_function(shape: Shape) -> Any:
    """Build the block function as plain Python."""
    names: dict[str, Any] = {
        "__name__": native.__name__,
        "step": native.force_inline(shape.node.step),
        "floats": native.floats,
        "integers": native.integers,
        "one_number": native.one_number,
        "record": native.record,
        "known_until": known_until,
        "keep_finite": keep_finite,
        "moment_in": moment_in,
        "nan": float("nan"),
        "Bar": Bar,
        "Position": Position,
        "Account": Account,
        "OrderState": OrderState,
        "Memory": shape.node.memory,
        "POSITION": POSITION,
        "ACCOUNT": ACCOUNT,
        "ORDER_STATE": ORDER_STATE,
        "ORDER_STATE_SIZE": ORDER_STATE.itemsize,
        "INTENT": INTENT,
    }
    scope: dict[str, Any] = {}
    text = across_source(shape) if shape.node.across else block_source(shape)
    exec(compile(text, f"<block of {shape.node.name}>", "exec"), names, scope)  # noqa: S102  # text of graph/block, not a user's
    function: FunctionType = scope["block"]
    return function
