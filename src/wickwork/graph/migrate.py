"""Graphs of earlier versions of nodes, rewritten for the present ones by the migrations beside the nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wickwork.graph.catalogue import Catalogue
from wickwork.graph.entries import SEPARATOR, Graph, NodeEntry, WireEntry, check_values
from wickwork.graph.expand import Expansion, expand
from wickwork.graph.faults import Fault, GraphFaults
from wickwork.graph.interface import End
from wickwork.graph.migrated import Migrated
from wickwork.graph.node import Node
from wickwork.model.errors import InputError, shown

Names = Mapping[str, str | tuple[str, ...] | None]
"""New names by old ones."""


@dataclass
class _Change:
    """What became of the names of one node, over all its versions."""

    inputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    outputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    params: dict[str, tuple[str, ...]] = field(default_factory=dict)


def migrate(graph: Graph, catalogue: Catalogue) -> tuple[Graph, tuple[Fault, ...]]:
    """The graph with each node in the version of the catalogue, sub-graphs included, and what could not be migrated.

    A graph without nodes of earlier versions is returned as it is. A parameter that a sub-graph sets is a fault where
    the migration of the node inside changes its value, because the interface has ranges for the earlier version.
    """
    return _migrated(graph, catalogue, "", {}, {})


def migrate_expanded(expansion: Expansion, catalogue: Catalogue) -> tuple[Expansion, tuple[Fault, ...]]:
    """The same for a graph without sub-graphs: each node is migrated with the parameters that sub-graphs set."""
    changes: dict[str, _Change] = {}
    graph, faults = _migrated(expansion.graph, catalogue, "", {}, changes)
    if not changes:
        return expansion, faults

    def inputs_now(end: End) -> list[End]:
        return [(end[0], name) for name in changes.get(end[0], _Change()).inputs.get(end[1], (end[1],))]

    def outputs_now(end: End) -> list[End]:
        return [(end[0], name) for name in changes.get(end[0], _Change()).outputs.get(end[1], (end[1],))]

    followed = replace(
        expansion,
        graph=graph,
        inputs={end: outer for old, outer in expansion.inputs.items() for end in inputs_now(old)},
        aimed=frozenset(end for old in expansion.aimed for end in inputs_now(old)),
        declared=tuple(
            replace(one, end=end)
            for one in expansion.declared
            for end in (outputs_now if one.is_output else inputs_now)(one.end)
        ),
    )
    return followed, faults


def _migrated(
    graph: Graph,
    catalogue: Catalogue,
    prefix: str,
    known: dict[int, tuple[Graph, tuple[Fault, ...]]],
    changes: dict[str, _Change],
) -> tuple[Graph, tuple[Fault, ...]]:
    """`known` has the graphs that were migrated already: a library graph may be used many times.

    The nodes of the graph that were migrated are added to `changes`.
    """
    faults: list[Fault] = []
    nodes: dict[str, NodeEntry] = {}
    for name, entry in graph.nodes.items():
        if entry.graph is not None:
            if id(entry.graph) not in known:
                known[id(entry.graph)] = _migrated(entry.graph, catalogue, prefix + name + SEPARATOR, known, {})
            inner, more = known[id(entry.graph)]
            faults += more
            if inner is not entry.graph:
                if entry.params and entry.reference is None and not more:
                    faults += _changed_values(prefix + name, entry, inner, catalogue)
                nodes[name] = replace(entry, graph=inner)
        elif entry.type in catalogue and entry.version < catalogue[entry.type].version:
            nodes[name], changes[name] = _entry(prefix + name, entry, catalogue[entry.type], faults)
    if not nodes:
        return graph, tuple(faults)
    wires, interface = graph.wires, graph.interface
    if any(change.inputs or change.outputs or change.params for change in changes.values()):
        wires = tuple(new for wire in graph.wires for new in _wires(wire, changes, prefix, faults))
        interface = _interface(graph.interface, changes, prefix, faults)
    try:
        return replace(
            graph, nodes={**graph.nodes, **nodes}, wires=tuple(sorted(set(wires))), interface=interface
        ), tuple(faults)
    except InputError as error:
        name = next(iter(changes), next(iter(nodes)))
        return graph, (*faults, Fault(prefix + name, "", f"its migration gave a wrong graph: {error}", ""))


def _changed_values(path: str, entry: NodeEntry, inner: Graph, catalogue: Catalogue) -> list[Fault]:
    """A fault where the parameters that a sub-graph sets mean something else with the migrated content `inner`."""
    try:
        before, _ = migrate_expanded(expand(Graph({"s": entry})), catalogue)
        after = expand(Graph({"s": replace(entry, graph=inner)}))
    except GraphFaults:
        return []  # reported by `check`
    changed = [name for name, one in before.graph.nodes.items() if one != after.graph.nodes.get(name)]
    if not changed:
        return []
    node = path + changed[0].removeprefix("s")
    reason = f"the migration of {node} changes the value of a parameter that this sub-graph sets"
    remedy = "leave its parameters out, upgrade the graph, and set them for the present version of the node"
    return [Fault(path, "", reason, remedy)]


def _entry(path: str, entry: NodeEntry, node: Node, faults: list[Fault]) -> tuple[NodeEntry, _Change]:
    """The entry in the version of the node, and the names that changed."""
    change, params = _Change(), dict(entry.params)
    for version in range(max(entry.version, 1), node.version):
        function = node.migrations.get(version)
        if function is None:
            continue
        try:
            made = _run(function, params)
        except Exception as error:
            reason = f"the migration of {node.name} from version {version} failed: {shown(str(error), 200)}"
            faults.append(Fault(path, "", reason, "correct the parameters, or the migration beside the node"))
            return entry, _Change()
        params = dict(made.params)
        for old, new in made.inputs.items():
            if old in params:
                value = params.pop(old)
                params |= dict.fromkeys(_listed(new), value)
        _follow(change.inputs, made.inputs)
        _follow(change.outputs, made.outputs)
        _follow(change.params, {**made.inputs, **made.renamed})
    return replace(entry, params=params, version=node.version), change


def _run(function: Callable[[dict[str, Any]], Any], params: dict[str, Any]) -> Migrated:
    """What the migration returns; InputError for anything but a `Migrated` of the right form."""
    made = function(dict(params))
    if not isinstance(made, Migrated) or not all(
        isinstance(one, Mapping) for one in (made.params, made.inputs, made.outputs, made.renamed)
    ):
        raise InputError(f"it must return a Migrated, and returned {made!r:.60}")
    if not all(isinstance(key, str) for key in made.params):
        raise InputError("it returned a parameter whose name is no text")
    names = [*made.inputs.values(), *made.outputs.values(), *made.renamed.values()]
    if not all(isinstance(one, str) for new in names for one in _listed(new)):
        raise InputError("it returned a new name that is no text")
    check_values(dict(made.params), "the migrated parameters")
    return made


def _listed(new: Any) -> tuple[Any, ...]:
    return () if new is None else tuple(new) if isinstance(new, tuple | list) else (new,)


def _follow(names: dict[str, tuple[str, ...]], then: Names) -> None:
    """Continue the names of earlier versions with those of the next."""
    now = {old: tuple(last for one in new for last in _listed(then.get(one, one))) for old, new in names.items()}
    reached = {one for new in names.values() for one in new}
    names |= now | {old: _listed(new) for old, new in then.items() if old not in reached and old not in names}


def _wires(wire: WireEntry, changes: Mapping[str, _Change], prefix: str, faults: list[Fault]) -> list[WireEntry]:
    """The wire between the new ports: several where an input was split, none where it is gone."""
    sources: tuple[str, ...] = (wire.source_port,)
    targets: tuple[str, ...] = (wire.target_port,)
    if wire.source in changes:
        sources = changes[wire.source].outputs.get(wire.source_port, sources)
    if wire.target in changes:
        targets = changes[wire.target].inputs.get(wire.target_port, targets)
    if not sources:
        faults.append(_removed(prefix + wire.source, wire.source_port, f"{prefix}{wire.target}.{wire.target_port}"))
        return [wire]
    return [WireEntry(wire.source, sources[0], wire.target, port) for port in targets]


def _removed(path: str, port: str, used_by: str) -> Fault:
    reason = f"the output {port!r} is gone in the present version of the node, and {used_by} needs it"
    return Fault(path, port, reason, "wire another output to that")


def _interface(
    data: Mapping[str, Any], changes: Mapping[str, _Change], prefix: str, faults: list[Fault]
) -> Mapping[str, Any]:
    """The interface pointing to the new names."""

    def ends(listed: Any, what: str) -> list[str]:
        found: list[str] = []
        for end in listed:
            node, _, port = end.partition(".")
            names: dict[str, tuple[str, ...]] = getattr(changes[node], what) if node in changes else {}
            found += [f"{node}.{one}" for one in names.get(port, (port,))]
        return list(dict.fromkeys(found))

    made: dict[str, Any] = dict(data)
    for section, key, what in (("inputs", "to", "inputs"), ("outputs", "from", "outputs"), ("params", "to", "params")):
        if section not in data:
            continue
        made[section] = [dict(one) for one in data[section]]
        for one in made[section]:
            if key == "from":
                found = ends([one["from"]], what)
                if not found:
                    node, _, port = one["from"].partition(".")
                    faults.append(_removed(prefix + node, port, f"the interface ({one['name']})"))
                one["from"] = found[0] if found else one["from"]
            elif "to" in one:
                one["to"] = ends(one["to"], what) or ([] if section == "inputs" else one["to"])
            if section == "inputs" and "columns" in one:
                one["columns"] = {column: ends(listed, what) for column, listed in one["columns"].items()}
    return made
