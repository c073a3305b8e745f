"""What one side of a merge left as it was: the entry of a node, and what a graph uses of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from wickwork.graph.compare import same
from wickwork.graph.entries import Graph, NodeEntry, entry_data
from wickwork.graph.interface import read_interface
from wickwork.graph.layout import SECTIONS

POSITION = ("x", "y", "width", "height")


def uses(graph: Graph) -> dict[str, set[tuple[str, ...]]]:
    """By node: the wires to and from it, and the ports and parameters of the interface that name it."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for wire in graph.wires:
        for name in (wire.source, wire.target):
            found[name].add((wire.source, wire.source_port, wire.target, wire.target_port))
    for section, port, (name, inner) in read_interface(graph.interface).ends():
        found[name].add((section, port, inner))
    return found


def same_entry(one: NodeEntry, other: NodeEntry) -> bool:
    """Whether two entries are written the same, but for positions in the layouts of their content."""
    return same(_without_positions(one), _without_positions(other))


def _without_positions(entry: NodeEntry) -> list[Any]:
    if entry.graph is None or entry.reference is not None:
        return [entry_data(entry)]
    graph = entry.graph
    layout = {
        key: {name: words(one) for name, one in value.items()} if key in SECTIONS else value
        for key, value in graph.layout.items()
    }
    inner = {name: _without_positions(one) for name, one in graph.nodes.items()}
    return [entry_data(entry), graph.hash(), graph.name, graph.notes, dict(graph.interface), layout, inner]


def words(one: Mapping[str, Any]) -> dict[str, Any]:
    """An object of a layout without its position."""
    return {key: value for key, value in one.items() if key not in POSITION}
