"""Sub-graphs replaced by the nodes that they contain: a sub-graph is only a way of writing.

The node `fast` of the sub-graph `trend` becomes `trend__fast`. Wires to and from the sub-graph are drawn to what its
interface names, and promoted parameters that are set replace those of its nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wickwork.graph.entries import MOST_WIRES, SEPARATOR, SUBGRAPH, Graph, NodeEntry, WireEntry, node_name
from wickwork.graph.faults import Fault, Faults, GraphFaults
from wickwork.graph.interface import End, Interface, Promoted, read_interface
from wickwork.graph.types import Port
from wickwork.model.errors import InputError, shown


@dataclass(frozen=True)
class Declared:
    """A port of an interface with the type that is written there, and the port of a node that it stands for."""

    owner: str
    name: str
    type: Port
    end: End
    is_output: bool


@dataclass(frozen=True)
class PromotedEnds:
    """What a promoted parameter sets, and by which entries of interfaces; of nested sub-graphs the outermost first."""

    ends: tuple[End, ...] = ()
    entries: tuple[Promoted, ...] = ()

    def refusal(self, value: Any) -> str:
        """Why the parameter may not have that value; empty where it may."""
        return next((text for entry in self.entries if (text := entry.refusal(value))), "")


@dataclass(frozen=True)
class Expansion:
    """A graph without sub-graphs, and where its parts came from."""

    graph: Graph
    faults: tuple[Fault, ...] = ()
    inputs: Mapping[End, End] = field(default_factory=dict)
    """Of an input of a node: the outermost sub-graph and its input that reach it. For an input of the graph itself the
    name of the sub-graph is empty."""
    params: Mapping[End, PromotedEnds] = field(default_factory=dict)
    """Of a sub-graph and its promoted parameter: the nodes and parameters that it sets."""
    aimed: Collection[End] = ()
    """Inputs to which a wire was drawn that could not be followed."""
    declared: tuple[Declared, ...] = ()


def expand(graph: Graph) -> Expansion:
    """The graph without sub-graphs; raises `GraphFaults` where they expand to more than a graph may have."""
    if not graph.interface and all(entry.type != SUBGRAPH for entry in graph.nodes.values()):
        return Expansion(graph)
    state = _State()
    interface = read_interface(graph.interface)
    ports = _add(graph, graph.nodes, interface, "", state)
    state.inputs |= {end: ("", name) for name, reached in ports.inputs.items() for end, _ in reached}
    whole = graph.with_nodes(state.nodes, tuple(sorted(set(state.wires))), _written(graph.interface, ports))
    return Expansion(
        whole, tuple(state.faults.found), state.inputs, state.params, frozenset(state.aimed), tuple(state.declared)
    )


@dataclass
class _State:
    """What was expanded so far."""

    nodes: dict[str, NodeEntry] = field(default_factory=dict)
    wires: list[WireEntry] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    inputs: dict[End, End] = field(default_factory=dict)
    params: dict[End, PromotedEnds] = field(default_factory=dict)
    aimed: set[End] = field(default_factory=set)
    declared: list[Declared] = field(default_factory=list)
    interfaces: dict[int, Interface] = field(default_factory=dict)
    followed: int = 0

    def interface(self, graph: Graph) -> Interface:
        """The interface of a graph, read once."""
        if id(graph) not in self.interfaces:
            self.interfaces[id(graph)] = read_interface(graph.interface)
        return self.interfaces[id(graph)]

    def follow(self, ends: Iterable[Reached]) -> list[Reached]:
        """These ends as a list; raises `GraphFaults` where there are too many."""
        found = list(ends)
        self.count(len(found) + 1)
        return found

    def count(self, ends: int) -> None:
        """Count ends of wires and interfaces; raises `GraphFaults` where there are too many."""
        self.followed += ends
        if self.followed > MOST_WIRES:
            reason = f"its sub-graphs expand to more than {MOST_WIRES:,} wires"
            raise GraphFaults([*self.faults.found, Fault("", "", reason, "use fewer of them")])


Reached = tuple[End, str]
"""An input of a node, and the column of the bars that it gets; no column for what comes in itself."""


@dataclass
class _Ports:
    """What the interface of a graph names, by expanded node."""

    inputs: dict[str, list[Reached]] = field(default_factory=dict)
    outputs: dict[str, End] = field(default_factory=dict)
    params: dict[str, PromotedEnds] = field(default_factory=dict)


def _add(graph: Graph, nodes: Mapping[str, NodeEntry], interface: Interface, prefix: str, state: _State) -> _Ports:
    """Add the nodes and wires of a graph, whose entries are `nodes`, under names with that prefix."""
    subs: dict[str, _Ports] = {}
    for name, entry in nodes.items():
        path = prefix + name
        if entry.type == SUBGRAPH:
            subs[name] = _add_subgraph(entry, path, state)
        elif path in state.nodes:
            state.faults.add(path, "", "a node in a sub-graph gets this name, too", "rename one of the two")
        else:
            _check_name(path, state)
            state.nodes[path] = entry
    _add_wires(graph, nodes, subs, prefix, state)
    return _ports(interface, nodes, subs, prefix, state)


def _check_name(path: str, state: _State) -> None:
    try:
        node_name(path)
    except InputError:
        state.faults.add(path, "", "its name with those of its sub-graphs has more than 64 characters", "shorten one")


def _add_subgraph(entry: NodeEntry, path: str, state: _State) -> _Ports:
    if entry.graph is None:
        state.faults.add(path, "", entry.not_found or f"{entry.reference} was not looked up", "" if entry.not_found else
                    "load the graph from its file, which looks for references")  # fmt: skip
        return _Ports()
    if entry.version != 1:
        state.faults.add(path, "", *newer(entry, "sub-graphs", 1))
    if entry.extra:
        state.faults.add(path, "", *unknown_key(entry))
    inner = entry.graph
    interface = state.interface(inner)
    ports = _add(inner, _with_promoted(inner, interface, entry, path, state), interface, path + SEPARATOR, state)
    for name, targets in ports.inputs.items():
        state.inputs |= {end: (path, name) for end, _ in targets}
    state.params |= {(path, name): ends for name, ends in ports.params.items()}
    return ports


def newer(entry: NodeEntry, what: str, version: int) -> tuple[str, str]:
    """Reason and remedy of an entry that was written for a later version of a node than `version`."""
    saved = shown(str(entry.version))
    return f"it was saved with version {saved} of {what}, this Wickwork has version {version}", "use a newer Wickwork"


def unknown_key(entry: NodeEntry) -> tuple[str, str]:
    """Reason and remedy of an entry with keys that this version does not have."""
    key = shown(min(entry.extra))
    return f"it has the unknown key {key!r}", "remove it, or use the Wickwork that wrote it"


def _with_promoted(
    inner: Graph, interface: Interface, entry: NodeEntry, path: str, state: _State
) -> Mapping[str, NodeEntry]:
    """The nodes of a sub-graph with the parameters that its entry sets."""
    if not entry.params:
        return inner.nodes
    settings: dict[str, dict[str, Any]] = {}
    for key, value in entry.params.items():
        promoted = interface.params.get(key)
        if promoted is None:
            remedy = "wire a `number` to it" if key in interface.inputs else state.faults.have(key, interface.params)
            state.faults.add(path, key, f"the sub-graph has no parameter {shown(key)!r}", remedy)
            continue
        if refusal := promoted.refusal(value):
            state.faults.add(path, key, refusal)
        state.follow((end, "") for end in promoted.to)
        for node, param in promoted.to:
            settings.setdefault(node, {})[param] = value
    changed = {
        name: replace(inner.nodes[name], params={**inner.nodes[name].params, **values})
        for name, values in settings.items()
        if name in inner.nodes
    }
    return {**inner.nodes, **changed}


def _add_wires(
    graph: Graph, nodes: Mapping[str, NodeEntry], subs: Mapping[str, _Ports], prefix: str, state: _State
) -> None:
    taken: set[End] = set()
    for wire in graph.wires:
        target = (wire.target, wire.target_port)
        if wire.target in subs and target in taken:
            state.faults.add(prefix + wire.target, wire.target_port, "two wires come in", "keep one of them")
            continue
        taken.add(target)
        where = f"a wire ({wire})"
        source = _source((wire.source, wire.source_port), nodes, subs, prefix, where, state)
        reached = _targets(target, nodes, subs, prefix, where, state)
        for end, column in reached:
            if source is None:
                state.aimed.add(end)
            elif column and source[1] != "bars":
                state.faults.add(
                    prefix + wire.target, wire.target_port, f"{'.'.join(source)} are no bars", "wire bars to it"
                )
                break
            else:
                state.wires.append(WireEntry(source[0], column or source[1], *end))


def _source(
    end: End, nodes: Mapping[str, NodeEntry], subs: Mapping[str, _Ports], prefix: str, where: str, state: _State
) -> End | None:
    """The output of an expanded node that an output at this level is."""
    node, port = end
    if node not in nodes:
        state.faults.add(prefix + node, port, f"{where} names a node that is not there", state.faults.have(node, nodes))
        return None
    if node not in subs:
        return prefix + node, port
    if port not in subs[node].outputs:
        if nodes[node].graph is not None:
            state.faults.add(
                prefix + node,
                port,
                f"the sub-graph has no output {port!r}",
                state.faults.have(port, subs[node].outputs),
            )
        return None
    return subs[node].outputs[port]


def _targets(
    end: End, nodes: Mapping[str, NodeEntry], subs: Mapping[str, _Ports], prefix: str, where: str, state: _State
) -> list[Reached]:
    """The inputs of expanded nodes that an input at this level reaches."""
    node, port = end
    if node not in nodes:
        state.faults.add(prefix + node, port, f"{where} names a node that is not there", state.faults.have(node, nodes))
        return []
    if node not in subs:
        return state.follow([((prefix + node, port), "")])
    if port not in subs[node].inputs:
        if nodes[node].graph is not None:
            state.faults.add(
                prefix + node, port, f"the sub-graph has no input {port!r}", state.faults.have(port, subs[node].inputs)
            )
        return []
    return state.follow(subs[node].inputs[port])


def _ports(
    interface: Interface, nodes: Mapping[str, NodeEntry], subs: Mapping[str, _Ports], prefix: str, state: _State
) -> _Ports:
    """The interface of a graph, resolved to expanded nodes."""
    ports, owner = _Ports(), prefix.removesuffix(SEPARATOR)
    for name, entry in interface.inputs.items():
        where = f"the interface ({name})"
        reached = [one for end in entry.to for one in _targets(end, nodes, subs, prefix, where, state)]
        state.declared += [Declared(owner, name, entry.type, end, False) for end, column in reached if not column]
        for column, ends in entry.columns.items():
            found = [one for end in ends for one, _ in _targets(end, nodes, subs, prefix, where, state)]
            reached += [(one, column) for one in found]
            state.declared += [Declared(owner, name, Port.SERIES, end, False) for end in found]
        ports.inputs[name] = reached
    for name, output in interface.outputs.items():
        source = _source(output.source, nodes, subs, prefix, f"the interface ({name})", state)
        if source is not None:
            ports.outputs[name] = source
            state.declared.append(Declared(owner, name, output.type, source, True))
    for name, promoted in interface.params.items():
        places: list[End] = []
        entries = [promoted]
        for node, param in promoted.to:
            if node not in nodes:
                reason = f"the interface ({name}) names a node that is not there"
                state.faults.add(prefix + node, param, reason, state.faults.have(node, nodes))
            elif node in subs:
                inner = subs[node].params.get(param, PromotedEnds())
                state.count(len(inner.ends) + len(inner.entries))
                places += inner.ends
                entries += inner.entries
            else:
                places.append((prefix + node, param))
        state.follow((end, "") for end in places)
        ports.params[name] = PromotedEnds(tuple(places), tuple(entries))
    return ports


def _written(data: Mapping[str, Any], ports: _Ports) -> dict[str, Any]:
    """The interface of the outermost graph, pointing to expanded nodes."""
    if not data:
        return {}
    made: dict[str, Any] = dict(data)
    for section in ("inputs", "outputs", "params"):
        if section in data:
            made[section] = [dict(one) for one in data[section]]
    for one in made.get("inputs", ()):
        reached = ports.inputs[one["name"]]
        one["to"] = [".".join(end) for end, column in reached if not column]
        columns: dict[str, list[str]] = {}
        for end, column in reached:
            if column:
                columns.setdefault(column, []).append(".".join(end))
        if columns or "columns" in one:
            one["columns"] = columns
    for one in made.get("outputs", ()):
        if one["name"] in ports.outputs:
            one["from"] = ".".join(ports.outputs[one["name"]])
    for one in made.get("params", ()):
        one["to"] = [".".join(end) for end in ports.params[one["name"]].ends] or one["to"]
    return made
