"""The parts of a strategy as data: nodes, wires, and the graph that has them.

A node whose type is `subgraph` has a graph as its content: a copy of its own (`graph`), or a reference to a file by
name, version and hash. `wickwork.graph.expand` replaces such a node by the nodes of its content.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from wickwork.graph.interface import check_interface, without_titles
from wickwork.graph.layout import check_layout
from wickwork.model.errors import InputError, NotFound, did_you_mean, shown
from wickwork.model.text import check_texts, plain_text

SCHEMA = 1
SUBGRAPH = "subgraph"
"""The type of a node whose content is a graph."""
SEPARATOR = "__"
"""What stands between the name of a sub-graph, or of a part of a portfolio, and that of a node of it."""
MOST_NODES = 20_000
"""The most nodes that a graph may have, those of its sub-graphs included."""
MOST_WIRES = 100_000
"""The most wires that a graph may have, those of its sub-graphs included."""
MOST_LEVELS = 16
"""How deep sub-graphs may be nested."""
MOST_PARAMS = 1_000
"""The most parameters of a node."""
MOST_DEPTH = 64
"""How deep lists and objects may be nested in values that a document keeps (notes, layout, parameters …)."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_END = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,63})\.([A-Za-z][A-Za-z0-9_]{0,63})")
_HASH = re.compile(r"[0-9a-f]{64}")
ABOUT = ("name", "interface", "notes", "layout", "suggested_run")
"""What a document has beside nodes, wires and parts."""
_SUGGESTED = ("instrument", "timeframe", "start", "end")


@dataclass(frozen=True)
class Reference:
    """A graph in a file of its own: `hash` is `Graph.hash()` of what that file must contain."""

    name: str
    version: int
    hash: str

    def __post_init__(self) -> None:
        """Raise InputError for a name that is none, a version below 1, and a hash that is not 64 hex digits."""
        node_name(self.name)
        if not isinstance(self.version, int) or isinstance(self.version, bool) or not 1 <= self.version < 10**9:
            raise InputError(f"The version of {self.name} must be a whole number from 1 on, was {self.version!r:.60}.")
        if not isinstance(self.hash, str) or not _HASH.fullmatch(self.hash):
            raise InputError(f"The hash of {self.name} must be 64 hexadecimal digits, was {self.hash!r:.80}.")

    def __str__(self) -> str:
        return f"{self.name} version {self.version}"

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"{self.name}-{self.version}.json"


@dataclass(frozen=True)
class NodeEntry:
    """One node of a graph: which node of the catalogue, in which version, with which parameters.

    `params` also holds fixed values of optional inputs that are not wired. Values of a node that this version cannot
    run may be any JSON, and so may `extra`, the keys of the entry that this version does not have; both are kept.
    """

    type: str
    params: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1
    extra: Mapping[str, Any] = field(default_factory=dict)
    graph: Graph | None = None
    """The content of a sub-graph; None where a reference was not looked up or not found."""
    reference: Reference | None = None
    not_found: str = field(default="", compare=False)
    """Why the content of a reference is missing."""


@dataclass(frozen=True, order=True)
class WireEntry:
    """From an output port to an input port."""

    source: str
    source_port: str
    target: str
    target_port: str

    def __str__(self) -> str:
        return f"{self.source}.{self.source_port} → {self.target}.{self.target_port}"


