"""Reading a LiteGraph file: both forms of its parts, bare or in PVE's envelope, with every fault of its structure.

Links decide; what `inputs[].link` and `outputs[].links` repeat is only read where two links end in one slot.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wickwork.graph.check import Fault, GraphFaults
from wickwork.model.errors import InputError, shown
from wickwork.model.finite import is_finite

MOST_BYTES = 4_000_000
"""The most bytes that a LiteGraph file may have."""
ENVELOPE = ("symbol", "timeframe", "startDate", "endDate")
FIELDS = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
MOST_DEPTH = 100
"""How deep objects and lists of a file may lie inside of one another."""
MOST_FAULTS = 200
MOST_NODES = 5_000
"""The most nodes that a LiteGraph file may have."""


@dataclass(frozen=True)
class LiteNode:
    """One node of the file. `key` is its id as the beginning of a node name: `n12`."""

    id: int | str
    key: str
    type: str
    title: str
    properties: Mapping[str, Any]
    inputs: tuple[str, ...]
    """The types of the inputs that the file declares; empty text for any."""
    outputs: tuple[str, ...]
    pos: tuple[float, float]
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class LiteLink:
    """From an output slot to an input slot, of nodes by their keys."""

    source: str
    source_slot: int
    target: str
    target_slot: int


@dataclass(frozen=True)
class LiteFile:
    """A file that can be imported."""

    data: Any
    """The whole file as parsed JSON."""
    graph: Mapping[str, Any]
    """The part of it that is the graph."""
    nodes: Mapping[str, LiteNode]
    """By key, in the order of the file."""
    links: tuple[LiteLink, ...]
    envelope: Mapping[str, Any]
    name: str
    notes: tuple[str, ...]
    """What was wrong in the file and could be left out."""


def read(text: str | bytes, where: str) -> LiteFile:
    """Read a file; `where` names it in errors.

    Raises InputError for text that is no LiteGraph file, and GraphFaults with every fault of its nodes and links.
    """
    if len(text) > MOST_BYTES:
        raise InputError(f"{where} has more than {MOST_BYTES:,} bytes, which is more than a LiteGraph file may have.")
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        data = json.loads(plain, parse_constant=_refuse, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not UTF-8 text (byte {error.start}); export it from PVE again.") from None
    except RecursionError:
        raise InputError(_too_deep(where)) from None
    except ValueError as error:
        place = f", line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        detail = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise InputError(f"{where}{place} is not JSON: {shown(detail)}.") from None
    if not _is_flat(data):
        raise InputError(_too_deep(where))
    return of_data(data, where)


def written(data: Any, where: str) -> str:
    """The text of a file that is given as parsed JSON. Raises InputError for values that JSON does not have."""
    try:
        return json.dumps(data)
    except RecursionError:
        raise InputError(_too_deep(where)) from None
    except (TypeError, ValueError) as error:
        raise InputError(f"{where} cannot be written as JSON: {shown(str(error))}.") from None


def _too_deep(where: str) -> str:
    return (
        f"{where} has lists or objects more than {MOST_DEPTH} deep inside of one another, which no LiteGraph file has."
    )


def _is_flat(data: Any) -> bool:
    """Whether no list and no object lies deeper than `MOST_DEPTH`."""
    level = [data]
    for _ in range(MOST_DEPTH):
        inner = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = [value for values in inner for value in values]
    return not any(isinstance(one, dict | list) for one in level)


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not a number that a file may hold")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:20]} is too large for a number")
    return value


def of_data(data: Any, where: str) -> LiteFile:
    """The file of parsed JSON. Raises as `read` does."""
    graph = data["graph"] if isinstance(data, dict) and "graph" in data else data
    if not isinstance(graph, dict) or not isinstance(graph.get("nodes"), list):
        if isinstance(graph, dict) and isinstance(graph.get("nodes"), dict):
            raise InputError(f"{where} is a graph of Wickwork already and needs no import; every command takes it.")
        raise InputError(
            f"{where} is not a LiteGraph file: it must be an object with a list `nodes`, or one in which `graph` is "
            "such an object."
        )
    faults: list[Fault] = []
    nodes = _nodes(graph["nodes"], faults)
    notes: list[str] = []
    links = _links(graph.get("links"), nodes, faults, notes)
    if faults:
        raise GraphFaults(faults[:MOST_FAULTS])
    envelope = {key: data[key] for key in ENVELOPE if key in data} if graph is not data else {}
    name = data.get("graphName") if graph is not data else None
    return LiteFile(data, graph, nodes, links, envelope, name if isinstance(name, str) else "", tuple(notes))


def _nodes(values: list[Any], faults: list[Fault]) -> dict[str, LiteNode]:
    if len(values) > MOST_NODES:
        raise InputError(f"A LiteGraph file may have {MOST_NODES:,} nodes, this one has {len(values):,}; split it.")
    nodes: dict[str, LiteNode] = {}
    for place, value in enumerate(values):
        where = f"nodes[{place}]"
        if not isinstance(value, dict):
            faults.append(Fault(where, "", "a node must be an object", "remove it"))
            continue
        key, kind = key_of(value.get("id")), value.get("type")
        if not key:
            faults.append(Fault(where, "id", "a node needs a whole number as its id", "give it one that is free"))
        elif key in nodes:
            faults.append(Fault(where, "id", f"there are two nodes with the id {value['id']}", "renumber one of them"))
        elif not isinstance(kind, str) or not kind.strip() or len(kind) > 200:
            faults.append(Fault(where, "type", "a node needs its type as text, such as `math/add_float`", "remove it"))
        else:
            nodes[key] = _node(value, key, kind)
    return nodes


def _node(value: Mapping[str, Any], key: str, kind: str) -> LiteNode:
    properties, title = value.get("properties"), value.get("title")
    return LiteNode(
        whole(value["id"]),
        key,
        kind,
        title if isinstance(title, str) else "",
        properties if isinstance(properties, dict) else {},
        _slot_types(value.get("inputs")),
        _slot_types(value.get("outputs")),
        pair(value.get("pos")),
        value,
    )


def whole(value: Any) -> Any:
    """The number that JavaScript, in which LiteGraph runs, takes an id or a slot for: 3 for 3.0 and "3", too."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"0|-?[1-9][0-9]{0,11}", value):
        return int(value)
    return value


