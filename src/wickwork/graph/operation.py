"""What a program consists of: operations, columns, and the rows that each part of a portfolio runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wickwork.graph.node import Node
from wickwork.graph.signature import Value
from wickwork.graph.types import Port

OPEN, HIGH, LOW, CLOSE, VOLUME, LAST_CLOSE, TIME, AVERAGE_RANGE, EQUITY = range(9)
"""The columns of the market, of which a program names column k as −1 − k. The last is the account's."""
DATA = 9
"""How many these are; columns from outside follow them, in the order of `Program.external`."""
SOURCE, OTHER, OUTSIDE = "bars", "bars_of", "column"

# One operation is a row of int64.
FUNCTION, STATE, INPUTS, OUTPUT, PARAMS, TRIGGER, POSITIONS, DYNAMIC, ACROSS = range(9)
ROW = 9
OCO_GROUP = OUTPUT
"""Of an action, which has no outputs: the group of its orders of which one cancels the other; 0: none."""
WIDTHS = (4, 2, 1)
"""How many equal operations run side by side."""


@dataclass(frozen=True)
class Operation:
    """One call of a block function."""

    node: Node
    values: Mapping[str, Value]
    inputs: tuple[int, ...]
    unwired: tuple[bool, ...]
    presence: bool
    """Whether the last input only shows where the clock of the operation has a bar."""
    trigger: int | None
    """The column of an action's `when`."""
    output: int
    dynamic: bool
    name: str
    varied: frozenset[str] = frozenset()
    """The varying nodes that its answer depends on."""
    part: int = 0
    """The number of the part of a portfolio that it belongs to."""
    bar_length: int = 0
    """The timeframe of its bars, in ms."""
    slower: bool = False
    """Whether these are slower than those of the run."""

    @property
    def columns(self) -> range:
        """The columns that it writes."""
        many = 0 if self.node.verb else sum(o.port is not Port.BARS for o in self.node.outputs)
        return range(self.output, self.output + many)


@dataclass(frozen=True)
class Column:
    """The column that holds a wire's values, with its warm-up, clock and type."""

    index: int
    warmup: int = 1
    """Bars before the first true value."""
    clock: int = 0
    """The column that ticks with a slower timeframe, as its index; 0 for the clock of the bars."""
    dynamic: bool = False
    port: Port = Port.SERIES
    step: int = 1
    """How many bars one tick of that clock is."""


@dataclass(frozen=True)
class Range:
    """The rows of a program that the lanes of one part of a portfolio run: the first of each kind, and how many."""

    static: int
    statics: int
    dynamic: int
    dynamics: int
    action: int
    actions: int
    exits: int
    """How many of the actions, the first ones, cancel, modify, close or reverse."""
    ratio: int
    """How many bars of the run one bar of the part is."""
    lanes: int
    """How many instruments the part trades."""
    close: int
    """The column of the closes of its bars; missing on the bars of the run between them."""


def side_by_side(operations: list[Operation]) -> list[list[Operation]]:
    """Operations in an order in which they can run, equal ones of one level together by fours and twos.

    The operations of a part stand together. Recurrences wait for their own last result; side by side they wait
    together. What has no memory, or windows, gains nothing by it.
    """
    level: dict[int, tuple[int, int]] = {}
    buckets: dict[tuple[object, ...], list[Operation]] = {}
    for number, o in enumerate(operations):
        own = (o.part, 1 + max((level.get(i, (0, 0))[1] for i in o.inputs), default=0))
        level |= dict.fromkeys(o.columns, own)
        alone = o.node.memory is None or any(f.length for f in o.node.fields)
        key: tuple[object, ...] = (own, number) if alone else (own, -1, id(o.node), o.unwired, o.presence, o.varied)
        buckets.setdefault(key, []).append(o)
    result = []
    for _, bucket in sorted(buckets.items(), key=lambda pair: pair[0][0]):  # type: ignore[arg-type,return-value]
        at = 0
        while at < len(bucket):
            wide = next(w for w in WIDTHS if w <= len(bucket) - at)
            result.append(bucket[at : at + wide])
            at += wide
    return result
