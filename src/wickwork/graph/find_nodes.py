"""Nodes of a catalogue by their group and by words about them."""

from __future__ import annotations

from collections.abc import Iterable

from wickwork.graph.nearest import plain
from wickwork.graph.node import Node
from wickwork.model.errors import NotFound, did_you_mean, shown


def find_nodes(nodes: Iterable[Node], group: str = "", search: str = "") -> list[Node]:
    """The nodes of a group that have all words of `search` in their name, title, help or other names, in order.

    Where none has them, those whose name, title or other name is the text, however it is written. Raises NotFound for
    an unknown group.
    """
    found = list(nodes)
    if group:
        groups = sorted({node.group for node in found})
        if group.lower() not in groups:
            hint = did_you_mean(group, groups) or f" There are {', '.join(groups)}."
            raise NotFound(f"There is no group {shown(group)!r}.{hint}")
        found = [node for node in found if node.group == group.lower()]
    words, members = search.lower().split(), {node.name: node for node in found}
    found = [node for node in found if all(word in _searched(node) for word in words)]
    if not found:
        wanted = plain(search)
        named = members.values() if wanted else ()
        found = [node for node in named if wanted in map(plain, (node.name, node.title, *node.terms))]
    return sorted(found, key=lambda node: (node.group, node.name))


def _searched(node: Node) -> str:
    return " ".join((node.name, node.title, node.group, node.help, *node.terms)).lower()
