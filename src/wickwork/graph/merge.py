"""Two changes of one graph put together, by node, parameter and wire.

A value that one side changed is taken from that side; one that both changed in different ways is a conflict. Positions
are never a conflict: those of our side count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from wickwork.graph.compare import ABSENT, ORDER, fact_name, inputs_of, interface_facts, same, shown_value, summary
from wickwork.graph.entries import (
    SEPARATOR,
    SUBGRAPH,
    Graph,
    NodeEntry,
    WireEntry,
    end_of_wire,
    part_document,
    part_from,
)
from wickwork.graph.interface import SECTIONS as PORTS
from wickwork.graph.layout import SECTIONS
from wickwork.graph.rename import renamed, renames
from wickwork.graph.unchanged import POSITION, same_entry, uses, words

K = TypeVar("K")


@dataclass(frozen=True)
class Conflict:
    """A value that both sides changed, in different ways."""

    where: str
    base: Any
    ours: Any
    theirs: Any

    def data(self) -> dict[str, Any]:
        """As JSON; a side that has nothing is left out."""
        sides = {"base": self.base, "ours": self.ours, "theirs": self.theirs}
        return {"where": self.where} | {key: value for key, value in sides.items() if value is not ABSENT}

    def __str__(self) -> str:
        base, ours, theirs = map(shown_value, (self.base, self.ours, self.theirs))
        return f"{self.where}: ours {ours}, theirs {theirs} (before: {base})"


@dataclass
class _Merge:
    """The conflicts so far, and the side whose value is taken in one."""

    theirs: bool
    conflicts: list[Conflict] = field(default_factory=list)

    def pick(
        self, where: str, base: Any, ours: Any, theirs: Any, *, silent: bool = False, both_added: bool = False
    ) -> Any:
        """The value of the side that changed it; a conflict where both did, unless `silent`.

        What is `both_added` has no base: there a value that one side alone has is a conflict, too.
        """
        if same(ours, theirs) or (same(theirs, base) and not both_added):
            return ours
        if same(ours, base) and not both_added:
            return theirs
        if not silent:
            self.conflicts.append(Conflict(where, base, ours, theirs))
        return theirs if self.theirs else ours

    def mapping(
        self,
        where: Callable[[K], str],
        sides: Sequence[Mapping[K, Any]],
        silent: Collection[K] | None = (),
        *,
        both_added: bool = False,
    ) -> dict[K, Any]:
        """`pick` for each key of base, ours and theirs; `silent` are the keys that are no conflict, None for all."""
        made = {}
        base, ours, theirs = sides
        for key in dict.fromkeys((*ours, *theirs)):
            values = (one.get(key, ABSENT) for one in (base, ours, theirs))
            quiet = silent is None or key in silent
            value = self.pick(where(key), *values, silent=quiet, both_added=both_added)
            if value is not ABSENT:
                made[key] = value
        return made


def merge(
    base: Graph, ours: Graph, theirs: Graph, *, prefer_theirs: bool = False
) -> tuple[Graph, tuple[Conflict, ...]]:
    """The graph with the changes of both sides since `base`, and the conflicts, in which one side's value is taken.

    A node that a side only gave another id has that id, with what the other side changed of it. Raises InputError
    where the two together have too many nodes.
    """
    state = _Merge(prefer_theirs)
    made = _merge(base, ours, theirs, "", state)
    return made, tuple(state.conflicts)


def _merge(base: Graph, ours: Graph, theirs: Graph, prefix: str, state: _Merge) -> Graph:
    base, ours, theirs = _with_one_name(base, ours, theirs, prefix, state)
    kept: dict[str, bool] = {}  # nodes that one side removed and the other changed: whether theirs is taken
    nodes = _nodes(base, ours, theirs, prefix, state, kept)
    label = prefix.removesuffix(SEPARATOR)

    def of(what: str) -> str:
        return f"{label} ({what})" if label else what

    return Graph(
        nodes,
        _wires(base, ours, theirs, nodes, prefix, state, kept),
        state.pick(of("name"), base.name, ours.name, theirs.name),
        _interface(base, ours, theirs, of, state),
        state.pick(of("notes"), base.notes, ours.notes, theirs.notes),
        _layout(base, ours, theirs, of, state),
        state.mapping(lambda key: of(f"suggested_run {key}"), [g.suggested_run for g in (base, ours, theirs)]),
        tuple(
            map(part_from, state.pick(of("parts"), *(list(map(part_document, g.parts)) for g in (base, ours, theirs))))
        ),
    )


def _with_one_name(base: Graph, ours: Graph, theirs: Graph, prefix: str, state: _Merge) -> tuple[Graph, Graph, Graph]:
    """The three graphs with the ids to which either side changed them."""
    our_names, their_names = renames(base, ours), renames(base, theirs)
    sides_of = ((ours, our_names), (theirs, their_names))
    names, taken = dict[str, str](), set[str]()
    for old in {**our_names, **their_names}:
        sides = (our_names.get(old, old), their_names.get(old, old))
        new = state.pick(f"{prefix}{old} (name)", old, *sides)
        another = any(new in side.nodes and own.get(old) != new for side, own in sides_of)
        if not another and new not in base.nodes and new not in taken:
            names[old] = new
            taken.add(new)
    both = []
    for graph, own in sides_of:
        both.append(
            renamed(graph, {own.get(old, old): new for old, new in names.items() if own.get(old, old) in graph.nodes})
        )
    return renamed(base, names), both[0], both[1]


def _nodes(
    base: Graph, ours: Graph, theirs: Graph, prefix: str, state: _Merge, kept: dict[str, bool]
) -> dict[str, NodeEntry]:
    made: dict[str, NodeEntry] = {}
    used = {id(graph): uses(graph) for graph in (base, ours, theirs)}
    for name in dict.fromkeys((*ours.nodes, *theirs.nodes)):
        was, our, their = (graph.nodes.get(name) for graph in (base, ours, theirs))
        if our is not None and their is not None:
            made[name] = _entry(prefix + name, was, our, their, state)
            continue
        side, entry = (theirs, their) if our is None else (ours, our)
        if was is None and entry is not None:
            made[name] = entry
        elif (
            was is not None
            and entry is not None
            and (not same_entry(was, entry) or not used[id(side)].get(name, set()) <= used[id(base)].get(name, set()))
        ):
            sides = [ABSENT if one is None else summary(one) for one in (was, our, their)]
            state.conflicts.append(Conflict(prefix + name, *sides))
            if (our is None) == state.theirs:
                made[name] = entry
                kept[name] = our is None
    return made


def _entry(path: str, base: NodeEntry | None, ours: NodeEntry, theirs: NodeEntry, state: _Merge) -> NodeEntry:
    if ours.type != theirs.type and SUBGRAPH in (ours.type, theirs.type):  # its content is no key like others
        if base is not None and (same_entry(base, ours) or same_entry(base, theirs)):
            return theirs if same_entry(base, ours) else ours
        sides = [ABSENT if one is None else summary(one) for one in (base, ours, theirs)]
        state.conflicts.append(Conflict(path, *sides))
        return theirs if state.theirs else ours
    before = len(state.conflicts)
    was_type: Any = ABSENT if base is None else base.type
    kind = state.pick(f"{path} (type)", was_type, ours.type, theirs.type)
    if len(state.conflicts) > before:
        return theirs if state.theirs else ours
    new = base is None
    base = base or NodeEntry(kind, version=0)
    version = state.pick(f"{path} (version)", base.version or ABSENT, ours.version, theirs.version)
    params = state.mapping(lambda key: f"{path}.{key}", (base.params, ours.params, theirs.params), both_added=new)
    extra = state.mapping(lambda key: f"{path} {key}", (base.extra, ours.extra, theirs.extra), both_added=new)
    merged = NodeEntry(kind, params, version, extra)
    if base.graph and ours.graph and theirs.graph and not (base.reference or ours.reference or theirs.reference):
        return replace(merged, graph=_merge(base.graph, ours.graph, theirs.graph, path + SEPARATOR, state))
    contents = [_content(one) for one in (base, ours, theirs)]
    chosen = state.pick(f"{path} (content)", *contents)
    source = next(one for one, content in zip((ours, theirs), contents[1:], strict=True) if same(content, chosen))
    return replace(merged, graph=source.graph, reference=source.reference, not_found=source.not_found)


def _content(entry: NodeEntry) -> Any:
    if entry.reference is not None:
        return f"{entry.reference}, {entry.reference.hash}"
    return ABSENT if entry.graph is None else f"a graph of its own, {entry.graph.hash()}"


def _wires(
    base: Graph,
    ours: Graph,
    theirs: Graph,
    nodes: Mapping[str, NodeEntry],
    prefix: str,
    state: _Merge,
    kept: Mapping[str, bool],
) -> tuple[WireEntry, ...]:
    graphs = (base, ours, theirs)
    removed = [{name for name in graph.nodes if name not in nodes} for graph in graphs]
    sides = [inputs_of(graph) for graph in graphs]
    found: list[WireEntry] = []
    for end in sorted({*sides[1], *sides[2]}):
        values = [_left(end, side.get(end, ()), gone) for side, gone in zip(sides, removed, strict=True)]
        fixed = [kept[name] for name in (end[0], *map(_node_of, values[1] + values[2])) if name in kept]
        if fixed:
            chosen: Any = values[2 if fixed[0] else 1]
        else:
            new = end[0] not in base.nodes and end[0] in ours.nodes and end[0] in theirs.nodes
            chosen = state.pick(f"{prefix}{end[0]}.{end[1]}", *(v or ABSENT for v in values), both_added=new)
        for source in () if chosen is ABSENT else chosen:
            node, _, port = source.partition(".")
            found.append(WireEntry(node, port, *end))
    return tuple(sorted(found))


def _left(end: tuple[str, str], sources: Sequence[str], removed: Collection[str]) -> list[str]:
    """The sources of an input without nodes that were removed; a wire from one that never was there stays."""
    return [] if end[0] in removed else [source for source in sources if _node_of(source) not in removed]


def _node_of(source: str) -> str:
    return (end_of_wire(source) or ("", ""))[0]


def _interface(base: Graph, ours: Graph, theirs: Graph, of: Callable[[str], str], state: _Merge) -> dict[str, Any]:
    facts = [interface_facts(graph) for graph in (base, ours, theirs)]
    orders = [(ORDER, section) for section in PORTS]
    merged = state.mapping(lambda fact: of(f"interface {fact_name(fact)}"), facts, silent=orders)
    made = {fact[0]: value for fact, value in merged.items() if len(fact) == 1}
    for section, order in zip(PORTS, orders, strict=True):
        if order not in merged:
            continue
        listed = dict.fromkeys(name for side in (merged, facts[1], facts[2]) for name in side.get(order, ()))
        made[section] = [merged[section, name] for name in listed if (section, name) in merged]
    return made


def _layout(base: Graph, ours: Graph, theirs: Graph, of: Callable[[str], str], state: _Merge) -> dict[str, Any]:
    rest = [{k: v for k, v in graph.layout.items() if k not in SECTIONS} for graph in (base, ours, theirs)]
    made = state.mapping(str, rest, silent=None)
    for section in SECTIONS:
        was, our, their = (graph.layout.get(section, {}) for graph in (base, ours, theirs))
        objects: dict[str, Any] = {}
        for key in dict.fromkeys((*our, *their)):
            old = was.get(key, {})
            if key in our and key in their:
                path = of(f"{section} {key}")
                inner = (old, our[key], their[key])
                objects[key] = state.mapping(lambda k, path=path: f"{path} {k}", inner, POSITION)  # type: ignore[misc]
            elif key not in was:
                objects[key] = our.get(key, their.get(key))
            elif not same(words(our.get(key, their.get(key, {}))), words(old)):
                state.conflicts.append(
                    Conflict(of(f"{section} {key}"), *(s.get(key, ABSENT) for s in (was, our, their)))
                )
                if key in (their if state.theirs else our):
                    objects[key] = (their if state.theirs else our)[key]
        before, our_has, their_has = (section in graph.layout for graph in (base, ours, theirs))
        if objects or (our_has if their_has == before else their_has):
            made[section] = objects
    return made
