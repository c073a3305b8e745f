"""Sweeps: a strategy with many combinations of parameters."""

from __future__ import annotations

from typing import Annotated

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
    Start,
    StrategyId,
    Timeframe,
    Version,
    Wait,
    request_of,
)
from wickwork.server.mcp.tool import On, tool
from wickwork.services import sweeps
from wickwork.services.access import Access

Values = Annotated[list[float | int | str | bool], Field(min_length=1, max_length=10_000)]


@tool(Access.RUN)
async def run_sweep(
    on: On,
    over: Annotated[
        dict[str, Values],
        Field(min_length=1, max_length=20, description='Values to try: {"fast.period": [5, 10, 20]}.'),
    ],
    graph: Graph = None,
    strategy_id: StrategyId = None,
    version: Version = None,
    data: Data = "demo",
    instruments: Instruments = [],  # noqa: B006  # never changed
    bars_of: BarsOf = "",
    timeframe: Timeframe = None,
    start: Start = None,
    end: End = None,
    capital: Capital = 10_000.0,
    costs: Costs = None,
    by: Annotated[str, Field(max_length=50, description="The figure by which combinations are ranked.")] = "sharpe",
    wait: Wait = 20.0,
) -> str:
    """Try every combination of parameters over past bars. The best of many combinations is partly luck."""
    request = request_of(
        graph, strategy_id, version, bars_of, data=data, instruments=instruments, timeframe=timeframe,
        start=start, end=end, capital=capital, costs=costs, over=over, by=by,
    )  # fmt: skip
    return await jobs.started(on, await sweeps.start(on.services, on.caller, request), wait)
