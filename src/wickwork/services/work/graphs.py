"""Work on graph documents, given as text. They come from the network, so nothing of them is executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from wickwork.graph.check import GraphFaults
from wickwork.graph.document import Graph, from_text, to_text
from wickwork.graph.entries import part_data
from wickwork.graph.faults import MOST_SHOWN
from wickwork.graph.parts import part_graphs
from wickwork.services.child import Tools
from wickwork.services.work.request import context_of
from wickwork.strategies.load import Loaded, with_references
from wickwork.strategies.sentences.explain import explained


def read(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The canonical text of `text`, its hash and its name. Raises InputError for what is no graph; faults are none."""
    del tools
    return read_data(from_text(request["text"]))


def read_data(graph: Graph) -> dict[str, Any]:
    """A graph as `read` returns it."""
    return {"text": to_text(graph), "hash": graph.hash(), "name": graph.name}


def check(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The faults of a graph, the first ones and how many, and the hash that runs of it have: None with a fault."""
    return checked(from_text(request["text"]), tools)


def checked(graph: Graph, tools: Tools) -> dict[str, Any]:
    """What `check` returns, of a graph."""
    try:
        validated = with_nodes(graph, tools).check()
    except GraphFaults as error:
        shown = [asdict(one) for one in error.faults[:MOST_SHOWN]]
        return {"hash": None, "faults": shown, "fault_count": len(error.faults)}
    return {"hash": validated.graph.hash(), "faults": [], "fault_count": 0}


def explain(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """What a strategy does, in sentences; of a portfolio those of each part. Raises GraphFaults."""
    found = loaded(request["text"], tools)
    whole = found.check()
    if not found.graph.parts:
        return {**explained(whole).to_data(), "parts": []}
    graphs = part_graphs(found.graph)
    parts = [
        {**part_data(one), **explained(replace(found, graph=graphs[one.name]).check()).to_data()}
        for one in found.graph.parts
    ]
    return {"name": found.graph.name, "actions": [], "rules": [], "definitions": [], "parts": parts}


def loaded(text: str, tools: Tools) -> Loaded:
    """The graph of a text, as `with_nodes` makes it ready. Raises InputError for what is no graph."""
    return with_nodes(from_text(text), tools)


def with_nodes(graph: Graph, tools: Tools) -> Loaded:
    """A graph with the content of its references and the nodes of the installation."""
    context = context_of(tools)
    return Loaded(with_references(graph, context), context.catalogue, context.kernels)
