"""The comments of a document as comments of a Python file: each above the first statement that it is about."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wickwork.graph.document import Graph
from wickwork.graph.entries import SEPARATOR

_WIDTH = 100


@dataclass(frozen=True)
class Comment:
    """Lines about some nodes; about the whole strategy where it names none."""

    lines: tuple[str, ...]
    about: frozenset[str] = frozenset()
    """Ids of nodes, of the expanded graph."""


def comments_of(graph: Graph, known: Iterable[str]) -> list[Comment]:
    """The comments of a graph and of its sub-graphs, outer ones first; `known` are the nodes of the expanded graph."""
    found = [Comment(tuple(lines), about) for lines, about in _found(graph, "", frozenset(known)) if lines]
    return sorted(found, key=lambda one: (-len(one.about) if one.about else float("-inf"), one.lines))


def _found(graph: Graph, prefix: str, known: frozenset[str]) -> Iterator[tuple[list[str], frozenset[str]]]:
    layout = graph.layout
    inside = frozenset(name for name in known if name.startswith(prefix)) if prefix else frozenset()
    for _, one in sorted(_objects(layout, "comments")):
        yield comment_lines(one.get("text", "")), inside
    for _, one in sorted(_objects(layout, "groups")):
        about = frozenset().union(*(_nodes_of(f"{prefix}{member}", known) for member in one.get("members", [])))
        yield [*comment_lines(one.get("title", "")), *comment_lines(one.get("comment", ""))], about or inside
    for name, one in sorted(_objects(layout, "nodes")):
        about = _nodes_of(f"{prefix}{name}", known)
        if about:
            yield comment_lines(one.get("comment", "")), about
    for name, entry in sorted(graph.nodes.items()):
        if entry.graph is not None:
            yield from _found(entry.graph, f"{prefix}{name}{SEPARATOR}", known)


def _objects(layout: Mapping[str, Any], section: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from layout.get(section, {}).items()


def _nodes_of(name: str, known: frozenset[str]) -> frozenset[str]:
    """The node of that name, or those of the sub-graph of that name."""
    return frozenset({name}) if name in known else frozenset(n for n in known if n.startswith(f"{name}{SEPARATOR}"))


def comment_lines(text: str) -> list[str]:
    """The lines of a comment, each behind a `#`; no character in them can end the comment or hide a part of it."""
    found = []
    for line in text.splitlines():
        plain = "".join(one if one.isprintable() else repr(one)[1:-1] for one in line.strip())
        found += [f"# {part}" for part in textwrap.wrap(plain, _WIDTH)] or ["#"]
    while found and found[-1] == "#":
        found.pop()
    while found and found[0] == "#":
        found.pop(0)
    return found
