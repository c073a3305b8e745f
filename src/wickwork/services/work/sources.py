"""What a strategy can be made of, besides a graph: a template, a LiteGraph file of PVE, a share file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wickwork.compat.pve import import_litegraph
from wickwork.graph.document import MOST_BYTES, Graph, from_text, to_text
from wickwork.graph.entries import NodeEntry
from wickwork.model.errors import InputError
from wickwork.services.child import Tools
from wickwork.services.work.graphs import checked, loaded, read_data
from wickwork.strategies.load import load_strategy
from wickwork.templates import Template, template, templates

SHARE = "wickwork strategy"
"""What a share file is marked with, as its `kind`."""
SHARE_FORMAT = 1
PVE_FILE = "litegraph"
"""The key of a layout under which the file of PVE is kept from which a graph was imported."""


def of_template(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The graph of a template. Raises NotFound."""
    del tools
    return read_data(load_strategy(template(request["template"]).path).graph)


def of_litegraph(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The graph of a LiteGraph file, what the import made of each of its nodes, and the faults that it has."""
    text = str(request["text"]).encode("utf-8", "surrogatepass")
    found = import_litegraph(text, request.get("name", ""))
    state = checked(found.graph, tools)
    return {**read_data(found.graph), "report": {**found.report.to_data(), "faults": state["faults"]}}


def of_share(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The graph of a share file. Raises InputError for another file."""
    del tools
    text = request["text"]
    if len(text) > MOST_BYTES:
        raise InputError(f"The share file has more than {MOST_BYTES:,} bytes, which is more than a graph may have.")
    try:
        data = json.loads(text)
        inner = json.dumps(data.get("graph") if isinstance(data, dict) else None)
    except (ValueError, RecursionError):
        raise InputError("The share file is not JSON; export the strategy again.") from None
    if not isinstance(data, dict) or data.get("kind") != SHARE:
        raise InputError(f'This is no share file, which has "kind": "{SHARE}"; give a graph document as `graph`.')
    if data.get("format") != SHARE_FORMAT:
        raise InputError(
            f"The share file has the format {data.get('format')!r:.20}; this version of Wickwork reads {SHARE_FORMAT}."
        )
    read = read_data(from_text(inner, "the graph of the share file"))
    return {**read, "name": data["name"] if isinstance(data.get("name"), str) else read["name"]}


def share(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """A graph as a share file, and what was left out of it.

    It needs nothing of this installation: sub-graphs of the library are copied into it. A file of PVE from which the
    graph was imported is left out, because it may have ids of chats and names of its user.
    """
    graph = _without_references(loaded(request["text"], tools).graph)
    layout = {key: value for key, value in graph.layout.items() if key != PVE_FILE}
    left_out = []
    if PVE_FILE in graph.layout:
        left_out.append("The file of PVE from which the strategy was imported; export it as LiteGraph to share it.")
    text = to_text(replace(graph, layout=layout))
    head = {"kind": SHARE, "format": SHARE_FORMAT, "name": request.get("name") or graph.name}
    return {"text": f'{json.dumps(head, ensure_ascii=False)[:-1]}, "graph": {text.strip()}}}\n', "left_out": left_out}


def _without_references(graph: Graph) -> Graph:
    """The graph with copies in place of references that were found."""

    def copied(entry: NodeEntry) -> NodeEntry:
        if entry.graph is None:
            return entry
        return replace(entry, graph=_without_references(entry.graph), reference=None)

    return replace(graph, nodes={name: copied(entry) for name, entry in graph.nodes.items()})


def list_templates(request: Mapping[str, Any], tools: Tools) -> list[dict[str, Any]]:
    """All templates, by name, with what each does and was made for."""
    del request
    if "templates" not in tools.memory:
        tools.memory["templates"] = [_template_data(one, load_strategy(one.path).graph) for one in templates()]
    found: list[dict[str, Any]] = tools.memory["templates"]
    return found


def one_template(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """One template with its graph and its Python text. Raises NotFound."""
    del tools
    found = template(request["template"])
    graph = load_strategy(found.path).graph
    return {**_template_data(found, graph), "graph": json.loads(to_text(graph)), "python": found.text}


def _template_data(found: Template, graph: Graph) -> dict[str, Any]:
    return {
        "name": found.name,
        "title": graph.name,
        "help": found.help,
        "suggested_run": dict(graph.suggested_run),
        "parts": [{"name": one.name, "timeframe": one.timeframe} for one in graph.parts],
    }
