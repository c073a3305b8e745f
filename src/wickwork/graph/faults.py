"""What is wrong with a graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wickwork.model.errors import InputError, shown

MOST_SHOWN = 100
"""The most faults that one sentence lists."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a graph. `node` of a node in a sub-graph is its path, `outer__inner`."""

    node: str
    port: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        node, port = shown(self.node), shown(self.port)
        where = f"{node}.{port}: " if port else f"{node}: " if node else ""
        text = where + "; ".join(part for part in (self.reason.rstrip("."), self.remedy) if part)
        return text if text.endswith(("?", ".")) else f"{text}."


class GraphFaults(InputError):
    """A graph cannot run; `faults` says all that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        more = f" There are {len(self.faults) - MOST_SHOWN:,} more." if len(self.faults) > MOST_SHOWN else ""
        super().__init__(" ".join(str(fault) for fault in self.faults[:MOST_SHOWN]) + more)

    def __reduce__(self) -> tuple[type[GraphFaults], tuple[tuple[Fault, ...]]]:
        """Other processes get the faults, not only their text."""
        return GraphFaults, (self.faults,)
