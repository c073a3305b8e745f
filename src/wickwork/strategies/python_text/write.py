"""A graph as a Python file that a person would write.

Each statement is written and at once executed on a strategy under construction, so automatic names (`ema_2`) are those
that the file will give. At the end the hash of that strategy is compared with that of the graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wickwork.graph.catalogue import Catalogue
from wickwork.graph.check import check
from wickwork.graph.document import Graph
from wickwork.strategies.python_text.block import block_of, left_out, own_nodes
from wickwork.strategies.python_text.imports import imports_of
from wickwork.strategies.python_text.layout import docstring
from wickwork.strategies.python_text.portfolio_text import portfolio_left_out, portfolio_text


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

    That of a portfolio builds each member and joins them.

    `file_name` is what the file will be called, where it is known. Raises GraphFaults for a graph with faults, and
    InputError for one that Python cannot build: where no file defines one of its nodes, or an id cannot name a node.
    """
    validated = check(graph, catalogue)
    used = own_nodes(validated)
    imports = imports_of([used[name] for name in sorted(used)], file_name)
    if graph.parts:
        text = portfolio_text(graph, validated, catalogue, imports)
        gone = portfolio_left_out(graph)
    else:
        notes = docstring(graph.notes) if isinstance(graph.notes, str) else None
        block = block_of(validated, graph, catalogue, imports, with_docstring=notes is not None)
        words = [word for word in ("strategy", "ta", "trade") if word == "strategy" or word in block.words]
        text = [
            *([notes, ""] if notes else []),
            f"from wickwork import {', '.join(words)}",
            *(["", *imports.lines] if imports.lines else []),
            "",
            *block.lines,
        ]
        gone = left_out(graph)
    return PythonFile("\n".join(text) + "\n", imports.files, tuple(sorted(used)), gone)
