"""A strategy as data: the graph as it is saved, shared and compared.

Canonical text is sorted JSON with one node and one wire a line; layout and notes are separate from logic. The
*semantic hash* ignores name, notes and layout, so runs, bots and reports can point to it. Reading a document never
executes anything.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wickwork.graph.entries import (
    MOST_LEVELS,
    MOST_NODES,
    MOST_WIRES,
    SCHEMA,
    SUBGRAPH,
    Graph,
    NodeEntry,
    Part,
    Reference,
    WireEntry,
    end_of_wire,
    entry_data,
    node_name,
    part_document,
    part_from,
    wire_data,
)
from wickwork.model.errors import InputError, NotFound, shown

__all__ = [
    "MOST_BYTES",
    "MOST_NODES",
    "SCHEMA",
    "Graph",
    "NodeEntry",
    "Part",
    "WireEntry",
    "from_data",
    "from_text",
    "load",
    "node_name",
    "save",
    "to_text",
]

MOST_BYTES = 8_000_000
"""The most bytes that a document may have."""
MOST_VALUES = 600_000
"""The most values that a document may have: numbers, texts, lists and objects."""
_KEYS = ("schema", "name", "nodes", "wires", "parts", "interface", "notes", "layout", "suggested_run")


def to_text(graph: Graph) -> str:
    """The canonical text of a graph: the same graph always gives the same bytes.

    Raises InputError for a graph whose text would be longer than a document may be.
    """
    text = _text(graph, "") + "\n"
    if len(text) > MOST_BYTES or (len(text) > MOST_BYTES // 4 and len(text.encode()) > MOST_BYTES):
        raise InputError(
            f"The graph takes more than {MOST_BYTES:,} bytes, which no document may have; make it smaller."
        )
    return text


def _text(graph: Graph, indent: str) -> str:
    """The text of a graph, or of the content of a sub-graph, which is indented and has no schema."""
    nodes = ",\n".join(f"{indent}    {_line(i)}: {_entry_text(graph.nodes[i], indent)}" for i in sorted(graph.nodes))
    wires = ",\n".join(f"{indent}    {_line(wire_data(w))}" for w in sorted(graph.wires))
    rest = {"interface": dict(graph.interface), "notes": graph.notes, "layout": dict(graph.layout)}
    if graph.parts:
        rest["parts"] = [part_document(part) for part in graph.parts]
    if graph.suggested_run:
        rest["suggested_run"] = dict(graph.suggested_run)
    tail = "".join(f',\n{indent}  "{key}": {_line(value)}' for key, value in rest.items())
    schema = "" if indent else f'  "schema": {SCHEMA},\n'
    head = f'{{\n{schema}{indent}  "name": {_line(graph.name)},\n{indent}  "nodes": {{\n{nodes}\n{indent}  }}'
    return f'{head},\n{indent}  "wires": [\n{wires}\n{indent}  ]{tail}\n{indent}}}'


def _entry_text(entry: NodeEntry, indent: str) -> str:
    """One line; the content of a sub-graph follows on lines of its own."""
    data = entry_data(entry)
    if entry.graph is None or entry.reference is not None:
        return _line(data)
    content = _text(entry.graph, indent + "      ")
    return f'{_line(data)[:-1]},\n{indent}      "graph": {content}}}'


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)


def from_text(text: str | bytes, where: str = "the graph") -> Graph:
    """Read a graph from its JSON text, at most `MOST_BYTES` bytes; `where` names it in errors.

    Unknown nodes and ports are found by `check`. Raises InputError for text that is not a graph.
    """
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if len(raw) > MOST_BYTES:
        raise InputError(f"{where} has more than {MOST_BYTES:,} bytes, which is more than a graph may have.")
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MOST_VALUES:
        raise InputError(f"{where} has more than {MOST_VALUES:,} values, which is more than a graph may have.")
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

    Raises InputError for data that do not have the form of a graph; `where` names it in the message. Types, versions,
    parameters and keys of nodes that this version does not have are kept; `check` reports them.
    """
    return _graph(data, where, 0, _Left(MOST_NODES, MOST_WIRES))


@dataclass
class _Left:
    """How many nodes and wires a document may still have, those of its sub-graphs included."""

    nodes: int
    wires: int

    def take(self, data: dict[str, Any], where: str) -> None:
        """Count the nodes and wires of one graph; InputError where they are too many."""
        self.nodes -= len(data["nodes"])
        self.wires -= len(data.get("wires", []))
        for left, most, what in ((self.nodes, MOST_NODES, "nodes"), (self.wires, MOST_WIRES, "wires")):
            if left < 0:
                raise InputError(f"{where}: A graph may have {most:,} {what}, this one has {most - left:,}; split it.")


