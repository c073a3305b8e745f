"""The order in which a person reads a graph: what an action needs stands before it, entries before exits.

It follows from the graph alone, whatever order its nodes have in a document, so that equal graphs give equal texts.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from wickwork.graph.check import ValidatedGraph


def natural(name: str) -> tuple[str, int, str]:
    """A key that sorts `step_2` before `step_10`."""
    found = re.fullmatch(r"(.*?)_?(\d{1,9})", name)
    return (found[1], int(found[2]), name) if found else (name, 0, name)


def action_ids(validated: ValidatedGraph) -> list[str]:
    """The actions of a graph: what opens positions first, then what ends them, as the verbs are numbered."""
    actions = [name for name, node in validated.nodes.items() if node.verb]
    return sorted(actions, key=lambda name: (-validated.nodes[name].verb, natural(name)))


def reading_order(validated: ValidatedGraph, left_out: Collection[str] = ()) -> list[str]:
    """The node ids in the order in which a person would read them: each just before what needs it.

    Nodes that no action needs come last. `left_out` are nodes that are not wanted.
    """
    wired = validated.wired
    sources = {
        name: [wired[name, one.name][0] for one in node.inputs if (name, one.name) in wired]
        for name, node in validated.nodes.items()
    }
    order: list[str] = []
    seen = set(left_out)
    for root in (*action_ids(validated), *sorted(validated.nodes, key=natural)):
        waiting = [(root, False)]
        while waiting:
            name, fed = waiting.pop()
            if fed:
                order.append(name)
            elif name not in seen:
                seen.add(name)
                waiting.append((name, True))
                waiting += [(one, False) for one in reversed(sources[name])]
    return order
