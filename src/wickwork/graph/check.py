"""Validate a graph: report every fault with its node, port, reason and remedy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from wickwork.graph.catalogue import Catalogue
from wickwork.graph.entries import Graph, NodeEntry, WireEntry
from wickwork.graph.expand import Declared, Expansion, expand, unknown_key
from wickwork.graph.faults import Fault as Fault
from wickwork.graph.faults import GraphFaults as GraphFaults
from wickwork.graph.migrate import migrate
from wickwork.graph.node import Node
from wickwork.graph.parts import part_texts
from wickwork.graph.signature import Value
from wickwork.graph.types import LINK, Port, Surrounding
from wickwork.model.columns import column_name
from wickwork.model.errors import InputError, did_you_mean, shown
from wickwork.model.finite import is_finite
from wickwork.model.messages import values_shown
from wickwork.model.other_bars import other_name

_NAMED: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "column": ("field", column_name),
    "bars_of": ("instrument", other_name),
}
"""Nodes without inputs that name what they read: the parameter, and what refuses a wrong one."""
MOST_NAMES = 20
"""Names that a fault lists when none is like the one that is wrong."""
MOST_HINTS = 100
"""Faults that have a hint; for more of them the comparison of names takes too long."""
MOST_COMPARED = 1_000
"""Among more names than this no similar one is looked for."""
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
    """Return the graph made ready for planning, or raise `GraphFaults` with every fault.

    Nodes of earlier versions are migrated and sub-graphs expanded: the graph that is returned has neither.
    """
    graph, unmigrated = migrate(graph, catalogue)
    expansion = expand(graph)
    graph, faults = expansion.graph, [*unmigrated, *expansion.faults]
    failed = {fault.node for fault in unmigrated if not fault.port}
    nodes: dict[str, Node] = {}
    values: dict[str, dict[str, Value]] = {}
    literals: dict[str, dict[str, float]] = {}
    for name, entry in graph.nodes.items():
        if entry.type not in catalogue:
            hint = _similar(entry.type, catalogue, faults) or "see `wick nodes`"
            why = entry.params.get("why")  # a placeholder for a node of another editor says what it stands for
            missing = f"there is no node called {shown(entry.type)!r}"
            faults.append(Fault(name, "", f"{missing}: {why}" if isinstance(why, str) else missing, hint))
            continue
        if name in failed:
            continue
        node = nodes[name] = catalogue[entry.type]
        if entry.version > node.version:
            reason = (
                f"it was saved with version {entry.version} of {node.name}, this Wickwork has version {node.version}"
            )
            faults.append(Fault(name, "", reason, "use a newer Wickwork"))
        if entry.extra:
            faults.append(Fault(name, "", *unknown_key(entry)))
        values[name], literals[name] = _settings(name, entry, node, faults)
        if node.name in _NAMED:
            parameter, refuse = _NAMED[node.name]
            try:
                refuse(str(values[name][parameter]))
            except InputError as error:
                faults.append(Fault(name, parameter, shown(str(error), MOST_REASON), ""))
    wired = _wires(graph, nodes, faults)
    aimed = {(wire.target, wire.target_port) for wire in graph.wires}  # also those whose source is at fault
    aimed.update(expansion.aimed)
    for name, node in nodes.items():
        _missing_inputs(name, node, values[name], literals[name], aimed, expansion, faults)
        if (name, LINK) in wired and values[name].get("oco"):
            reason = f"it has both a number and a wire {LINK}, which say differently what it cancels"
            faults.append(Fault(name, "oco", reason, "leave one of them out"))
    faults += [Fault("", "", text, "") for text in part_texts(graph)]
    for declared in expansion.declared:
        _check_declared(declared, nodes, faults)
    order = _order(graph, wired, faults)
    if not faults:
        faults += _dead_actions(nodes, wired)
        faults += _comparisons_of_positions(nodes, wired)
    if faults:
        raise GraphFaults(faults)
    whole = {
        n: NodeEntry(graph.nodes[n].type, {**_written(nodes[n], values[n]), **literals[n]}, nodes[n].version)
        for n in graph.nodes
    }
    normal = graph.with_nodes(whole, graph.wires, graph.interface)
    return ValidatedGraph(normal, nodes, values, literals, wired, tuple(order))


def _written(node: Node, values: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters that stand in documents and hashes: all but added ones that have their default."""
    idle = {one.name for one in node.parameters if one.added and values[one.name] == one.default}
    return {name: value for name, value in values.items() if name not in idle}


def find_faults(graph: Graph, catalogue: Catalogue) -> tuple[Fault, ...]:
    """All faults of a graph; empty when it is valid."""
    try:
        check(graph, catalogue)
    except GraphFaults as error:
        return error.faults
    return ()


