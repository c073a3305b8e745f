"""The `with` block of a Python file that builds one strategy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wickwork.graph.catalogue import Catalogue
from wickwork.graph.check import ValidatedGraph, check
from wickwork.graph.document import Graph, node_name
from wickwork.graph.node import Node
from wickwork.model.errors import InputError
from wickwork.nodes import builtin
from wickwork.strategies.python_text.body import Body
from wickwork.strategies.python_text.comments import comments_of
from wickwork.strategies.python_text.imports import Imports
from wickwork.strategies.python_text.layout import Bracketed, lines, literal
from wickwork.strategies.strategy import Strategy

SUGGESTED = ("instrument", "timeframe", "start", "end")
"""The arguments of `strategy` for the suggested run."""


@dataclass(frozen=True)
class Block:
    """The `with` block of one strategy."""

    lines: tuple[str, ...]
    words: frozenset[str]
    """Which of `ta` and `trade` it needs."""
    graph: Graph
    """What it builds."""


def block_of(
    validated: ValidatedGraph, given: Graph, catalogue: Catalogue, imports: Imports, *, with_docstring: bool
) -> Block:
    """The block that builds a graph, `given` before it was validated; with a docstring the notes are that.

    Raises InputError where the block would build another graph, and for an id that cannot name a node.
    """
    plain = validated.graph
    for name in plain.nodes:
        node_name(name)
    strategy = Strategy(given.name)
    body = Body(validated, imports, strategy, comments_of(given, plain.nodes))
    with strategy:
        body.write()
    strategy.interface = plain.interface
    if check(strategy.graph, catalogue).graph.hash() != plain.hash():
        raise InputError(f"The graph {given.name!r} cannot be written as Python; export it as a document (.json).")
    settings = {
        "notes": "" if with_docstring else given.notes,
        "interface": plain.interface or "",
        "suggested_run": "" if _is_named(given.suggested_run) else given.suggested_run,
    }
    set_here = [
        line for key, value in settings.items() if value != "" for line in lines(literal(value), f"s.{key} = ", "", 4)
    ]
    between = [""] if set_here and body.lines else []
    content = [*set_here, *between, *body.lines, *([] if set_here or plain.nodes else ["    pass"])]
    return Block((*_opening(given, with_docstring), *content), frozenset(body.words & {"ta", "trade"}), strategy.graph)


def own_nodes(validated: ValidatedGraph) -> dict[str, Node]:
    """The nodes of a graph that are not Wickwork's own, by name."""
    return {node.name: node for node in validated.nodes.values() if node is not builtin().nodes.get(node.name)}


def left_out(graph: Graph) -> tuple[str, ...]:
    """Sentences about what of a document its file does not have."""
    found = []
    if any(entry.graph is not None for entry in graph.nodes.values()):
        found.append("its sub-graphs are written out, node by node; the hash is the same.")
    if graph.layout:
        found.append("positions and colours of the drawing are left out; its comments are comments of the file.")
    return tuple(found)


def _opening(graph: Graph, with_docstring: bool) -> list[str]:
    made_for = graph.suggested_run if _is_named(graph.suggested_run) else {}
    items = [("", literal(graph.name))] if graph.name else []
    items += [(f"{key}=", literal(made_for[key])) for key in SUGGESTED if key in made_for]
    items += [("notes=", "__doc__")] if with_docstring else []
    return list(lines(Bracketed("strategy(", tuple(items), ")"), "with ", " as s:"))


def _is_named(suggested_run: Mapping[str, str]) -> bool:
    """Whether the arguments of `strategy` can express it: they leave out empty texts."""
    return all(suggested_run.values())
