"""Nodes of a graph that compute the same, as a drawing has them that repeats an expression wherever it is needed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from wickwork.graph.check import ValidatedGraph


def first_of_equals(validated: ValidatedGraph, order: Sequence[str]) -> dict[str, str]:
    """For each node the first in that order with its type, parameters, fixed values and inputs: itself in most graphs.

    Nodes stand behind those that they read. Actions are equal to themselves alone.
    """
    inputs: dict[str, list[tuple[str, str, str]]] = {name: [] for name in validated.nodes}
    for (name, entry), (source, port) in validated.wired.items():
        inputs[name].append((entry, source, port))
    first: dict[str, str] = {}
    seen: dict[Hashable, str] = {}
    for name in order:
        node = validated.nodes[name]
        key = (
            name if node.verb else "",
            node.name,
            tuple(sorted((key, repr(value)) for key, value in validated.values[name].items())),
            tuple(sorted((key, repr(value)) for key, value in validated.literals[name].items())),
            tuple(sorted((entry, first.get(source, source), port) for entry, source, port in inputs[name])),
        )
        first[name] = seen.setdefault(key, name)
    return first
