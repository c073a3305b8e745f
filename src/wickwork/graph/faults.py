"""What is wrong with a graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from heapq import nsmallest

from wickwork.model.errors import InputError, did_you_mean, shown

MOST_FAULTS = 1_000
"""The most faults that are reported of one graph."""
MOST_SHOWN = 100
"""The most faults that one sentence lists."""
MOST_NAMES = 20
"""The most names that a fault lists when none is like the one that is wrong."""
MOST_HINTS = 100
"""The most faults of one graph that name a similar name."""
MOST_COMPARED = 4_000_000
"""The most pairs of characters that are compared to find similar names: comparing two names of 64 characters may take
0.2 ms, and a document may have many of them."""


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
    """A graph cannot run; `faults` says what is wrong with it, `MOST_FAULTS` things at most."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        least = "at least " if len(self.faults) >= MOST_FAULTS else ""
        left = len(self.faults) - MOST_SHOWN
        more = f" There are {least}{left:,} more." if left > 0 else ""
        super().__init__(" ".join(str(fault) for fault in self.faults[:MOST_SHOWN]) + more)

    def __reduce__(self) -> tuple[type[GraphFaults], tuple[tuple[Fault, ...]]]:
        """Other processes get the faults, not only their text."""
        return GraphFaults, (self.faults,)


@dataclass
class Faults:
    """The faults of one graph that were found so far. `add` raises `GraphFaults` when there are `MOST_FAULTS`."""

    found: list[Fault] = field(default_factory=list)
    hints: int = 0
    compared: int = 0

    def add(self, node: str, port: str, reason: str, remedy: str = "") -> None:
        """Add one fault. Raises `GraphFaults` where there are too many."""
        self.extend([Fault(node, port, reason, remedy)])

    def extend(self, faults: Iterable[Fault]) -> None:
        """Add several faults. Raises `GraphFaults` where there are too many."""
        for fault in faults:
            self.found.append(fault)
            if len(self.found) >= MOST_FAULTS:
                raise GraphFaults(self.found)

    def similar(self, name: str, known: Collection[str]) -> str:
        """`did you mean 'x'?`; an empty text where no name is similar, or too much was compared already."""
        if self.hints >= MOST_HINTS:
            return ""
        self.hints += 1
        pairs = len(name) * sum(map(len, known))
        if self.compared + pairs > MOST_COMPARED:
            return ""
        self.compared += pairs
        hint = did_you_mean(name, known).strip()
        return hint[:1].lower() + hint[1:]

    def have(self, name: str, known: Collection[str]) -> str:
        """What to write instead of a wrong name: a similar one, or those that there are."""
        if self.hints >= MOST_HINTS:
            return ""
        if not known:
            return "it has none"
        rest = f" and {len(known) - MOST_NAMES:,} more" if len(known) > MOST_NAMES else ""
        return self.similar(name, known) or f"it has {', '.join(nsmallest(MOST_NAMES, known))}{rest}"
