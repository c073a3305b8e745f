"""Backtests."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from wickwork.server.mcp import jobs
from wickwork.server.mcp.arguments import (
    BarsOf,
    Capital,
    Costs,
    Data,
    End,
    Graph,
    Instruments,
    Params,
    Start,
    StrategyId,
    Timeframe,
    Version,
    Wait,
    request_of,
)
from wickwork.server.mcp.tool import On, tool
from wickwork.services import backtests
from wickwork.services.access import Access


@tool(Access.RUN)
async def run_backtest(
    on: On,
    graph: Graph = None,
    strategy_id: StrategyId = None,
    version: Version = None,
    data: Data = "demo",
    instruments: Instruments = [],  # noqa: B006  # never changed
    bars_of: BarsOf = "",
    timeframe: Timeframe = None,
    start: Start = None,
    end: End = None,
    params: Params = None,
    capital: Capital = 10_000.0,
    costs: Costs = None,
    rules: Annotated[
        dict[str, Any] | None, Field(description="Rules of orders by instrument, as `rules` in a configuration file.")
    ] = None,
    wait: Wait = 20.0,
) -> str:
    """Run a strategy over past bars and answer its main figures and the id of the run, or of the job that goes on.

    The same backtest is computed once: asking for it again gives the same run.
    """
    request = request_of(
        graph, strategy_id, version, bars_of, data=data, instruments=instruments, timeframe=timeframe,
        start=start, end=end, params=params, capital=capital, costs=costs, rules=rules,
    )  # fmt: skip
    return await jobs.started(on, await backtests.start(on.services, on.caller, request), wait)
