"""PVE's endpoints, with its paths and shapes. `docs/server/pve.md` says what differs.

PVE's clients send their token in the body, as `token` beside `user_id`. A token in a URL would stand in logs and in the
history of browsers, so it is refused there; GET requests need the header `Authorization`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wickwork.server.access import Of
from wickwork.server.pve_access import PveReader, PveStarter, PveWriter
from wickwork.server.resource import resource
from wickwork.server.routes.system_v4 import data_of
from wickwork.services import pve as service
from wickwork.services import strategies

router = resource("/api", "PVE")


UserId = Annotated[str | None, Query(max_length=100, description="The caller's id; it is only compared.")]
BacktestId = Annotated[str, Query(max_length=100)]


class PveBody(BaseModel):
    """What every body of PVE's clients has. Fields that are not known are ignored."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)
    user_id: str | int | None = None
    token: str | None = Field(default=None, description="A token of Wickwork; else the header `Authorization`.")


class ByName(PveBody):
    """A strategy by its name."""

    name: str = Field(min_length=1, max_length=200)


class GraphToSave(ByName):
    """A LiteGraph graph, and the run that it is made for."""

    graph_data: dict[str, Any] | str = Field(description="The graph as LiteGraph serializes it, or that as text.")
    start_date: str | None = Field(default=None, max_length=40)
    end_date: str | None = Field(default=None, max_length=40)
    symbol: str | None = Field(default=None, max_length=60, description="As BTCUSDT, which is the perpetual.")
    timeframe: str | None = Field(default=None, max_length=10, description="As 3min or 1h.")


class ById(PveBody):
    """A strategy by its id."""

    strategy_id: str = Field(max_length=100)


class AnalysisToLaunch(PveBody):
    """What to analyze."""

    backtest_id: str = Field(max_length=100)
    initial_capital: float = Field(default=10_000.0, gt=0, le=1e15)


class Done(BaseModel):
    """It was done."""

    status: Literal["success"] = "success"
    message: str


class GraphSaved(Done):
    """The graph was saved."""

    id: str
    warnings: list[str] = Field(description="Nodes without a counterpart, with which the strategy cannot run.")


class StrategyCreated(Done):
    """The strategy was created."""

    id: str


class JobStarted(Done):
    """A job was started: /api/jobs has it, and /ws its progress."""

    job: str


class SavedGraph(BaseModel):
    """A strategy in a list."""

    id: str
    name: str
    modified_at: str


class SavedGraphs(BaseModel):
    """All strategies, the last changed first."""

    status: Literal["success"] = "success"
    graphs: list[SavedGraph]


class LoadedGraph(BaseModel):
    """A strategy for PVE's editor."""

    status: Literal["success"] = "success"
    graph_data: dict[str, Any]
    start_date: str
    end_date: str
    symbol: str
    timeframe: str
    left_out: list[str] = Field(description="What of the strategy PVE does not have, as sentences.")


class BacktestListed(BaseModel):
    """A backtest in a list."""

    id: str
    graph_name: str
    orders: list[dict[str, Any]]
    symbol: str
    timeframe: str
    start_date: str
    end_date: str
    updated_at: str
    analyzer_result_id: str | None


class Backtests(BaseModel):
    """The last ten backtests."""

    status: Literal["success"] = "success"
    backtests: list[BacktestListed]


class BacktestShown(BacktestListed):
    """A backtest with its chart."""

    backtest_data: list[dict[str, Any]] = Field(description="A record for each bar; `date` is when it opens, unix s.")
    precision: int
    min_move: float
    minMove: float  # noqa: N815
    graph: dict[str, Any]


class OneBacktest(BaseModel):
    """One backtest."""

    status: Literal["success"] = "success"
    backtest: BacktestShown


class AnalyzerResult(BaseModel):
    """One analysis."""

    status: Literal["success"] = "success"
    analyzer_result: dict[str, Any]


@router.post("/save-graph")
async def save_graph(services: Of, caller: PveWriter, body: GraphToSave) -> GraphSaved:
    """Save a graph under a name; the graph is kept whole."""
    run = {"startDate": body.start_date, "endDate": body.end_date, "timeframe": body.timeframe, "symbol": body.symbol}
    given = {key: value for key, value in run.items() if value}
    saved = await service.save(services, caller, body.name, body.graph_data, given)
    return GraphSaved(message="Graph saved successfully", id=saved.strategy.id, warnings=saved.warnings)


@router.post("/create-empty-strategy")
async def create_empty_strategy(services: Of, caller: PveWriter, body: ByName) -> StrategyCreated:
    """Create a strategy without a graph; 409 where the name is taken."""
    made = await strategies.create(services, caller, body.name)
    return StrategyCreated(message="Empty strategy created successfully", id=made.strategy.id)


@router.post("/delete-graph")
async def delete_graph(services: Of, caller: PveWriter, body: ById) -> Done:
    """Delete a strategy."""
    await strategies.remove(services, caller, body.strategy_id)
    return Done(message="Strategy deleted successfully")


@router.get("/get-saved-graphs")
@router.get("/get-graphs")
async def get_saved_graphs(
    services: Of,
    caller: PveReader,
    id: UserId = None,  # noqa: A002
    user_id: UserId = None,
) -> SavedGraphs:
    """All strategies. `get-graphs` is what PVE's README calls this."""
    return SavedGraphs.model_validate({"graphs": await service.listed(services, caller)})


@router.post("/load-graph")
async def load_graph(services: Of, caller: PveReader, body: ByName) -> LoadedGraph:
    """A strategy as a LiteGraph graph, with the run that it was made for."""
    return LoadedGraph.model_validate(await service.load(services, caller, body.name))


@router.post("/compile-graph")
@router.post("/run-backtest")
async def compile_graph(services: Of, caller: PveStarter, body: ByName, request: Request) -> JobStarted:
    """Start a backtest of a strategy, at most one in ten seconds. `run-backtest` is what PVE's README calls this."""
    job = await service.compile_graph(services, caller, body.name, data_of(request))
    return JobStarted(message="Compilation started", job=job.id)


@router.get("/get-backtests", response_model=Backtests)
async def get_backtests(services: Of, caller: PveReader, user_id: UserId = None) -> Response:
    """The last ten backtests with their orders."""
    return _success("backtests", await service.backtests(services, caller))


@router.get("/get-backtest", response_model=OneBacktest)
async def get_backtest(services: Of, caller: PveReader, backtest_id: BacktestId, user_id: UserId = None) -> Response:
    """A backtest: a record for each bar with lines and markers, orders, and the graph."""
    return _success("backtest", await service.chart(services, caller, backtest_id))


@router.post("/launch-analyzer")
async def launch_analyzer(services: Of, caller: PveStarter, body: AnalysisToLaunch) -> JobStarted:
    """Start an analysis of a backtest, at most one in half a minute."""
    job = await service.launch_analyzer(services, caller, body.backtest_id, body.initial_capital)
    return JobStarted(message="Analyzer task started", job=job.id)


@router.get("/get-analyzer-result", response_model=AnalyzerResult)
async def get_analyzer_result(
    services: Of, caller: PveReader, backtest_id: BacktestId, user_id: UserId = None
) -> Response:
    """The analysis of a backtest, with PVE's keys; no figure is rounded."""
    return _success("analyzer_result", await service.analysis(services, caller, backtest_id))


def _success(name: str, text: str) -> Response:
    """An answer with a text of JSON that need not be read."""
    return Response(f'{{"status": "success", "{name}": {text}}}', media_type="application/json")