@dataclass(frozen=True)
class Part:
    """One strategy of a portfolio: several strategies in one graph, which share an account.

    The ids of its nodes begin with its name and `SEPARATOR`. It trades its instruments alone, each with a position of
    its own, and decides when a bar of its timeframe closes.
    """

    name: str
    timeframe: str
    instruments: tuple[str, ...]
    about: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What the document of its strategy has beside nodes and wires: `ABOUT`, each where there is any, the name where it
    is another than that of the part. Nothing of it changes what the portfolio does."""

    @property
    def prefix(self) -> str:
        """What the ids of its nodes begin with."""
        return self.name + SEPARATOR


@dataclass(frozen=True)
class Graph:
    """A strategy, or the content of a sub-graph: nodes by id, and wires."""

    nodes: Mapping[str, NodeEntry]
    wires: tuple[WireEntry, ...] = ()
    name: str = ""
    interface: Mapping[str, Any] = field(default_factory=dict)
    """What a sub-graph has outside: `wickwork.graph.interface`."""
    notes: Any = ""
    layout: Mapping[str, Any] = field(default_factory=dict)
    """Positions, comments and groups: `wickwork.graph.layout`."""
    suggested_run: Mapping[str, str] = field(default_factory=dict)
    """What the strategy was made for: `instrument`, `timeframe`, `start` and `end`, each as text where it is known."""
    parts: tuple[Part, ...] = ()
    """The strategies of a portfolio, in the order in which they act; empty for a single strategy."""

    def __post_init__(self) -> None:
        """Raise `InputError` for too many nodes, wrong forms, and text that cannot be written or shown."""
        if self.size > MOST_NODES:
            raise InputError(f"A graph may have {MOST_NODES:,} nodes, this one has {self.size:,}; split it.")
        if self.levels > MOST_LEVELS:
            raise InputError(f"Sub-graphs may be nested {MOST_LEVELS} deep, these are more; unpack some of them.")
        plain_text(self.name, "the name of the graph")
        check_values(self.notes, "the notes", lines=True)
        for name, entry in self.nodes.items():
            plain_text(name, "the name of a node")
            plain_text(entry.type, f"the type of {name}")
            if entry.type == SUBGRAPH and entry.graph is None and entry.reference is None:
                raise InputError(f"The sub-graph {name} needs its content: a `graph`, or a `reference` to a file.")
            if len(entry.params) > MOST_PARAMS or len(entry.extra) > MOST_PARAMS:
                raise InputError(f"A node may have {MOST_PARAMS:,} parameters and other keys, {name} has more.")
            if _is_plain(_json_of([dict(entry.params), dict(entry.extra)])):
                continue
            for key, value in (*entry.params.items(), *entry.extra.items()):
                plain_text(key, f"a parameter of {name}")
                plain_text(value, f"{name}.{key}")
                if key in entry.extra or isinstance(value, Mapping | list | tuple):
                    check_values(value, f"{name}.{key}")
        check_values(self.interface, "the interface")
        check_interface(self.interface)
        check_values(self.layout, "the layout", lines=True)
        check_layout(self.layout)
        for part in self.parts:
            node_name(part.name)
            check_texts([part.timeframe, *part.instruments], f"the part {part.name}")
            part_graph(part, {}, ())
        for key, value in self.suggested_run.items():
            if key not in _SUGGESTED or not isinstance(value, str):
                raise InputError(f"The suggested run has {', '.join(_SUGGESTED)}, each as text, not {shown(key)!r}.")
            plain_text(value, f"{key} of the suggested run")

    @cached_property
    def size(self) -> int:
        """The number of nodes, those of sub-graphs included."""
        return len(self.nodes) + sum(one.graph.size for one in self.nodes.values() if one.graph is not None)

    @cached_property
    def levels(self) -> int:
        """How deep sub-graphs are nested; 0 without any."""
        return max((1 + one.graph.levels for one in self.nodes.values() if one.graph is not None), default=0)

    @cached_property
    def types(self) -> frozenset[str]:
        """The types of its nodes, those of sub-graphs included."""
        own = frozenset(one.type for one in self.nodes.values() if one.type != SUBGRAPH)
        return own.union(*(one.graph.types for one in self.nodes.values() if one.graph is not None))

    def with_params(self, changes: Mapping[str, Any]) -> Graph:
        """The same graph with parameters changed, given as `{"node.param": value}`.

        Raises InputError for a key that is not `node.param`, and NotFound for an unknown node. Values are checked by
        `check`.
        """
        nodes = dict(self.nodes)
        for key, value in changes.items():
            node, _, param = key.partition(".")
            if not param:
                raise InputError(f"{key!r} does not name a parameter; write it as node.param=value.")
            if node not in nodes:
                raise NotFound(f"The graph has no node {node!r}.{did_you_mean(node, nodes)}")
            nodes[node] = replace(nodes[node], params={**nodes[node].params, param: value})
        return replace(self, nodes=nodes)

    def with_nodes(
        self,
        nodes: Mapping[str, NodeEntry],
        wires: tuple[WireEntry, ...],
        interface: Mapping[str, Any],
        parts: tuple[Part, ...] | None = None,
    ) -> Graph:
        """The same graph with other nodes, wires, interface and parts, of which the form was checked already."""
        made = object.__new__(Graph)
        vars(made).update({one.name: getattr(self, one.name) for one in fields(self)})
        vars(made).update(nodes=nodes, wires=wires, interface=interface, parts=self.parts if parts is None else parts)
        return made

    def hash(self) -> str:
        """SHA-256 of what the strategy does: name, notes, layout, titles and suggested run do not count.

        Sub-graphs count as they are written. `check` gives the graph whose hash names a strategy: expanded, with all
        parameters.
        """
        return hashlib.sha256(json.dumps(_logic(self), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _logic(graph: Graph) -> dict[str, Any]:
    nodes = {}
    for name, entry in graph.nodes.items():
        nodes[name] = entry_data(entry)
        if entry.graph is not None and entry.reference is None:
            nodes[name]["graph"] = _logic(entry.graph)
    wires = [wire_data(wire) for wire in sorted(graph.wires)]
    logic = {"schema": SCHEMA, "nodes": nodes, "wires": wires, "interface": without_titles(graph.interface)}
    return {**logic, "parts": [part_data(part) for part in graph.parts]} if graph.parts else logic


def entry_data(entry: NodeEntry) -> dict[str, Any]:
    """The entry as JSON, without the content of a sub-graph that is no reference."""
    data = {**entry.extra, "type": entry.type, "version": entry.version, "params": dict(entry.params)}
    if entry.reference is not None:
        data["reference"] = vars(entry.reference)
    return data


def wire_data(wire: WireEntry) -> list[str]:
    """The wire as JSON."""
    return [f"{wire.source}.{wire.source_port}", f"{wire.target}.{wire.target_port}"]


def part_data(part: Part) -> dict[str, Any]:
    """The part as JSON."""
    return {"name": part.name, "timeframe": part.timeframe, "instruments": list(part.instruments)}


def part_document(part: Part) -> dict[str, Any]:
    """The part as JSON, with what of its strategy's document does not count for the hash."""
    return part_data(part) | ({"about": dict(part.about)} if part.about else {})


