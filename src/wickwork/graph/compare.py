"""What differs between two graphs, without their layout: for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wickwork.graph.entries import SEPARATOR, SUBGRAPH, Graph, NodeEntry, part_data
from wickwork.graph.interface import SECTIONS
from wickwork.graph.node import Node
from wickwork.graph.rename import renamed, renames
from wickwork.model.errors import InputError
from wickwork.model.finite import is_finite

TEXTS = ("name", "notes", "suggested_run")
"""Differences that do not change what a strategy does."""


class Absent:
    """Marks a value that one side does not have."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


@dataclass(frozen=True)
class Change:
    """One difference. Of a node in a sub-graph the path is `outer__inner`."""

    kind: str
    """`added`, `removed`, `renamed` (a node), `changed` (a parameter, type, version …), `rewired` (an input), or one of
    `interface`, `parts`, `name`, `notes` and `suggested_run`."""
    where: str
    """The path of the node, or of node and input or parameter."""
    before: Any = ABSENT
    after: Any = ABSENT

    def data(self) -> dict[str, Any]:
        """As JSON; a side that has nothing is left out."""
        sides = {"before": self.before, "after": self.after}
        return {"kind": self.kind, "where": self.where} | {k: v for k, v in sides.items() if v is not ABSENT}

    def __str__(self) -> str:
        if self.kind == "added":
            return f"+ {self.where}: {self.after}"
        if self.kind == "removed":
            return f"- {self.where}: {self.before}"
        if self.kind == "renamed":
            return f"~ {self.before} is now called {self.after}"
        place = self.where if self.kind in ("changed", "rewired") else f"{self.kind} {self.where}".rstrip()
        if self.before is ABSENT:
            return f"+ {place}: {shown_value(self.after)}"
        if self.after is ABSENT:
            return f"- {place}: {shown_value(self.before)}"
        return f"~ {place}: {shown_value(self.before)} → {shown_value(self.after)}"


def shown_value(value: Any) -> str:
    """A value as a line shows it: a text as it is if it cannot be mistaken, everything else as JSON."""
    if value is ABSENT:
        return "absent"
    return value if isinstance(value, str) and value.isprintable() and value else json.dumps(value, ensure_ascii=False)


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are written the same; 1, 1.0 and true differ."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def differences(before: Graph, after: Graph, catalogue: Mapping[str, Node]) -> tuple[Change, ...]:
    """All differences, apart from layout. A parameter that is not written has the default of the catalogue."""
    return tuple(_differences(before, after, catalogue, ""))


def _differences(before: Graph, after: Graph, catalogue: Mapping[str, Node], prefix: str) -> list[Change]:
    names = renames(before, after)
    found = [Change("renamed", prefix + new, prefix + old, prefix + new) for old, new in sorted(names.items())]
    before = renamed(before, names)
    for name in sorted({*before.nodes, *after.nodes}):
        old, new = before.nodes.get(name), after.nodes.get(name)
        if old is None and new is not None:
            found.append(Change("added", prefix + name, after=summary(new)))
        elif new is None and old is not None:
            found.append(Change("removed", prefix + name, summary(old)))
        elif old is not None and new is not None:
            found += _entry_changes(prefix + name, old, new, catalogue)
    old_wires, new_wires = inputs_of(before), inputs_of(after)
    for end in sorted({*old_wires, *new_wires}):
        was, now = old_wires.get(end), new_wires.get(end)
        if was != now:
            sides = (ABSENT if one is None else ", ".join(one) for one in (was, now))
            found.append(Change("rewired", f"{prefix}{end[0]}.{end[1]}", *sides))
    found += _interface_changes(prefix, interface_facts(before), interface_facts(after))
    if not prefix:
        found += _mapping_changes("suggested_run", "", before.suggested_run, after.suggested_run)
    parts = [list(map(part_data, graph.parts)) for graph in (before, after)]
    texts: tuple[tuple[str, Any, Any], ...] = (
        ("parts", parts[0], parts[1]),
        ("name", before.name, after.name),
        ("notes", before.notes, after.notes),
    )
    for kind, was_text, now_text in texts:
        if not same(was_text, now_text):
            found.append(Change(kind, prefix.removesuffix(SEPARATOR), was_text, now_text))
    return found


