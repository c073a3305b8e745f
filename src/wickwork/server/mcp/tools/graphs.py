"""Checking graphs, and explaining them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.graph.faults import Fault
from wickwork.server.mcp.answers import Skip, many, part_of_lines
from wickwork.server.mcp.arguments import Graph, StrategyId, Version, graph_of
from wickwork.server.mcp.tool import On, tool
from wickwork.services import graphs
from wickwork.services.access import Access


@tool(Access.READ)
async def check_graph(
    on: On, graph: Graph = None, strategy_id: StrategyId = None, version: Version = None, skip: Skip = 0
) -> str:
    """List the faults of a graph, each with what to do about it. A graph without faults can run."""
    given = await graph_of(on, graph, strategy_id, version)
    found = await graphs.check(on.services, on.caller, given)
    if not found["fault_count"]:
        return "The graph has no faults."
    lines = [str(Fault(**one)) for one in found["faults"]]
    more = found["fault_count"] - len(lines)
    lines += [f"And {more:,} more, which appear when these are corrected."] if more else []
    return part_of_lines([f"{many(found['fault_count'], 'fault')}:", *lines], skip)


@tool(Access.READ)
async def explain_graph(
    on: On, graph: Graph = None, strategy_id: StrategyId = None, version: Version = None, skip: Skip = 0
) -> str:
    """Explain in sentences what a strategy does. The graph must have no faults."""
    given = await graph_of(on, graph, strategy_id, version)
    found = await graphs.explain(on.services, on.caller, given)
    lines = _sentences(found)
    for part in found["parts"]:
        lines += [f"\n{part['name']}, {part['timeframe']} bars of {', '.join(part['instruments'])}:", *_sentences(part)]
    return part_of_lines(lines or ["The graph has no actions, so it does nothing."], skip)


def _sentences(found: Mapping[str, Any]) -> list[str]:
    named = [*found["actions"], *({"text": one} for one in found["rules"]), *found["definitions"]]
    return [str(one["text"]) for one in named]