def _is_litegraph(data: Any) -> bool:
    found = data.get("graph", data) if isinstance(data, dict) else None
    return isinstance(found, dict) and isinstance(found.get("nodes"), list)


def _graph(data: Any, where: str, level: int, left: _Left) -> Graph:
    if level > MOST_LEVELS:
        raise InputError(f"{where}: sub-graphs may be nested {MOST_LEVELS} deep, these are more; unpack some of them.")
    if (
        not isinstance(data, dict)
        or not isinstance(data.get("nodes"), dict)
        or not isinstance(data.get("wires", []), list)
        or not isinstance(data.get("parts", []), list)
    ):
        instead = IMPORT if level == 0 and _is_litegraph(data) else ""
        raise InputError(
            f"{where} is not a graph: it must be an object with `nodes` (by id) and `wires` (a list).{instead}"
        )
    for key in data:
        if key not in _KEYS:
            raise InputError(f"{where} has the unknown key {shown(key)!r}; a graph has {', '.join(_KEYS)}.")
    if data.get("schema", SCHEMA) != SCHEMA:
        raise InputError(f"{where} has schema {data['schema']!r:.60}; this version reads schema {SCHEMA}.")
    left.take(data, where)
    nodes = {_id(i, where): _entry(i, value, where, level, left) for i, value in data["nodes"].items()}
    wires = tuple(WireEntry(*ends) for ends in sorted({_wire(value, where) for value in data.get("wires", [])}))
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


def _entry(name: str, value: Any, where: str, level: int, left: _Left) -> NodeEntry:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise InputError(f"{where}: the node {name!r} must be an object with a `type`.")
    params, version = value.get("params", {}), value.get("version", 1)
    if not isinstance(params, dict) or not isinstance(version, int) or isinstance(version, bool):
        raise InputError(f"{where}: the node {name!r} needs `params` as an object and `version` as a whole number.")
    for key, setting in params.items():
        if isinstance(setting, float) and not math.isfinite(setting):
            raise InputError(f"{where}: {name}.{shown(key)} must be a finite number.")
    extra = {key: one for key, one in value.items() if key not in ("type", "params", "version")}
    if value["type"] != SUBGRAPH:
        return NodeEntry(value["type"], params, version, extra)
    if ("graph" in extra) == ("reference" in extra):
        raise InputError(f"{where}: the sub-graph {name} needs one content: a `graph`, or a `reference` to a file.")
    if "graph" in extra:
        graph = _graph(extra.pop("graph"), f"{where}, the sub-graph {name}", level + 1, left)
        return NodeEntry(SUBGRAPH, params, version, extra, graph)
    reference = _reference(extra.pop("reference"), f"{where}, the sub-graph {name}")
    return NodeEntry(SUBGRAPH, params, version, extra, None, reference)


def _part(value: Any, where: str) -> Part:
    if isinstance(value, dict) and set(value) - {"about"} == {"name", "timeframe", "instruments"}:
        name, timeframe, instruments = value["name"], value["timeframe"], value["instruments"]
        texts = [name, timeframe, *instruments] if isinstance(instruments, list) else [None]
        if all(isinstance(text, str) for text in texts) and isinstance(value.get("about", {}), dict):
            return part_from(value)
    raise InputError(
        f"{where}: a part must be an object with name, timeframe and instruments (a list of texts), and perhaps about "
        "(an object)."
    )


def _reference(data: Any, where: str) -> Reference:
    if not isinstance(data, dict) or set(data) != {"name", "version", "hash"}:
        raise InputError(f"{where}: a reference has name, version and hash.")
    try:
        return Reference(**data)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _wire(value: Any, where: str) -> tuple[str, str, str, str]:
    ends = [end_of_wire(end) for end in value] if isinstance(value, list) and len(value) == 2 else []
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        raise InputError(f'{where}: the wire {shown(repr(value))} must be ["node.port", "node.port"].')
    return *ends[0], *ends[1]


IMPORT = " It looks like a LiteGraph file of PVE: `wick graph import FILE --output NEW.json` makes a graph of it."
OTHER_FILES = {
    **dict.fromkeys((".yaml", ".yml", ".toml"), "is a configuration by its name: `wick run FILE` runs it"),
    **dict.fromkeys((".csv", ".parquet", ".feather"), "has bars by its name: give it with --data, after a strategy"),
}
"""What a file that is no graph is, by the end of its name."""


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
    if path.suffix.lower() in OTHER_FILES:
        raise InputError(f"{path} is not a graph; it {OTHER_FILES[path.suffix.lower()]}.")
    return from_text(text, str(path))


def save(graph: Graph, path: Path) -> None:
    """Write a graph to a file."""
    path.write_text(to_text(graph), encoding="utf-8")
