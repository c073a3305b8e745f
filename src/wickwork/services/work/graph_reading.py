"""Templates, the faults of a graph, and what it does in sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from wickwork.graph.check import GraphFaults
from wickwork.graph.document import from_text, to_text
from wickwork.graph.faults import MOST_SHOWN
from wickwork.graph.parts import part_graphs
from wickwork.services.child import Tools
from wickwork.services.core import canonical
from wickwork.services.work.request import context_of
from wickwork.strategies.load import Loaded, load_strategy, with_references
from wickwork.strategies.sentences.explain import explained
from wickwork.templates import template as template_named


def template(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The graph and the Python text of a template, and what it does."""
    del tools
    found = template_named(request["name"])
    graph = json.loads(to_text(load_strategy(found.path).graph))
    return {"name": found.name, "help": found.help, "graph": graph, "python": found.text}


def faults(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The first faults, and the number of all."""
    try:
        _loaded(request, tools).check()
    except GraphFaults as error:
        return {"faults": [asdict(one) for one in error.faults[:MOST_SHOWN]], "count": len(error.faults)}
    return {"faults": [], "count": 0}


def sentences(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The sentences as one `text`; those of a portfolio below the heading of each strategy."""
    found = _loaded(request, tools)
    whole = found.check()
    if not found.graph.parts:
        return {"text": str(explained(whole))}
    graphs = part_graphs(found.graph)
    blocks = [
        f"{part.name}, {part.timeframe} bars of {', '.join(part.instruments)}:\n"
        f"{explained(replace(found, graph=graphs[part.name]).check())}"
        for part in found.graph.parts
    ]
    return {"text": "\n\n".join(blocks)}


def _loaded(request: Mapping[str, Any], tools: Tools) -> Loaded:
    context = context_of(tools)
    return Loaded(with_references(from_text(canonical(request["graph"])), context), context.catalogue, context.kernels)
