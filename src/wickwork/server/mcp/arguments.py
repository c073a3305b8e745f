"""Arguments that several tools take."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from wickwork.server.mcp.given import refuse_unusual
from wickwork.server.mcp.tool import On
from wickwork.services import backtests


def parsed(given: Any) -> Any:
    """A graph that was sent as JSON text, read."""
    if not isinstance(given, str):
        return given
    try:
        found = json.loads(given)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is no JSON ({str(error)[:80]}); give the graph as an object") from None
    refuse_unusual(found)
    return found


Graph = Annotated[
    dict[str, Any] | None,
    BeforeValidator(parsed),
    Field(description="A graph document, as get_template answers; or else `strategy_id`."),
]
StrategyId = Annotated[str | None, Field(max_length=100, description="A saved strategy, in place of `graph`.")]
Version = Annotated[int | None, Field(ge=1, le=2**31 - 1, description="Its version; the newest without one.")]
RunId = Annotated[str, Field(max_length=100, description="As run_backtest and list_runs name it.")]
Before = Annotated[str | None, Field(max_length=100, description="Only older ones than this id.")]
Count = Annotated[int, Field(ge=1, le=50, description="How many at most.")]
Wait = Annotated[float, Field(ge=0.0, le=50.0, description="Seconds to wait for the end; then the job is answered.")]

Data = Annotated[Literal["demo", "store"], Field(description="`demo`: made-up prices; `store`: stored bars.")]
Instruments = Annotated[
    list[str], Field(max_length=200, description="As BTC/USDT; those that the graph suggests without any.")
]
Timeframe = Annotated[str | None, Field(max_length=10, description="As 1h; the one that the graph suggests without.")]
Start = Annotated[str | None, Field(max_length=40, description="The first bar opens then or later, as 2024-01-31.")]
End = Annotated[str | None, Field(max_length=40, description="The last bar opens before, as 2024-06-30.")]
Params = Annotated[
    dict[str, float | int | str | bool] | None,
    Field(max_length=200, description='Other parameters of nodes: {"fast.period": 10}.'),
]
Capital = Annotated[float, Field(gt=0.0, le=1e15, description="Cash at the start, in quote units.")]
Costs = Annotated[
    dict[str, Any] | None,
    Field(description='Costs, such as {"taker_fee_pct": 0.1, "slippage_pct": 0.05}, as in a configuration file.'),
]
BarsOf = Annotated[str, Field(max_length=50, description="Whose stored bars, where there are several: as binance.")]


async def graph_of(on: On, graph: dict[str, Any] | None, strategy_id: str | None, version: int | None) -> Any:
    """The graph that was given, or that of the saved strategy that was named. Raises InputError and NotFound."""
    return (await backtests.with_graph(on.services, on.caller, which(graph, strategy_id, version)))["graph"]


def request_of(
    graph: dict[str, Any] | None, strategy_id: str | None, version: int | None, bars_of: str, **others: Any
) -> dict[str, Any]:
    """The request of a run as the services take it; arguments that are None count as not given."""
    given = {name: value for name, value in others.items() if value is not None}
    return which(graph, strategy_id, version) | {"venue": bars_of} | given


def which(graph: dict[str, Any] | None, strategy_id: str | None, version: int | None) -> dict[str, Any]:
    """The part of a request that names what is to run."""
    saved = {"id": strategy_id, "version": version} if strategy_id is not None else None
    return {"graph": graph, "strategy": saved}
