"""Runs on paper: a strategy follows the market with money that does not exist."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

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
    request_of,
)
from wickwork.server.mcp.tool import On, tool
from wickwork.services import papers
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
    speed: Annotated[
        float, Field(gt=0.0, le=1e9, description="How many times as fast as the world the clock runs.")
    ] = 1.0,
) -> str:
    """Start a run on paper: new bars, simulated fills, no real money. It goes on until cancel_job stops it."""
    request = request_of(
        graph, strategy_id, version, bars_of, data=data, instruments=instruments, timeframe=timeframe,
        params=params, capital=capital, costs=costs, speed=speed,
    )  # fmt: skip
    return await jobs.started(on, await papers.start(on.services, on.caller, request), 1.0)