def _settings(
    name: str, entry: NodeEntry, node: Node, faults: list[Fault]
) -> tuple[dict[str, Value], dict[str, float]]:
    """Checked parameters, and fixed values of inputs."""
    values: dict[str, Value] = {}
    literals: dict[str, float] = {}
    parameters = {p.name: p for p in node.parameters}
    optional = {i.name for i in node.inputs if not i.required and i.port is Port.SERIES}
    before, unknown = len(faults), list[str]()
    for key, given in entry.params.items():
        if key in parameters and (given is None or isinstance(given, list | tuple | Mapping)):
            faults.append(Fault(name, key, f"a parameter is a number, true, false or text, not {given!r:.60}", ""))
        if key in parameters:
            continue
        if key in optional:
            if is_finite(given):
                literals[key] = float(given)
            else:
                faults.append(
                    Fault(name, key, f"a fixed value must be a number, was {given!r:.60}", "wire it or give a number")
                )
            continue
        unknown.append(key)
    for key in unknown[:MOST_NAMES]:
        known = [*parameters, *optional]
        faults.append(Fault(name, key, f"{node.name} has no parameter {shown(key)!r}", _have(key, known, faults)))
    if len(unknown) > MOST_NAMES:
        faults.append(Fault(name, "", f"{node.name} does not have {len(unknown)} of its parameters", ""))
    refused = {fault.port for fault in faults[before:]}
    for key, parameter in parameters.items():
        if key in refused:
            values[key] = parameter.default
            continue
        try:
            values[key] = parameter.check(node.name, entry.params.get(key, parameter.default))
        except InputError as error:
            faults.append(Fault(name, key, shown(str(error), MOST_REASON), ""))
            values[key] = parameter.default
    return values, literals


def _similar(key: str, known: Collection[str], faults: list[Fault]) -> str:
    """`did you mean 'x'?`, or an empty text."""
    if len(faults) >= MOST_HINTS or len(known) > MOST_COMPARED:
        return ""
    hint = did_you_mean(key, known).strip()
    return hint[:1].lower() + hint[1:]


def _have(key: str, known: Collection[str], faults: list[Fault]) -> str:
    """The available names, listed in the message about the wrong name `key`."""
    hint = _similar(key, known, faults)
    if hint or len(faults) >= MOST_HINTS:
        return hint
    if not known:
        return "it has none"
    rest = f" and {len(known) - MOST_NAMES} more" if len(known) > MOST_NAMES else ""
    return f"it has {', '.join(sorted(known)[:MOST_NAMES])}{rest}"


def _wires(graph: Graph, nodes: Mapping[str, Node], faults: list[Fault]) -> dict[tuple[str, str], tuple[str, str]]:
    wired: dict[tuple[str, str], tuple[str, str]] = {}
    for wire in graph.wires:
        fault = _wire_fault(wire, graph, nodes, wired, faults)
        if fault:
            faults.append(fault)
        elif wire.source in nodes and wire.target in nodes:
            wired[wire.target, wire.target_port] = (wire.source, wire.source_port)
    return wired


def _wire_fault(
    wire: WireEntry,
    graph: Graph,
    nodes: Mapping[str, Node],
    wired: Mapping[tuple[str, str], tuple[str, str]],
    faults: list[Fault],
) -> Fault | None:
    for end, port in ((wire.source, wire.source_port), (wire.target, wire.target_port)):
        if end not in graph.nodes:
            return Fault(end, port, f"a wire ({wire}) names a node that is not there", _have(end, graph.nodes, faults))
    if wire.source not in nodes or wire.target not in nodes:
        return None  # an unknown node was reported already
    source, target = nodes[wire.source], nodes[wire.target]
    output, entry = source.output(wire.source_port), target.input(wire.target_port)
    if output is None:
        have = _have(wire.source_port, [o.name for o in source.outputs], faults)
        return Fault(wire.source, wire.source_port, f"{source.name} has no output {wire.source_port!r}", have)
    if entry is None:
        have = _have(wire.target_port, [i.name for i in target.inputs], faults)
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
    faults: list[Fault],
) -> None:
    try:
        needed = set(node.needs_wired(values))
    except InputError as error:
        faults.append(Fault(name, "", str(error), ""))
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
            faults.append(Fault(name, entry.name, "nothing is wired to it", remedy))
        elif entry.name in needed:
            remedy += " or give it a fixed value" if entry.port is Port.SERIES else ""
            given = {one.name for one in node.inputs if (name, one.name) in wired or one.name in literals}
            reason, instead = _why_needed(node, values, entry.name, given)
            faults.append(Fault(name, entry.name, reason, remedy + instead))


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


