"""From a LiteGraph file of PVE to a graph: nodes in PVE's order, each by the rule of its row in the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wickwork.compat.pve import litefile, order_placing, order_reading
from wickwork.compat.pve.envelope import suggested_run
from wickwork.compat.pve.layout import layout_of
from wickwork.compat.pve.litefile import LiteFile
from wickwork.compat.pve.report import DIFFERS, LEFT_OUT, SAME, UNKNOWN, Line, Report
from wickwork.compat.pve.rules import RULES
from wickwork.compat.pve.table import (
    ANY,
    BY_TYPE,
    CONDITION,
    EXEC,
    GENERAL,
    NEVER_LOADED,
    NUMBER,
    ORDER,
    TEXT,
    Row,
    Slot,
)
from wickwork.compat.pve.values import FALSE, NOTHING, Builder, Draft, LeftOut, Unfit, Value, plain
from wickwork.graph.check import Fault, GraphFaults
from wickwork.graph.document import Graph, NodeEntry, WireEntry
from wickwork.model.errors import InputError, NotFound

PLACEHOLDER = "pve:"
"""How the type of a node begins that stands for one of PVE which could not be imported."""
FAMILIES: Mapping[str, str] = {
    "float": NUMBER, "integer": NUMBER, "int": NUMBER, "number": NUMBER, "column": NUMBER,
    "bool": CONDITION, "boolean": CONDITION, "string": TEXT, "exec": EXEC,
}  # fmt: skip
"""What the slot types of PVE carry, those of its older dialect among them; others may carry anything."""
OWN_NOTES = ("constant", "branch", "average")
"""Rules whose row says nothing that the outcome of a node does not show, or that write notes themselves."""
ALL_RULES = RULES | {
    "create_order": order_placing.create_order,
    "create_conditional_order": order_placing.create_conditional_order,
    "cancel_order": order_placing.cancel_order,
    "cancel_all": order_placing.cancel_all,
    "modify_order": order_placing.modify_order,
    "get_order": order_reading.get_order,
    "get_last_order": order_reading.get_last_order,
    "get_position": order_reading.get_position,
}


@dataclass(frozen=True)
class Imported:
    """An imported file."""

    graph: Graph
    """The strategy; its layout holds the file, from which `export_litegraph` starts."""
    report: Report
    """What became of each node, and what differs from PVE."""
    draft: Draft
    """Which inputs, outputs and properties of the file stand behind those of the graph."""
    file: LiteFile
    """The file as it was read."""


def import_litegraph(source: str | Path | bytes | Mapping[str, Any], name: str = "") -> Imported:
    """Read a LiteGraph file of PVE: its path, its bytes, or its parsed JSON; `name` names the strategy.

    Raises NotFound for an absent file, InputError for what is no LiteGraph file, and GraphFaults (an InputError with
    `faults`) where its nodes or links cannot be read. A node without a counterpart is no error: it becomes a
    placeholder, which the report names, and with which the graph cannot run.
    """
    if isinstance(source, Mapping):
        source = litefile.written(dict(source), "the file").encode()
    if isinstance(source, bytes):
        return of_file(litefile.read(source, "the file"), name)
    if not isinstance(source, str | Path):
        raise InputError(f"A LiteGraph file is given as its path, its bytes or its parsed JSON, was {source!r:.60}.")
    path = Path(source)
    try:
        with open(path, "rb") as file:
            text = file.read(litefile.MOST_BYTES + 1)
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise InputError(f"{str(path)!r:.60} is no path of a file.") from None
    return of_file(litefile.read(text, str(path)), name or path.stem)


def of_file(file: LiteFile, name: str = "") -> Imported:
    """The graph of a file that was read. Raises GraphFaults for links that run in a circle."""
    draft = Draft(has_conditional_orders=any(n.type == "trade/create_conditional_order" for n in file.nodes.values()))
    incoming: dict[str, dict[int, tuple[str, int]]] = {key: {} for key in file.nodes}
    linked: dict[str, set[int]] = {key: set() for key in file.nodes}
    for link in file.links:
        incoming[link.target][link.target_slot] = (link.source, link.source_slot)
        linked[link.source].add(link.source_slot)
    values: dict[tuple[str, int], Value] = {}
    builders: dict[str, tuple[Builder, str]] = {}
    for key in _order(file, incoming):
        b = Builder(draft, file.nodes[key], linked=frozenset(linked[key]))
        given = {slot: values.get(end, NOTHING) for slot, end in incoming[key].items()}
        outcome, outputs = _import_node(b, given)
        for slot, value in enumerate(outputs):
            values[key, slot] = value if value.nothing else replace(value, origin=(key, slot))
            if value.wire is not None:
                draft.outputs.setdefault(value.wire, []).append((key, slot))
            if len(value.orders) == 1:
                draft.order_outputs.setdefault(value.orders[0], []).append((key, slot))
        builders[key] = b, outcome
    for build in draft.later:
        build()
    suggested, notes = suggested_run(file.envelope)
    graph = Graph(
        draft.nodes,
        tuple(sorted(set(draft.wires))),
        plain(file.name or name),
        suggested_run=suggested,
    )
    graph = replace(graph, layout=layout_of(file, draft, graph.hash()))
    report = Report(
        _lines(file, builders, draft),
        GENERAL if draft.actions else (),
        (*file.notes, *notes),
    )
    return Imported(graph, report, draft, file)


def _order(file: LiteFile, incoming: Mapping[str, Mapping[int, tuple[str, int]]]) -> list[str]:
    """The nodes so that each comes after those that feed it; of several the first in the file, as in PVE."""
    feeds: dict[str, list[str]] = {}
    waiting = {key: len(slots) for key, slots in incoming.items()}
    for key, slots in incoming.items():
        for source, _ in slots.values():
            feeds.setdefault(source, []).append(key)
    order = [key for key in file.nodes if not waiting[key]]
    for key in order:
        for target in feeds.get(key, ()):
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    if len(order) < len(file.nodes):
        left = [f"{file.nodes[key].id} ({file.nodes[key].type})" for key in file.nodes if waiting[key]][:10]
        raise GraphFaults([Fault("links", "", f"links run in a circle through {', '.join(left)}", "cut one of them")])
    return order


def _import_node(b: Builder, given: Mapping[int, Value]) -> tuple[str, tuple[Value, ...]]:
    """The outcome of a node and the values of its outputs."""
    row, before = BY_TYPE.get(b.node.type), (len(b.draft.nodes), len(b.draft.wires))
    try:
        if row is None:
            raise Unfit(_why_unknown(b.node.type))
        _refuse_other_form(b, row, given)
        inputs = [_fitting(b, slot, given.get(place, NOTHING)) for place, slot in enumerate(row.inputs)]
        outputs = ALL_RULES[row.rule](b, row, inputs)
    except LeftOut as reason:
        b.warn(f"{str(reason)[:1].upper()}{str(reason)[1:]}.")
        return LEFT_OUT, (NOTHING,) * (len(row.outputs) if row else 0)
    except Unfit as reason:
        _undo(b.draft, *before)
        return UNKNOWN, _placeholder(b, str(reason), given)
    if row.note and not row.differs and row.rule not in OWN_NOTES:
        b.notes.append(row.note)
    starved = bool(row.inputs) and any(v.nothing and not s.optional for s, v in zip(row.inputs, inputs, strict=True))
    if starved and all(value.nothing or value.fixed is not None for value in outputs):
        b.warn(
            "An input that it needs has nothing wired to it or never has a value, so PVE never gets a value from it."
        )
        return LEFT_OUT, outputs
    return DIFFERS if b.warnings or row.differs else SAME, outputs


def _why_unknown(kind: str) -> str:
    if kind in NEVER_LOADED:
        return f"PVE never loads this type; use {NEVER_LOADED[kind]}"
    return "PVE's present dialect has no such node"


def _refuse_other_form(b: Builder, row: Row, given: Mapping[int, Value]) -> None:
    """Unfit where the node of the file has the name of the row's type, but other slots."""
    beyond = [slot for slot in given if slot >= len(row.inputs)]
    named = {slot for slot, kind in enumerate(b.node.outputs) if kind == "string"}  # the older dialect has names too
    if beyond or any(slot >= len(row.outputs) and slot not in named for slot in b.linked):
        raise Unfit("it has slots that PVE's node of this name does not have")
    for slots, declared in ((row.inputs, b.node.inputs), (row.outputs, b.node.outputs)):
        for slot, kind in zip(slots, declared, strict=False):
            family = FAMILIES.get(kind, slot.kind)
            wanted = TEXT if slot.kind == ORDER else slot.kind
            if family not in (wanted, slot.kind) and slot.kind != ANY:
                raise Unfit(f"its slot {slot.label} is a {kind}, PVE's node of this name has another form there")


