"""Validate a graph: report its faults, each with node, port, reason and remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wickwork.graph.catalogue import Catalogue
from wickwork.graph.dataflow import dead_actions, position_comparisons, running_order
from wickwork.graph.entries import Graph, NodeEntry, WireEntry
from wickwork.graph.expand import Declared, Expansion, expand, newer, unknown_key
from wickwork.graph.faults import MOST_NAMES, Faults
from wickwork.graph.faults import Fault as Fault
from wickwork.graph.faults import GraphFaults as GraphFaults
from wickwork.graph.migrate import migrate_expanded
from wickwork.graph.node import Node
from wickwork.graph.parts import part_texts, plain_parts
from wickwork.graph.signature import Value
from wickwork.graph.types import LINK, Port
from wickwork.model.columns import column_name
from wickwork.model.errors import InputError, shown
from wickwork.model.finite import is_finite
from wickwork.model.messages import values_shown
from wickwork.model.other_bars import other_name

_NAMED: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "column": ("field", column_name),
    "bars_of": ("instrument", other_name),
}
"""Nodes without inputs that name what they read: the parameter, and what refuses a wrong one."""
MOST_REASON = 500
"""The most characters of a reason."""
CONVERSIONS = {
    (Port.SERIES, Port.CONDITION): "put a `greater` (or another comparison) between them",
    (Port.SERIES, Port.EVENT): "put a `crosses_above` (or another cross) between them",
    (Port.CONDITION, Port.SERIES): "put a `choose` between them",
    (Port.EVENT, Port.SERIES): "put a `choose` or `bars_since` between them",
    (Port.BARS, Port.SERIES): "take one of its columns, such as `close`",
    (Port.CONDITION, Port.EVENT): "put a `becomes_true` between them",
}


@dataclass(frozen=True)
class ValidatedGraph:
    """A graph without faults: nodes looked up, parameters complete, ids in the order in which they can run."""

    graph: Graph
    """With all parameters, except `Added` ones that have their default."""
    nodes: Mapping[str, Node]
    values: Mapping[str, Mapping[str, Value]]
    literals: Mapping[str, Mapping[str, float]]
    """Fixed values of inputs that are not wired."""
    wired: Mapping[tuple[str, str], tuple[str, str]]
    order: tuple[str, ...]


def check(graph: Graph, catalogue: Catalogue) -> ValidatedGraph:
    """Return the graph made ready for planning, or raise `GraphFaults` with its faults, at most `MOST_FAULTS`.

    Sub-graphs are expanded and nodes of earlier versions migrated: the graph that is returned has neither.
    """
    expansion, unmigrated = migrate_expanded(expand(graph), catalogue)
    graph, faults = expansion.graph, Faults()
    faults.extend((*unmigrated, *expansion.faults))
    failed = {fault.node for fault in unmigrated if not fault.port}
    nodes: dict[str, Node] = {}
    values: dict[str, dict[str, Value]] = {}
    literals: dict[str, dict[str, float]] = {}
    for name, entry in graph.nodes.items():
        if entry.type not in catalogue:
            hint = faults.similar(entry.type, catalogue) or "see `wick nodes`"
            why = entry.params.get("why")  # a placeholder for a node of another editor says what it stands for
            missing = f"there is no node called {shown(entry.type)!r}"
            faults.add(name, "", f"{missing}: {shown(why, MOST_REASON)}" if isinstance(why, str) else missing, hint)
            continue
        if name in failed:
            continue
        node = nodes[name] = catalogue[entry.type]
        if entry.version > node.version:
            faults.add(name, "", *newer(entry, node.name, node.version))
        if entry.extra:
            faults.add(name, "", *unknown_key(entry))
        values[name], literals[name] = _settings(name, entry, node, faults)
        if node.name in _NAMED:
            parameter, refuse = _NAMED[node.name]
            try:
                refuse(str(values[name][parameter]))
            except InputError as error:
                faults.add(name, parameter, shown(str(error), MOST_REASON), "")
    wired = _wires(graph, nodes, faults)
    aimed = {(wire.target, wire.target_port) for wire in graph.wires}  # also those whose source is at fault
    aimed.update(expansion.aimed)
    for name, node in nodes.items():
        _missing_inputs(name, node, values[name], literals[name], aimed, expansion, faults)
        if (name, LINK) in wired and values[name].get("oco"):
            reason = f"it has both a number and a wire {LINK}, which say differently what it cancels"
            faults.add(name, "oco", reason, "leave one of them out")
    faults.extend(Fault("", "", text, "") for text in part_texts(graph))
    for declared in expansion.declared:
        _check_declared(declared, nodes, faults)
    literals = {
        name: {key: value for key, value in fixed.items() if (name, key) not in wired}
        for name, fixed in literals.items()
    }
    order, circle = running_order(graph.nodes, wired)
    faults.extend(circle)
    if not faults.found:
        faults.extend(dead_actions(nodes, wired, _NAMED))
        faults.extend(position_comparisons(nodes, wired))
    if faults.found:
        raise GraphFaults(faults.found)
    whole = {
        n: NodeEntry(graph.nodes[n].type, {**_written(nodes[n], values[n]), **literals[n]}, nodes[n].version)
        for n in graph.nodes
    }
    normal = graph.with_nodes(whole, graph.wires, graph.interface, plain_parts(graph))
    return ValidatedGraph(normal, nodes, values, literals, wired, tuple(order))


def _written(node: Node, values: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters that stand in documents and hashes: all but added ones that have their default."""
    idle = {one.name for one in node.parameters if one.added and values[one.name] == one.default}
    return {name: value for name, value in values.items() if name not in idle}