def summary(entry: NodeEntry) -> str:
    """An entry on one line: `ema(period = 12)`."""
    kind = f"{entry.type} {entry.reference}" if entry.reference is not None else entry.type
    return f"{kind}({', '.join(f'{key} = {shown_value(value)}' for key, value in sorted(entry.params.items()))})"


def inputs_of(graph: Graph) -> dict[tuple[str, str], tuple[str, ...]]:
    """The sources of each input that has a wire, `node.port`; more than one source is a fault of the graph."""
    found: dict[tuple[str, str], list[str]] = {}
    for wire in sorted(graph.wires):
        found.setdefault((wire.target, wire.target_port), []).append(f"{wire.source}.{wire.source_port}")
    return {end: tuple(sources) for end, sources in found.items()}


Fact = tuple[str, ...]
"""What a fact of an interface is about: a section and the name of a port, `ORDER` and a section, or another key."""
ORDER = "order of"


def interface_facts(graph: Graph) -> dict[Fact, Any]:
    """The interface flat: each port by section and name, the order of the ports, and every other key."""
    facts: dict[Fact, Any] = {}
    for key, value in graph.interface.items():
        if key not in SECTIONS:
            facts[key,] = value
            continue
        facts |= {(key, one["name"]): one for one in value}
        facts[ORDER, key] = [one["name"] for one in value]
    return facts


def fact_name(fact: Fact) -> str:
    """What a fact is about, as people read it: `inputs.source`, `order of inputs`."""
    return (" " if fact[0] == ORDER else ".").join(fact)


def _interface_changes(prefix: str, old: dict[Fact, Any], new: dict[Fact, Any]) -> list[Change]:
    """The order of ports counts where they are the same ports."""
    for key in ((ORDER, section) for section in SECTIONS):
        if sorted(old.get(key, ())) != sorted(new.get(key, ())):
            old, new = ({k: v for k, v in facts.items() if k != key} for facts in (old, new))
    return _mapping_changes("interface", prefix, old, new, fact_name)


def _entry_changes(path: str, old: NodeEntry, new: NodeEntry, catalogue: Mapping[str, Node]) -> list[Change]:
    found = []
    for key, was, now in (("type", old.type, new.type), ("version", old.version, new.version)):
        if was != now:
            found.append(Change("changed", f"{path} ({key})", was, now))
    node = catalogue[new.type] if new.type in catalogue else None  # noqa: SIM401 (`get` of a catalogue raises)
    if node is not None and (old.type, old.version, new.version) != (new.type, node.version, node.version):
        node = None  # defaults of another version are unknown
    settings = _complete(old, node), _complete(new, node)
    found += _mapping_changes("changed", f"{path}.", *settings)
    found += _mapping_changes("changed", f"{path} ", old.extra, new.extra)
    if old.reference == new.reference and old.reference is None and old.graph is not None and new.graph is not None:
        return found + _differences(old.graph, new.graph, catalogue, path + SEPARATOR)
    if old.reference != new.reference or (SUBGRAPH in (old.type, new.type) and old.type != new.type):
        found.append(Change("changed", f"{path} (content)", _content(old), _content(new)))
    return found


def _content(entry: NodeEntry) -> str:
    if entry.reference is not None:
        return f"{entry.reference}, {entry.reference.hash[:12]}"
    return "a graph of its own" if entry.graph is not None else "none"


def _complete(entry: NodeEntry, node: Node | None) -> dict[str, Any]:
    """The parameters as they count: in their types, with defaults; as they are where one of them is wrong."""
    params = dict(entry.params)
    if node is None:
        return params
    for parameter in node.parameters:
        try:
            params[parameter.name] = parameter.check(node.name, params.get(parameter.name, parameter.default))
        except InputError:
            continue
    inputs = {one.name for one in node.inputs}
    return {k: float(v) + 0.0 if k in inputs and is_finite(v) else v for k, v in params.items()}


def _mapping_changes(
    kind: str, prefix: str, old: Mapping[Any, Any], new: Mapping[Any, Any], text: Callable[[Any], str] = str
) -> list[Change]:
    return [
        Change(kind, f"{prefix}{text(key)}", old.get(key, ABSENT), new.get(key, ABSENT))
        for key in sorted({*old, *new})
        if not same(old.get(key, ABSENT), new.get(key, ABSENT))
    ]