def part_from(data: Mapping[str, Any]) -> Part:
    """The part that `part_document` wrote."""
    return Part(data["name"], data["timeframe"], tuple(data["instruments"]), data.get("about", {}))


def part_of(part: Part, graph: Graph) -> Part:
    """The part with what the document of that strategy has beside nodes and wires."""
    about = {key: value for key in ABOUT if (value := getattr(graph, key)) or key == "name"}
    if about["name"] == part.name:
        del about["name"]
    return replace(part, about=about)


def part_graph(part: Part, nodes: Mapping[str, NodeEntry], wires: tuple[WireEntry, ...]) -> Graph:
    """The strategy of a part, with these nodes and wires. Raises InputError for a wrong form of `about`."""
    about = {"name": part.name, **part.about}
    if unknown := sorted(set(about) - set(ABOUT)):
        raise InputError(f"The part {part.name}: about has {', '.join(ABOUT)}, not {shown(unknown[0])!r}.")
    for key, value in about.items():
        if key != "notes" and not isinstance(value, str if key == "name" else Mapping):
            form = "a text" if key == "name" else "an object"
            raise InputError(f"The part {part.name}: {key} of about must be {form}, was {value!r:.60}.")
    try:
        return Graph(nodes, wires, **about)
    except InputError as error:
        raise InputError(f"The part {part.name}: {error}") from None


def node_name(value: Any) -> str:
    """That text, if a node can have it as its name, or an `InputError` that says what names are like."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise InputError(
            f"{shown(str(value))!r} cannot name a node; use letters, digits and _, at most 64, the first a letter."
        )
    return value


def end_of_wire(text: Any) -> tuple[str, str] | None:
    """Node and port of the text `node.port`; None for anything else."""
    match = _END.fullmatch(text) if isinstance(text, str) else None
    return (match[1], match[2]) if match else None


def check_values(value: Any, what: str, *, lines: bool = False) -> None:
    """Raise InputError for a value that no document can hold: not JSON, nested too deep, or with wrong texts."""
    value = dict(value) if isinstance(value, Mapping) else value
    text = _json_of(value)
    if _is_plain(text):
        return
    if text is not None:
        check_texts(value, what, lines=lines)
        return
    rest = [(value, 1)]
    while rest:
        one, depth = rest.pop()
        if isinstance(one, Mapping | list | tuple):
            if depth > MOST_DEPTH:
                raise InputError(f"{what} is nested more than {MOST_DEPTH} deep; flatten it.")
            rest += [(inner, depth + 1) for inner in (one.values() if isinstance(one, Mapping) else one)]
        elif one is not None and not isinstance(one, bool | int | float | str):
            raise InputError(f"{what} holds {one!r:.60}, which JSON cannot; write a number, text, list or object.")
        elif isinstance(one, float) and not math.isfinite(one):
            raise InputError(f"{what} holds {one!r}; a document has finite numbers alone.")
    check_texts(value, what, lines=lines)
    try:
        json.dumps(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} cannot be written as JSON: {error}.") from None


def _json_of(value: Any) -> str | None:
    """The JSON text of a value, by quick means; None where it has none or may be nested too deep."""
    level, depth = [value], 0
    while level := [
        inner
        for one in level
        if isinstance(one, dict | list | tuple)
        for inner in (one.values() if isinstance(one, dict) else one)
        if isinstance(inner, dict | list | tuple)
    ]:
        depth += 1
        if depth >= MOST_DEPTH:
            return None
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        return None


def _is_plain(text: str | None) -> bool:
    """Whether all texts of that JSON can be shown; false in case of doubt."""
    return text is not None and text.isprintable() and "\\" not in text
