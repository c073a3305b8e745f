"""Checking graphs, and explaining them."""

from __future__ import annotations

from wickwork.graph.faults import Fault
from wickwork.server.mcp.answers import Skip, many, part_of_lines
from wickwork.server.mcp.arguments import Graph, StrategyId, Version, graph_of
from wickwork.server.mcp.tool import On, tool
from wickwork.services import graph_reading
from wickwork.services.access import Access


@tool(Access.READ)
async def check_graph(
    on: On, graph: Graph = None, strategy_id: StrategyId = None, version: Version = None, skip: Skip = 0
) -> str:
    """List the faults of a graph, each with what to do about it. A graph without faults can run."""
    given = await graph_of(on, graph, strategy_id, version)
    found = await graph_reading.faults(on.services, on.caller, given)
    if not found["count"]:
        return "The graph has no faults."
    lines = [str(Fault(**one)) for one in found["faults"]]
    more = found["count"] - len(lines)
    lines += [f"And {more:,} more, which appear when these are corrected."] if more else []
    return part_of_lines([f"{many(found['count'], 'fault')}:", *lines], skip)


@tool(Access.READ)
async def explain_graph(
    on: On, graph: Graph = None, strategy_id: StrategyId = None, version: Version = None, skip: Skip = 0
) -> str:
    """Explain in sentences what a strategy does. The graph must have no faults."""
    given = await graph_of(on, graph, strategy_id, version)
    text = await graph_reading.sentences(on.services, on.caller, given)
    return part_of_lines(text.splitlines() or ["The graph has no actions, so it does nothing."], skip)
