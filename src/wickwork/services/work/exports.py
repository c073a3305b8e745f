"""A graph in other forms: a document, a Python file, a LiteGraph file for PVE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.compat.pve import Exported, export_litegraph
from wickwork.graph.document import Graph, from_text, to_text
from wickwork.model.errors import Conflict, Refused
from wickwork.services.child import Tools
from wickwork.services.work.graphs import loaded
from wickwork.services.work.sources import share as share
from wickwork.strategies.python_text.write import python_file


def document(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The graph as canonical text."""
    del tools
    return {"text": to_text(from_text(request["text"])), "left_out": []}


def python(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The graph as a Python file that builds it. Raises GraphFaults, and InputError where Python cannot build it."""
    found = loaded(request["text"], tools)
    written = python_file(found.graph, found.catalogue)
    needed = [f"It imports the nodes of {one.name}, which must lie beside it." for one in written.imported]
    return {"text": written.text, "left_out": [*written.left_out, *needed]}


def litegraph(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The graph as a LiteGraph file, and sentences about what PVE cannot have and the file does not have.

    A graph that was imported from such a file and not changed since gives that file. Raises Conflict as `for_pve` does.
    """
    del tools
    found = for_pve(from_text(request["text"]))
    return {"text": found.text(), "left_out": list(found.problems)}


def for_pve(graph: Graph) -> Exported:
    """A graph as a LiteGraph file without what PVE cannot have.

    Raises Conflict where this version imports the file of the graph otherwise than the one that did, so that what was
    changed since cannot be found.
    """
    try:
        return export_litegraph(graph, partial=True)
    except Refused as error:
        raise Conflict(str(error)) from None
