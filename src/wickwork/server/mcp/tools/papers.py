"""Runs on paper: a strategy follows the market with money that does not exist."""

from __future__ import annotations

from wickwork.server.mcp import jobs
from wickwork.server.mcp.arguments import (
    BarsOf,
    Capital,
    Costs,
    Data,
    Graph,
    Instruments,
    Params,
    StrategyId,
    Timeframe,
    Version,
    which,
)
from wickwork.server.mcp.tool import On, tool
from wickwork.services.access import Access


@tool(Access.RUN)
async def start_paper_run(
    on: On,
    graph: Graph = None,
    strategy_id: StrategyId = None,
    version: Version = None,
    data: Data = "demo",
    instruments: Instruments = [],  # noqa: B006  # never changed
    bars_of: BarsOf = "",
    timeframe: Timeframe = None,
    params: Params = None,
    capital: Capital = 10_000.0,
    costs: Costs = None,
) -> str:
    """Start a run on paper: new bars, simulated fills, no real money. It goes on until cancel_job stops it."""
    request = which(graph, strategy_id, version) | {
        "data": data,
        "instruments": instruments,
        "venue": bars_of,
        "timeframe": timeframe,
        "params": params or {},
        "capital": capital,
        "costs": costs or {},
    }
    return await jobs.start(on, "paper", request, 1.0)
