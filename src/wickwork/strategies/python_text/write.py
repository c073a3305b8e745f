"""A graph as a Python file that a person would write.

Each statement is written and at once executed on a strategy under construction, so automatic names (`ema_2`) are those
that the file will give. At the end the hash of that strategy is compared with that of the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wickwork.graph.catalogue import Catalogue
from wickwork.graph.check import check
from wickwork.graph.document import Graph, node_name
from wickwork.model.errors import InputError
from wickwork.nodes import builtin
from wickwork.strategies.python_text.body import Body
from wickwork.strategies.python_text.comments import comments_of
from wickwork.strategies.python_text.imports import imports_of
from wickwork.strategies.python_text.layout import Bracketed, docstring, lines, literal
from wickwork.strategies.strategy import Strategy

SUGGESTED = ("instrument", "timeframe", "start", "end")
"""The arguments of `strategy` for the suggested run."""


@dataclass(frozen=True)
class PythonFile:
    """The text of a file that builds a strategy."""

    text: str
    imported: tuple[Path, ...]
    """Files with nodes of the user that must lie beside it."""
    own_nodes: tuple[str, ...]
    left_out: tuple[str, ...]
    """Sentences about what of the document the file does not have; none of it counts for the hash."""


def python_file(graph: Graph, catalogue: Catalogue, file_name: str = "") -> PythonFile:
    """Write a Python file that builds this graph; the graph that it builds has the same hash.

    `file_name` is what the file will be called, where it is known. Raises GraphFaults for a graph with faults, and
    InputError for one that Python cannot build: where no file defines one of its nodes, or an id cannot name a node.
    """
    if graph.parts:
        raise InputError(
            f"{graph.name!r} is a portfolio; export each of its strategies, or the whole as a document (.json)."
        )
    validated = check(graph, catalogue)
    plain = validated.graph
    for name in plain.nodes:
        node_name(name)
    used = {node.name: node for node in validated.nodes.values() if node is not builtin().nodes.get(node.name)}
    imports = imports_of([used[name] for name in sorted(used)], file_name)
    strategy = Strategy(graph.name)
    body = Body(validated, imports, strategy, comments_of(graph, plain.nodes))
    with strategy:
        body.write()
    strategy.interface = plain.interface
    if check(strategy.graph, catalogue).graph.hash() != plain.hash():
        raise InputError(f"The graph {graph.name!r} cannot be written as Python; export it as a document (.json).")
    notes = docstring(graph.notes) if isinstance(graph.notes, str) else None
    settings = {
        "notes": "" if notes else graph.notes,
        "interface": plain.interface or "",
        "suggested_run": "" if _is_named(graph.suggested_run) else graph.suggested_run,
    }
    set_here = [
        line for key, value in settings.items() if value != "" for line in lines(literal(value), f"s.{key} = ", "", 4)
    ]
    between = [""] if set_here and body.lines else []
    words = [word for word in ("strategy", "ta", "trade") if word == "strategy" or word in body.words]
    text = [
        *([notes, ""] if notes else []),
        f"from wickwork import {', '.join(words)}",
        *(["", *imports.lines] if imports.lines else []),
        "",
        *_opening(graph, notes is not None),
        *set_here,
        *between,
        *body.lines,
        *([] if set_here or plain.nodes else ["    pass"]),
    ]
    return PythonFile("\n".join(text) + "\n", imports.files, tuple(sorted(used)), _left_out(graph))


def _left_out(graph: Graph) -> tuple[str, ...]:
    found = []
    if any(entry.graph is not None for entry in graph.nodes.values()):
        found.append("its sub-graphs are written out, node by node; the hash is the same.")
    if graph.layout:
        found.append("positions and colours of the drawing are left out; its comments are comments of the file.")
    return tuple(found)


def _opening(graph: Graph, with_notes: bool) -> list[str]:
    made_for = graph.suggested_run if _is_named(graph.suggested_run) else {}
    items = [("", literal(graph.name))] if graph.name else []
    items += [(f"{key}=", literal(made_for[key])) for key in SUGGESTED if key in made_for]
    items += [("notes=", "__doc__")] if with_notes else []
    return list(lines(Bracketed("strategy(", tuple(items), ")"), "with ", " as s:"))


def _is_named(suggested_run: Mapping[str, str]) -> bool:
    """Whether the arguments of `strategy` can express it: they leave out empty texts."""
    return all(suggested_run.values())
