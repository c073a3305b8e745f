"""Runs: what backtests, sweeps and runs on paper left."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from wickwork.server.access import Of, Reader, Writer
from wickwork.server.resource import Before, Count, Page, Shown, paged, resource
from wickwork.services import runs as service

router = resource("/api/runs", "runs")


class RunShown(Shown):
    """A run."""

    id: str
    kind: str
    name: str
    strategy_id: str | None
    strategy_version: int | None
    stats: dict[str, Any]
    manifest_hash: str = Field(description="The hash of all that determines the result.")
    created_at: int = Field(description="ms since 1970, UTC.")


class WholeRun(RunShown):
    """A run with everything that determines its result."""

    manifest: dict[str, Any]
    request: dict[str, Any]


class ComparedMetric(BaseModel):
    """A figure of several runs."""

    name: str
    title: str
    unit: str = Field(description="percent, ratio, quote, R, bars, days or count; empty where it is not known.")
    group: str
    better: str = Field(description="higher, lower, or empty where neither is.")
    help: str
    values: list[float | None] = Field(description="One for each run; null where a run does not have it.")


class Comparison(BaseModel):
    """Runs side by side."""

    runs: list[RunShown]
    metrics: list[ComparedMetric]
    times: list[int] = Field(description="The common grid, ms since 1970, UTC.")
    equity: list[list[float | None] | None] = Field(description="For each run its equity at `times`.")
    growth_percent: list[list[float | None] | None] = Field(description="The same in percent of the run's capital.")


Kind = Annotated[str, Query(max_length=50, description="Only runs of this kind, such as backtest.")]
OfStrategy = Annotated[str, Query(max_length=100, description="Only runs of the strategy with this id.")]


@router.get("")
async def listed(
    services: Of, caller: Reader, before: Before = None, count: Count = 50, kind: Kind = "", strategy: OfStrategy = ""
) -> Page[RunShown]:
    """The caller's runs, the newest first."""
    return paged(await service.page(services, caller, before, count + 1, kind, strategy), count, RunShown)


@router.get("/compare")
async def compare(
    services: Of,
    caller: Reader,
    ids: Annotated[str, Query(max_length=1000, description="The ids of up to ten runs, separated by commas.")],
    points: Annotated[int, Query(ge=2, le=5000, description="The most points of a curve.")] = 500,
) -> Comparison:
    """Several runs side by side: their figures, and their equity on one grid of times."""
    names = [one.strip() for one in ids.split(",") if one.strip()]
    found = await service.compare(services, caller, names, points)
    return Comparison.model_validate(found | {"runs": [RunShown.model_validate(run) for run in found["runs"]]})


@router.get("/{run_id}")
async def one(services: Of, caller: Reader, run_id: str) -> WholeRun:
    """One run."""
    return WholeRun.model_validate(await service.get(services, caller, run_id))


@router.delete("/{run_id}", status_code=204)
async def delete(services: Of, caller: Writer, run_id: str) -> None:
    """Delete a run; its files are removed later."""
    await service.remove(services, caller, run_id)
