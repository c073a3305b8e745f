"""Parameters that sub-graphs promote, by name: `trend.period` sets that parameter in several nodes of `trend`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wickwork.graph.entries import SEPARATOR, SUBGRAPH, Graph
from wickwork.graph.expand import PromotedEnds, expand
from wickwork.graph.faults import GraphFaults
from wickwork.graph.interface import End
from wickwork.model.errors import InputError, NotFound, did_you_mean

PromotedParameters = Mapping[End, PromotedEnds]


def promoted_of(graph: Graph) -> PromotedParameters:
    """Every promoted parameter of the sub-graphs of a graph, those inside of others by names such as `deep__first`."""
    return expand(graph).params


def end_of(name: str) -> End:
    """`node.param` as two texts."""
    node, _, param = name.partition(".")
    return node, param


def with_params(
    graph: Graph, promoted: PromotedParameters, changes: Mapping[str, Any]
) -> tuple[Graph, PromotedParameters]:
    """The graph with other parameters, and what its sub-graphs promoted, where they were replaced by their nodes.

    They are replaced where a change names a node inside of one. `promoted` are the promoted parameters of sub-graphs
    that were replaced earlier.

    Raises InputError for a value out of a promoted range and where two changes set the same parameter, NotFound for an
    unknown node or parameter, and `GraphFaults` for faults in sub-graphs.
    """
    _refuse_overlap(graph, promoted, changes)
    own = {name: value for name, value in changes.items() if end_of(name)[0] in graph.nodes}
    rest = {name: value for name, value in changes.items() if name not in own}
    graph = graph.with_params(own)
    if any(end_of(name) not in promoted and SEPARATOR in end_of(name)[0] for name in rest):
        expansion = expand(graph)
        if expansion.faults:
            raise GraphFaults(expansion.faults)
        graph, promoted = expansion.graph, {**promoted, **expansion.params}
    for name, value in rest.items():
        found = promoted.get(end_of(name))
        if found is None:
            _refuse_unknown_parameter(promoted, name)
            graph = graph.with_params({name: value})
        elif refusal := found.refusal(value):
            raise InputError(f"{name}: {refusal}.")
        else:
            graph = graph.with_params({".".join(end): value for end in found.ends})
    return graph, promoted


def promoted_ends(graph: Graph, promoted: PromotedParameters, name: str) -> PromotedEnds | None:
    """What a promoted parameter sets; None where the name is one of a node."""
    end = end_of(name)
    entry = graph.nodes.get(end[0])
    if entry is not None and entry.type != SUBGRAPH:
        return None
    return promoted.get(end) or promoted_of(graph).get(end)


def _refuse_overlap(graph: Graph, promoted: PromotedParameters, names: Iterable[str]) -> None:
    """Raise InputError where a promoted parameter and another of these names set the same parameter of a node."""
    ends = [end_of(name) for name in names]
    inside = [node for node, _ in ends if node not in graph.nodes or graph.nodes[node].type == SUBGRAPH]
    if len(ends) < 2 or not inside:
        return
    known = {**promoted, **promoted_of(graph)}
    owners: dict[End, End] = {}
    for end in ends:
        for target in known[end].ends if end in known else (end,):
            if owners.setdefault(target, end) != end:
                first, second = ".".join(owners[target]), ".".join(end)
                raise InputError(f"{first} and {second} both set {'.'.join(target)}; give one of them.")


def _refuse_unknown_parameter(promoted: PromotedParameters, name: str) -> None:
    """Raise NotFound for a name of a sub-graph that was replaced, and of no parameter that it promotes."""
    node, param = end_of(name)
    known = [own for owner, own in promoted if owner == node]
    if known and param:
        hint = did_you_mean(param, known) or f" It has {', '.join(known)}."
        raise NotFound(f"{name}: the sub-graph has no parameter {param!r}.{hint}")