def find_faults(graph: Graph, catalogue: Catalogue) -> tuple[Fault, ...]:
    """The faults of a graph, at most `MOST_FAULTS` of them; empty when it is valid."""
    try:
        check(graph, catalogue)
    except GraphFaults as error:
        return error.faults
    return ()


def _settings(name: str, entry: NodeEntry, node: Node, faults: Faults) -> tuple[dict[str, Value], dict[str, float]]:
    """Checked parameters, and fixed values of inputs."""
    values: dict[str, Value] = {}
    literals: dict[str, float] = {}
    parameters = {p.name: p for p in node.parameters}
    optional = {i.name for i in node.inputs if not i.required and i.port is Port.SERIES}
    before, unknown = len(faults.found), list[str]()
    for key, given in entry.params.items():
        if key in parameters and (given is None or isinstance(given, list | tuple | Mapping)):
            faults.add(name, key, f"a parameter is a number, true, false or text, not {given!r:.60}", "")
        if key in parameters:
            continue
        if key in optional:
            if is_finite(given):
                literals[key] = float(given) + 0.0  # -0.0 becomes 0.0: one value, one hash
            else:
                faults.add(name, key, f"a fixed value must be a number, was {given!r:.60}", "wire it or give a number")
            continue
        unknown.append(key)
    for key in unknown[:MOST_NAMES]:
        known = [*parameters, *optional]
        faults.add(name, key, f"{node.name} has no parameter {shown(key)!r}", faults.have(key, known))
    if len(unknown) > MOST_NAMES:
        faults.add(name, "", f"{node.name} does not have {len(unknown)} of its parameters", "")
    refused = {fault.port for fault in faults.found[before:]}
    for key, parameter in parameters.items():
        if key in refused:
            values[key] = parameter.default
            continue
        try:
            values[key] = parameter.check(node.name, entry.params.get(key, parameter.default))
        except InputError as error:
            faults.add(name, key, shown(str(error), MOST_REASON), "")
            values[key] = parameter.default
    return values, literals


def _wires(graph: Graph, nodes: Mapping[str, Node], faults: Faults) -> dict[tuple[str, str], tuple[str, str]]:
    wired: dict[tuple[str, str], tuple[str, str]] = {}
    for wire in graph.wires:
        fault = _wire_fault(wire, graph, nodes, wired, faults)
        if fault:
            faults.extend([fault])
        elif wire.source in nodes and wire.target in nodes:
            wired[wire.target, wire.target_port] = (wire.source, wire.source_port)
    return wired


