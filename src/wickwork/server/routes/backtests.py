"""Backtests."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import Field

from wickwork.server.access import Of, Starter
from wickwork.server.resource import Body, resource
from wickwork.server.routes.jobs import JobShown
from wickwork.services import backtests as service

router = resource("/api/backtests", "runs")


class SavedStrategy(Body):
    """A saved strategy."""

    id: str = Field(max_length=100)
    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="The newest without one.")


class RunRequest(Body):
    """What to run, over which bars, on which terms."""

    graph: dict[str, Any] | None = Field(default=None, description="A graph document; or else `strategy`.")
    strategy: SavedStrategy | None = None
    data: Literal["demo", "store"] = Field(default="demo", description="The demo market, or the stored bars.")
    instruments: list[Annotated[str, Field(max_length=100)]] = Field(
        default_factory=list, max_length=200, description="As BTC/USDT."
    )
    venue: str = Field(default="", max_length=50, description="Whose bars, where several venues have the instrument.")
    timeframe: str | None = Field(default=None, min_length=1, max_length=10, description="As 1h.")
    start: str | None = Field(default=None, max_length=40, description="The first bar opens then or later.")
    end: str | None = Field(default=None, max_length=40, description="The last bar opens before.")
    finer: str = Field(default="auto", max_length=10, description="Bars to look inside the bars: auto, none or 1m.")
    params: dict[str, float | int | str | bool] = Field(
        default_factory=dict, max_length=200, description='Other parameters: {"fast.period": 10}.'
    )
    capital: float = Field(default=10_000.0, gt=0, le=1e15, description="Cash at the start, in quote units.")
    costs: dict[str, Any] = Field(default_factory=dict, description="As `costs` in a configuration file.")
    rules: dict[str, Any] = Field(default_factory=dict, description="As `rules` in a configuration file.")


@router.post("", responses={202: {"model": JobShown, "description": "It takes longer; follow the job."}})
async def start(services: Of, caller: Starter, body: RunRequest, response: Response) -> JobShown:
    """Run a backtest. A quick one is done in the answer; else the answer is 202 and the job goes on."""
    job = await service.start(services, caller, body.model_dump(exclude_none=True))
    response.status_code = 202 if job.state in ("queued", "running") else 200
    return JobShown.model_validate(job)
