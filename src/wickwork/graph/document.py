"""A strategy as data: the graph as it is saved, shared and compared.

Canonical text is sorted JSON with one node and one wire a line; layout and notes are separate from logic. The
*semantic hash* ignores name, notes and layout, so runs, bots and reports can point to it. Reading a document never
executes anything.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wickwork.model.errors import InputError, NotFound, did_you_mean, shown
from wickwork.model.text import check_texts, plain_text

SCHEMA = 1
MOST_NODES = 20_000
"""The most nodes that a graph may have."""
MOST_BYTES = 16_000_000
"""The most bytes that a document may have."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_SUGGESTED = ("instrument", "timeframe", "start", "end")
_KEYS = ("schema", "name", "nodes", "wires", "parts", "interface", "notes", "layout", "suggested_run")


@dataclass(frozen=True)
class NodeEntry:
    """One node of a graph: which node of the catalogue, in which version, with which parameters.

    `params` also holds fixed values of optional inputs that are not wired.
    """

    type: str
    params: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1


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

    The ids of its nodes begin with its name and `__`. It trades its instruments alone, each with a position of its own,
    and decides when a bar of its timeframe closes.
    """

    name: str
    timeframe: str
    instruments: tuple[str, ...]

    @property
    def prefix(self) -> str:
        """What the ids of its nodes begin with."""
        return f"{self.name}__"


@dataclass(frozen=True)
class Graph:
    """A strategy: nodes by id, and wires."""

    nodes: Mapping[str, NodeEntry]
    wires: tuple[WireEntry, ...] = ()
    name: str = ""
    interface: Mapping[str, Any] = field(default_factory=dict)
    notes: Any = ""
    layout: Mapping[str, Any] = field(default_factory=dict)
    suggested_run: Mapping[str, str] = field(default_factory=dict)
    """What the strategy was made for: `instrument`, `timeframe`, `start` and `end`, each as text where it is known."""
    parts: tuple[Part, ...] = ()
    """The strategies of a portfolio, in the order in which they act; empty for a single strategy."""

    def __post_init__(self) -> None:
        """Raise `InputError` for too many nodes, and for text that cannot be written or shown."""
        if len(self.nodes) > MOST_NODES:
            raise InputError(f"A graph may have {MOST_NODES:,} nodes, this one has {len(self.nodes):,}; split it.")
        plain_text(self.name, "the name of the graph")
        check_texts(self.notes, "the notes", lines=True)
        for name, entry in self.nodes.items():
            plain_text(name, "the name of a node")
            plain_text(entry.type, f"the type of {name}")
            for key, value in entry.params.items():
                plain_text(key, f"a parameter of {name}")
                plain_text(value, f"{name}.{key}")
        check_texts(self.interface, "the interface")
        check_texts(self.layout, "the layout")
        for part in self.parts:
            node_name(part.name)
            check_texts([part.timeframe, *part.instruments], f"the part {part.name}")
        for key, value in self.suggested_run.items():
            if key not in _SUGGESTED or not isinstance(value, str):
                raise InputError(f"The suggested run has {', '.join(_SUGGESTED)}, each as text, not {shown(key)!r}.")
            plain_text(value, f"{key} of the suggested run")

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
            entry = nodes[node]
            nodes[node] = NodeEntry(entry.type, {**entry.params, param: value}, entry.version)
        return replace(self, nodes=nodes)

    def hash(self) -> str:
        """SHA-256 of what the strategy does: name, notes, layout and suggested run do not count."""
        return hashlib.sha256(json.dumps(_logic(self), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _logic(graph: Graph) -> dict[str, Any]:
    parts = [{"name": p.name, "timeframe": p.timeframe, "instruments": list(p.instruments)} for p in graph.parts]
    return {
        "schema": SCHEMA,
        **({"parts": parts} if parts else {}),
        "nodes": {i: {"type": e.type, "version": e.version, "params": dict(e.params)} for i, e in graph.nodes.items()},
        "wires": [[f"{w.source}.{w.source_port}", f"{w.target}.{w.target_port}"] for w in sorted(graph.wires)],
        "interface": dict(graph.interface),
    }


def to_text(graph: Graph) -> str:
    """The canonical text of a graph: the same graph always gives the same bytes."""
    logic = _logic(graph)

    def line(value: Any) -> str:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)

    nodes = ",\n".join(f"    {line(i)}: {line(logic['nodes'][i])}" for i in sorted(logic["nodes"]))
    wires = ",\n".join(f"    {line(w)}" for w in logic["wires"])
    rest = {"interface": logic["interface"], "notes": graph.notes, "layout": dict(graph.layout)}
    if graph.parts:
        rest["parts"] = logic["parts"]
    if graph.suggested_run:
        rest["suggested_run"] = dict(graph.suggested_run)
    tail = "".join(f',\n  "{key}": {line(value)}' for key, value in rest.items())
    head = f'{{\n  "schema": {SCHEMA},\n  "name": {line(graph.name)},\n'
    return f'{head}  "nodes": {{\n{nodes}\n  }},\n  "wires": [\n{wires}\n  ]{tail}\n}}\n'


def node_name(value: Any) -> str:
    """That text, if a node can have it as its name, or an `InputError` that says what names are like."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise InputError(
            f"{shown(str(value))!r} cannot name a node; use letters, digits and _, at most 64, the first a letter."
        )
    return value