def key_of(value: Any) -> str:
    """The beginning of the names of our nodes for a PVE node with that id; empty for what is no id."""
    value = whole(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12:
        return f"n{value}" if value >= 0 else f"n_{-value}"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9-]{1,40}", value):  # some editors number with UUIDs
        return f"n_{hashlib.sha256(value.encode()).hexdigest()[:12]}"
    return ""


def _slot_types(slots: Any) -> tuple[str, ...]:
    return tuple(
        slot["type"].lower() if isinstance(slot, dict) and isinstance(slot.get("type"), str) else ""
        for slot in (slots if isinstance(slots, list) else [])
    )


def pair(value: Any) -> tuple[float, float]:
    """Two numbers in either form, `[x, y]` or `{"0": x, "1": y}`; zeros for anything else."""
    if isinstance(value, dict):
        value = [value.get("0"), value.get("1")]
    if not isinstance(value, list) or len(value) < 2 or not all(is_finite(one) for one in value[:2]):
        return 0.0, 0.0
    return float(value[0]), float(value[1])


def link_parts(value: Any) -> list[Any] | None:
    """The six parts of a link in either form, its ends as numbers, or None for what is no link."""
    if isinstance(value, dict):
        value = [value.get(field) for field in FIELDS]
    if not isinstance(value, list) or len(value) < 5:
        return None
    return [value[0], *map(whole, value[1:5]), *value[5:]]


def _links(
    values: Any,
    nodes: Mapping[str, LiteNode],
    faults: list[Fault],
    notes: list[str],
) -> tuple[LiteLink, ...]:
    if isinstance(values, dict):  # some versions of LiteGraph write an object by id
        values = list(values.values())
    if values is not None and not isinstance(values, list):
        faults.append(Fault("links", "", "the links must be a list", "export the file from PVE again"))
    found: dict[tuple[str, int], tuple[Any, LiteLink]] = {}
    for place, value in enumerate(values if isinstance(values, list) else []):
        if value is None:
            continue
        parts = link_parts(value)
        source, end = (key_of(parts[1]), key_of(parts[3])) if parts else ("", "")
        if parts is None or not all(_is_slot(one) for one in (parts[2], parts[4])):
            notes.append(f"links[{place}] is no link and is left out.")
        elif source not in nodes or end not in nodes:
            notes.append(f"links[{place}] names a node that is not there, and is left out.")
        else:
            link = LiteLink(source, parts[2], end, parts[4])
            target = (link.target, link.target_slot)
            if target in found and not _is_named(nodes[link.target], link.target_slot, parts[0]):
                notes.append(f"links[{place}] is a second link to input {link.target_slot} of {link.target}.")
                continue
            found[target] = (parts[0], link)
    return tuple(link for _, link in found.values())


def _is_slot(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000


def _is_named(node: LiteNode, slot: int, link: Any) -> bool:
    """Whether the node's input names that link."""
    inputs = node.raw.get("inputs")
    one = inputs[slot] if isinstance(inputs, list) and slot < len(inputs) else None
    return isinstance(one, dict) and one.get("link") == link
