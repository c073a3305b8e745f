"""The operations of a program, and which of them run side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wickwork.graph.node import Node, Value
from wickwork.graph.types import Port

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

    @property
    def columns(self) -> range:
        """The columns that it writes."""
        many = 0 if self.node.verb else sum(o.port is not Port.BARS for o in self.node.outputs)
        return range(self.output, self.output + many)


def side_by_side(operations: list[Operation]) -> list[list[Operation]]:
    """Operations in an order in which they can run, equal ones of one level together by fours and twos.

    Recurrences wait for their own last result; side by side they wait together. What has no memory, or windows, gains
    nothing by it.
    """
    level: dict[int, int] = {}
    buckets: dict[tuple[object, ...], list[Operation]] = {}
    for number, o in enumerate(operations):
        own = 1 + max((level.get(i, 0) for i in o.inputs), default=0)
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