def from_text(text: str | bytes, where: str = "the graph") -> Graph:
    """Read a graph from its JSON text, at most `MOST_BYTES` bytes; `where` names it in errors.

    Unknown nodes and ports are found by `check`. Raises InputError for text that is not a graph.
    """
    if len(text) > MOST_BYTES:
        raise InputError(f"{where} has more than {MOST_BYTES:,} bytes, which is more than a graph may have.")
    try:
        data = json.loads(text, parse_constant=_no_constants, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise InputError(f"{where}: {error}") from None
        place = f", line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        detail = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise InputError(f"{where}{place} is not JSON: {detail}.") from None
    return from_data(data, where)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InputError(f"{shown(twice)!r} stands twice in one object, so one of the two would be lost; rename one.")
    return found


def _no_constants(name: str) -> float:
    raise ValueError(f"{name} is not a number that a graph may hold")


def from_data(data: Any, where: str = "the graph") -> Graph:
    """Read a graph from parsed JSON.

    Raises InputError for data that do not have the form of a graph; `where` names it in the message.
    """
    if (
        not isinstance(data, dict)
        or not isinstance(data.get("nodes"), dict)
        or not isinstance(data.get("wires", []), list)
        or not isinstance(data.get("parts", []), list)
    ):
        raise InputError(f"{where} is not a graph: it must be an object with `nodes` (by id) and `wires` (a list).")
    for key in data:
        if key not in _KEYS:
            raise InputError(f"{where} has the unknown key {key!r}; a graph has {', '.join(_KEYS)}.")
    if data.get("schema", SCHEMA) != SCHEMA:
        raise InputError(f"{where} has schema {data['schema']!r}; this version reads schema {SCHEMA}.")
    nodes = {_id(i, where): _entry(i, value, where) for i, value in data["nodes"].items()}
    wires = tuple(sorted({_wire(value, where) for value in data.get("wires", [])}))
    name = data.get("name", "")
    layout, interface, suggested = (data.get(key, {}) for key in ("layout", "interface", "suggested_run"))
    if not isinstance(name, str) or not all(isinstance(one, dict) for one in (layout, interface, suggested)):
        raise InputError(f"{where}: name must be text; interface, layout and suggested_run must be objects.")
    parts = tuple(_part(value, where) for value in data.get("parts", []))
    try:
        return Graph(nodes, wires, name, interface, data.get("notes", ""), layout, suggested, parts)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _id(value: str, where: str) -> str:
    try:
        return node_name(value)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _entry(name: str, value: Any, where: str) -> NodeEntry:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise InputError(f"{where}: the node {name!r} must be an object with a `type`.")
    params, version = value.get("params", {}), value.get("version", 1)
    if not isinstance(params, dict) or not isinstance(version, int) or isinstance(version, bool):
        raise InputError(f"{where}: the node {name!r} needs `params` as an object and `version` as a whole number.")
    for key, setting in params.items():
        if not isinstance(setting, bool | int | float | str) or (
            isinstance(setting, float) and not math.isfinite(setting)
        ):
            raise InputError(f"{where}: {name}.{key} must be a number, true, false or text.")
    unknown = set(value) - {"type", "params", "version"}
    if unknown:
        raise InputError(f"{where}: the node {name!r} has the unknown key {min(unknown)!r}.")
    return NodeEntry(value["type"], params, version)


def _part(value: Any, where: str) -> Part:
    if isinstance(value, dict) and set(value) == {"name", "timeframe", "instruments"}:
        name, timeframe, instruments = value["name"], value["timeframe"], value["instruments"]
        texts = [name, timeframe, *instruments] if isinstance(instruments, list) else [None]
        if all(isinstance(text, str) for text in texts):
            return Part(name, timeframe, tuple(instruments))
    raise InputError(f"{where}: a part must be an object with name, timeframe and instruments (a list of texts).")


def _wire(value: Any, where: str) -> WireEntry:
    ends = [end.partition(".") for end in value if isinstance(end, str)] if isinstance(value, list) else []
    if len(ends) != 2 or len(value) != 2 or not all(_NAME.fullmatch(a) and _NAME.fullmatch(b) for a, _, b in ends):
        raise InputError(f'{where}: the wire {json.dumps(value)[:80]} must be ["node.port", "node.port"].')
    return WireEntry(ends[0][0], ends[0][2], ends[1][0], ends[1][2])


def load(path: Path) -> Graph:
    """Read a graph from a file.

    Raises NotFound where there is no such file, and InputError where it is not a graph.
    """
    try:
        with open(path, "rb") as file:
            text = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    return from_text(text, str(path))


def save(graph: Graph, path: Path) -> None:
    """Write a graph to a file."""
    path.write_text(to_text(graph), encoding="utf-8")
