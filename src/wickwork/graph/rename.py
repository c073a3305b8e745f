"""Nodes that have another id in a second graph, and are the same for the rest."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from wickwork.graph.entries import Graph, NodeEntry, WireEntry, entry_data
from wickwork.graph.interface import SECTIONS

ROUNDS = 8
"""How far from a node its neighbours are compared."""
MOST_STEPS = 500_000
"""The most comparisons of a node or a wire; where more would be needed, the rest counts as removed and added."""


def renames(before: Graph, after: Graph) -> dict[str, str]:
    """New ids by old ones: of nodes that are in one graph alone, with equal type, parameters and neighbours.

    A neighbour is equal if it has the same id in both graphs, or is renamed itself. Where several nodes are alike in
    all that, none of them counts as renamed. Of thousands of nodes in which only the distance to others differs, only
    the first count as renamed (`MOST_STEPS`).
    """
    gone = {name for name in before.nodes if name not in after.nodes}
    new = {name for name in after.nodes if name not in before.nodes}
    found: dict[str, str] = {}
    old_contents = {name: _content(before.nodes[name]) for name in gone}
    new_contents = {name: _content(after.nodes[name]) for name in new}
    steps = 0
    while gone and new and steps < MOST_STEPS:
        steps += ROUNDS * (len(gone) + len(new) + len(before.wires) + len(after.wires))
        numbers: dict[Hashable, int] = {}
        old_colours = _colours(before, {name: old_contents[name] for name in gone}, found, numbers)
        new_colours = _colours(
            after, {name: new_contents[name] for name in new}, {name: name for name in found.values()}, numbers
        )
        by_colour: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for name, colour in old_colours.items():
            by_colour[colour][0].append(name)
        for name, colour in new_colours.items():
            by_colour[colour][1].append(name)
        pairs = {olds[0]: news[0] for olds, news in by_colour.values() if len(olds) == len(news) == 1}
        if not pairs:
            break
        found |= pairs
        gone, new = gone - set(pairs), new - set(pairs.values())
    return found


def _colours(
    graph: Graph, unmatched: Mapping[str, str], known: Mapping[str, str], numbers: dict[Hashable, int]
) -> dict[str, int]:
    """A number for each unmatched node, of which the content is given.

    Equal numbers mean equal nodes with equal neighbours, up to some distance.
    """

    def number(value: Hashable) -> int:
        return numbers.setdefault(value, len(numbers))

    neighbours: dict[str, list[tuple[str, str, str, str]]] = {name: [] for name in unmatched}
    for wire in graph.wires:
        if wire.source in neighbours:
            neighbours[wire.source].append(("out", wire.source_port, wire.target, wire.target_port))
        if wire.target in neighbours:
            neighbours[wire.target].append(("in", wire.target_port, wire.source, wire.source_port))
    colours = {name: number(content) for name, content in unmatched.items()}
    for _ in range(min(ROUNDS, len(unmatched) + 1)):
        colours = {
            name: number(
                (
                    colours[name],
                    *sorted(
                        (way, port, "", colours[other], then)
                        if other in colours
                        else (way, port, known.get(other, other), 0, then)
                        for way, port, other, then in near
                    ),
                )
            )
            for name, near in neighbours.items()
        }
    return colours


def _content(entry: NodeEntry) -> str:
    inner = entry.graph.hash() if entry.graph is not None and entry.reference is None else ""
    return json.dumps([entry_data(entry), inner], sort_keys=True)


def renamed(graph: Graph, names: Mapping[str, str]) -> Graph:
    """The graph with other ids, also in its wires, its interface and its layout."""
    if not names:
        return graph
    nodes = {names.get(name, name): entry for name, entry in graph.nodes.items()}
    wires = (
        WireEntry(names.get(w.source, w.source), w.source_port, names.get(w.target, w.target), w.target_port)
        for w in graph.wires
    )
    layout = dict(graph.layout)
    if "nodes" in layout:
        layout["nodes"] = {names.get(name, name): one for name, one in layout["nodes"].items()}
    if "groups" in layout:
        layout["groups"] = {
            key: {**one, "members": [names.get(m, m) for m in one["members"]]} if "members" in one else one
            for key, one in layout["groups"].items()
        }
    interface = _renamed_interface(graph.interface, names)
    return replace(graph, nodes=nodes, wires=tuple(sorted(wires)), interface=interface, layout=layout)


def _renamed_interface(interface: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    def end(text: str) -> str:
        node, _, port = text.partition(".")
        return f"{names.get(node, node)}.{port}"

    made = dict(interface)
    for section in SECTIONS:
        if section not in interface:
            continue
        made[section] = [dict(one) for one in interface[section]]
        for one in made[section]:
            if "from" in one and section == "outputs":
                one["from"] = end(one["from"])
            if "to" in one and section != "outputs":
                one["to"] = [end(text) for text in one["to"]]
            if "columns" in one and section == "inputs":
                one["columns"] = {column: [end(text) for text in ends] for column, ends in one["columns"].items()}
    return made