def _wire_fault(
    wire: WireEntry,
    graph: Graph,
    nodes: Mapping[str, Node],
    wired: Mapping[tuple[str, str], tuple[str, str]],
    faults: Faults,
) -> Fault | None:
    for end, port in ((wire.source, wire.source_port), (wire.target, wire.target_port)):
        if end not in graph.nodes:
            return Fault(end, port, f"a wire ({wire}) names a node that is not there", faults.have(end, graph.nodes))
    if wire.source not in nodes or wire.target not in nodes:
        return None  # an unknown node was reported already
    source, target = nodes[wire.source], nodes[wire.target]
    output, entry = source.output(wire.source_port), target.input(wire.target_port)
    if output is None:
        have = faults.have(wire.source_port, [o.name for o in source.outputs])
        return Fault(wire.source, wire.source_port, f"{source.name} has no output {wire.source_port!r}", have)
    if entry is None:
        have = faults.have(wire.target_port, [i.name for i in target.inputs])
        return Fault(wire.target, wire.target_port, f"{target.name} has no input {wire.target_port!r}", have)
    if (wire.target, wire.target_port) in wired:
        return Fault(wire.target, wire.target_port, "two wires come in", "keep one of them")
    if output.port is not entry.port and not (output.port is Port.EVENT and entry.port is Port.CONDITION):
        reason = f"a {output.port.value} ({wire.source}.{output.name}) cannot drive a {entry.port.value}"
        remedy = CONVERSIONS.get((output.port, entry.port), f"wire a {entry.port.value} to it")
        return Fault(wire.target, wire.target_port, reason, remedy)
    return None


def _missing_inputs(
    name: str,
    node: Node,
    values: Mapping[str, Value],
    literals: Mapping[str, float],
    wired: set[tuple[str, str]],
    expansion: Expansion,
    faults: Faults,
) -> None:
    try:
        needed = set(node.needs_wired(values))
    except InputError as error:
        faults.add(name, "", str(error), "")
        return
    if node.name == "notify":
        needed |= _values_of_message(name, str(values["message"]), faults)
    for entry in node.inputs:
        if (name, entry.name) in wired or entry.name in literals:
            continue
        owner, port = expansion.inputs.get((name, entry.name), ("", ""))
        remedy = f"wire a {entry.port.value} to {f'{owner}.{port}' if owner else 'it'}"
        if port and not owner:
            remedy = f"it is the input {port!r} of this graph: use it as a sub-graph"
        if entry.required:
            faults.add(name, entry.name, "nothing is wired to it", remedy)
        elif entry.name in needed:
            remedy += " or give it a fixed value" if entry.port is Port.SERIES else ""
            given = {one.name for one in node.inputs if (name, one.name) in wired or one.name in literals}
            reason, instead = _why_needed(node, values, entry.name, given)
            faults.add(name, entry.name, reason, remedy + instead)


def _why_needed(node: Node, values: Mapping[str, Value], entry: str, given: set[str]) -> tuple[str, str]:
    """Why parameters make an input necessary, and which other choice of one goes with the inputs that are given."""
    for one in node.parameters:
        fitting: dict[Value, int] = {}
        for choice in one.choices:
            try:
                needed = set(node.needs_wired({**values, one.name: choice}))
            except InputError:
                continue
            if entry not in needed and needed <= given:
                fitting[choice] = len(needed)
        best = [f"{choice}" for choice, count in fitting.items() if count == max(fitting.values())]
        if best:
            default = " (the default)" if values[one.name] == one.default else ""
            reason = f"{one.name} = {values[one.name]}{default} needs it"
            return reason, f", or set {one.name} to {' or '.join(best)}"
    return "the parameters of this node need it", ""


def _check_declared(declared: Declared, nodes: Mapping[str, Node], faults: Faults) -> None:
    """Add a fault where an interface says another type than the port has that it names."""
    name, port = declared.end
    if name not in nodes:
        return  # reported as an unknown node
    node = nodes[name]
    found = node.output(port) if declared.is_output else node.input(port)
    kind = "output" if declared.is_output else "input"
    if found is None:
        reason = f"the interface ({declared.name}) names the {kind} {port!r}, which {node.name} does not have"
        have = [one.name for one in (node.outputs if declared.is_output else node.inputs)]
        faults.add(name, port, reason, faults.have(port, have))
        return
    first, then = (found.port, declared.type) if declared.is_output else (declared.type, found.port)
    if first is not then and (first, then) != (Port.EVENT, Port.CONDITION):
        reason = f"the interface has the type {declared.type.value}, but {name}.{port} is a {found.port.value}"
        faults.add(declared.owner, declared.name, reason, f"write {found.port.value} there")


def _values_of_message(name: str, message: str, faults: Faults) -> set[str]:
    """The inputs that a message shows; none where it is at fault."""
    try:
        return values_shown(message)
    except InputError as error:
        faults.add(name, "message", str(error), "")
        return set()
