"""What an import made of each node, and what differs from PVE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SAME, DIFFERS, LEFT_OUT, UNKNOWN = "same", "differs", "left out", "placeholder"


@dataclass(frozen=True)
class Line:
    """One PVE node."""

    id: int | str
    type: str
    outcome: str
    """`same`, `differs` (a decision may be another one), `left out` (PVE never acts on it) or `placeholder`."""
    became: tuple[str, ...]
    """The names of the nodes of Wickwork, or the wires that stand for it (`bars.close`); empty where it became neither,
    such as a constant that is a parameter now."""
    notes: tuple[str, ...]

    def __str__(self) -> str:
        became = LEFT_OUT if self.outcome == LEFT_OUT else ", ".join(self.became) or "no node of its own"
        return " ".join((f"{self.id} {self.type} → {became}.", *self.notes))


@dataclass(frozen=True)
class Report:
    """What an import changed, and why."""

    lines: tuple[Line, ...]
    general: tuple[str, ...]
    """Differences between the engines that hold for the whole graph."""
    file: tuple[str, ...]
    """What was wrong in the file and was left out of the graph, and what its envelope became."""

    @property
    def placeholders(self) -> tuple[Line, ...]:
        """The nodes that could not be imported; with one of them the graph cannot run."""
        return tuple(line for line in self.lines if line.outcome == UNKNOWN)

    def counts(self) -> dict[str, int]:
        """How many nodes had each outcome."""
        return {one: sum(line.outcome == one for line in self.lines) for one in (SAME, DIFFERS, LEFT_OUT, UNKNOWN)}

    def to_data(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "counts": self.counts(),
            "nodes": [
                {"id": n.id, "type": n.type, "outcome": n.outcome, "became": list(n.became), "notes": list(n.notes)}
                for n in self.lines
            ],
            "general": list(self.general),
            "file": list(self.file),
        }