def _fitting(b: Builder, slot: Slot, value: Value) -> Value:
    """The value as the slot takes it. Links between different kinds occur in files that were edited by hand."""
    if value.nothing or slot.kind in (ANY, value.kind):
        return value
    if slot.kind == NUMBER and value.kind == CONDITION and value.fixed is not None:
        return replace(value, kind=NUMBER, wire=None, fixed=float(bool(value.fixed)))
    if slot.kind == EXEC:
        b.warn(f"A {value.kind} comes to its {slot.label}, which is never GO.")
        return FALSE
    if slot.kind == TEXT:
        return NOTHING
    if slot.kind == ORDER and value.kind == TEXT:
        return value if value.unknown else NOTHING
    raise Unfit(f"a {value.kind} comes to its {slot.label}, which takes a {slot.kind}")


def _placeholder(b: Builder, why: str, given: Mapping[int, Value]) -> tuple[Value, ...]:
    """A node that stands for one that could not be imported, with its wires as far as wires can carry them."""
    name = b.name()
    reason = f"it stands for node {b.node.id} ({plain(b.node.type)}) of a file of PVE; {why}"
    b.draft.nodes[name] = NodeEntry(f"{PLACEHOLDER}{plain(b.node.type)}", {"why": plain(reason)})
    b.draft.made_by[name] = b.node.key
    for slot, value in given.items():
        if value.wire is not None or isinstance(value.fixed, bool | int | float):
            b.draft.wires.append(WireEntry(*b.wire(value), name, f"in_{slot}"))
            b.draft.slots[name, f"in_{slot}"] = (b.node.key, slot)
    b.notes[:] = [f"{why[:1].upper()}{why[1:]}."]
    b.warnings.clear()
    outputs = []
    for slot in range(max([len(b.node.outputs), *(one + 1 for one in b.linked)], default=0)):
        family = FAMILIES.get(b.node.outputs[slot] if slot < len(b.node.outputs) else "", NUMBER)
        is_text = family == TEXT
        outputs.append(Value(TEXT, unknown=True) if is_text else Value(family, (name, f"out_{slot}")))
    return tuple(outputs)


def _undo(draft: Draft, nodes: int, wires: int) -> None:
    """Remove what was added since there were so many nodes and wires."""
    del draft.wires[wires:]
    while len(draft.nodes) > nodes:
        name, _ = draft.nodes.popitem()
        draft.made_by.pop(name, None)
        draft.actions.pop(name, None)


def _lines(file: LiteFile, builders: Mapping[str, tuple[Builder, str]], draft: Draft) -> tuple[Line, ...]:
    """The report on each node: the nodes that were made for it, or else the wires that stand for it."""
    made: dict[str, list[str]] = {}
    for name, key in draft.made_by.items():
        made.setdefault(key, []).append(name)
    wires: dict[str, list[str]] = {}
    for wire, ends in draft.outputs.items():
        for key in dict(ends):
            wires.setdefault(key, []).append(".".join(wire))
    lines = []
    for key, node in file.nodes.items():
        b, outcome = builders[key]
        became = tuple(made.get(key) or wires.get(key) or ())
        lines.append(Line(node.id, plain(node.type), outcome, became, (*b.warnings, *b.notes)))
    return tuple(lines)