def _check_declared(declared: Declared, nodes: Mapping[str, Node], faults: list[Fault]) -> None:
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
        faults.append(Fault(name, port, reason, _have(port, have, faults)))
        return
    first, then = (found.port, declared.type) if declared.is_output else (declared.type, found.port)
    if first is not then and (first, then) != (Port.EVENT, Port.CONDITION):
        reason = f"the interface has the type {declared.type.value}, but {name}.{port} is a {found.port.value}"
        faults.append(Fault(declared.owner, declared.name, reason, f"write {found.port.value} there"))


def _values_of_message(name: str, message: str, faults: list[Fault]) -> set[str]:
    """The inputs that a message shows; none where it is at fault."""
    try:
        return values_shown(message)
    except InputError as error:
        faults.append(Fault(name, "message", str(error), ""))
        return set()


def _order(graph: Graph, wired: Mapping[tuple[str, str], tuple[str, str]], faults: list[Fault]) -> list[str]:
    """The node ids in an order in which each comes after those that feed it: level by level, sorted in each."""
    waits_for: dict[str, set[str]] = {name: set() for name in graph.nodes}
    feeds: dict[str, set[str]] = {}
    for (target, _), (source, _) in wired.items():
        waits_for[target].add(source)
        feeds.setdefault(source, set()).add(target)
    unmet = {name: len(sources) for name, sources in waits_for.items()}
    order: list[str] = []
    ready = sorted(name for name, number in unmet.items() if number == 0)
    while ready:
        order += ready
        following: list[str] = []
        for name in ready:
            for target in feeds.get(name, ()):
                unmet[target] -= 1
                if unmet[target] == 0:
                    following.append(target)
        ready = sorted(following)
    if len(order) < len(graph.nodes):
        circle = _circle({name: waits_for[name] for name, number in unmet.items() if number}, unmet)
        shown_circle = circle if len(circle) <= MOST_NAMES else [*circle[:MOST_NAMES], "…", circle[-1]]
        faults.append(Fault(circle[0], "", f"the wires run in a circle: {' → '.join(shown_circle)}", "cut one of them"))
    return order


def _circle(waiting: Mapping[str, set[str]], unmet: Mapping[str, int]) -> list[str]:
    """One circle among nodes that wait for one another, in the direction of the wires."""
    place: dict[str, int] = {}
    at = min(waiting)
    while at not in place:
        place[at] = len(place)
        at = min(source for source in waiting[at] if unmet[source])
    path = list(place)
    return [at, *reversed(path[place[at] :])]


def _dead_actions(nodes: Mapping[str, Node], wired: Mapping[tuple[str, str], tuple[str, str]]) -> list[Fault]:
    """Actions whose trigger never changes: nothing of the market, of time or of the position reaches it."""
    feeds = _targets(wired)
    waiting = [
        name
        for name, node in nodes.items()
        if node.name in ("bars", *_NAMED)
        or any(not isinstance(kind, Port) and kind is not Surrounding.BAR_LENGTH for _, kind in node.arguments)
    ]
    alive = _reached(waiting, feeds)
    faults = []
    for name, node in nodes.items():
        if node.verb and (name, "when") in wired and wired[name, "when"][0] not in alive:
            reason = "its trigger never changes, because nothing of the market reaches it"
            faults.append(Fault(name, "when", reason, "wire it to something that follows the bars"))
    return faults


def _comparisons_of_positions(
    nodes: Mapping[str, Node], wired: Mapping[tuple[str, str], tuple[str, str]]
) -> list[Fault]:
    """Nodes that compare instruments and depend on the position or the account: these differ with every fill."""
    feeds, faults, found = _targets(wired), [], set[str]()
    bars_alone = (Surrounding.MOMENT, Surrounding.BAR_LENGTH)
    for name, node in sorted(nodes.items()):
        if all(isinstance(kind, Port) or kind in bars_alone for _, kind in node.arguments):
            continue
        for reached in sorted(_reached([name], feeds) - found):
            if nodes[reached].across:
                found.add(reached)
                reason = f"{nodes[reached].name} compares instruments, but depends on {name} ({node.name})"
                remedy = "it can read only what depends on bars alone; connect it to prices or indicators"
                faults.append(Fault(reached, "", reason, remedy))
    return faults


def _targets(wired: Mapping[tuple[str, str], tuple[str, str]]) -> dict[str, list[str]]:
    """For each node those that it feeds."""
    feeds: dict[str, list[str]] = {}
    for (target, _), (source, _) in wired.items():
        feeds.setdefault(source, []).append(target)
    return feeds


def _reached(sources: Iterable[str], feeds: Mapping[str, list[str]]) -> set[str]:
    """The nodes that depend on any of these, themselves included."""
    waiting, found = list(sources), set(sources)
    while waiting:
        for target in feeds.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found
