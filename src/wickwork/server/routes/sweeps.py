"""Sweeps: a strategy with many combinations of parameters."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from wickwork.server.access import Of, Reader, Starter
from wickwork.server.resource import Body, resource
from wickwork.server.routes.backtests import RunRequest
from wickwork.server.routes.jobs import JobShown
from wickwork.services import sweeps as service

router = resource("/api/sweeps", "runs")


class Range(Body):
    """Numbers from the first to the last, both included."""

    first: float | int = Field(alias="from", ge=-1e15, le=1e15)
    last: float | int = Field(alias="to", ge=-1e15, le=1e15)
    step: float | int = Field(default=1, gt=0, le=1e15)


Values = Annotated[list[float | int | str | bool], Field(min_length=1, max_length=100_000)]


class SweepRequest(RunRequest):
    """What to try, over which bars, on which terms."""

    over: dict[str, Values | Range] = Field(
        min_length=1,
        max_length=20,
        description='Parameters and what to try: {"fast.period": [5, 10]} or {"fast.period": {"from": 5, "to": 50}}; '
        "at most 100,000 combinations.",
    )
    by: str = Field(default="sharpe", max_length=50, description="The figure by which combinations are ranked.")


class Table(BaseModel):
    """A part of a table."""

    columns: list[str]
    rows: list[list[Any]] = Field(description="A value for each column, null where there is none.")
    total: int = Field(description="How many rows the whole table has.")


@router.post("", status_code=202)
async def start(services: Of, caller: Starter, body: SweepRequest) -> JobShown:
    """Run a sweep as a job. Its result is a run of the kind `sweep`."""
    request = body.model_dump(exclude_none=True, by_alias=True)
    return JobShown.model_validate(await service.start(services, caller, request))


@router.get("/{run_id}/table")
async def table(
    services: Of,
    caller: Reader,
    run_id: str,
    by: Annotated[str | None, Query(max_length=200, description="The column by which rows are sorted.")] = None,
    order: Annotated[Literal["asc", "desc"], Query(description="Ascending or descending.")] = "desc",
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="Rows to leave out at the beginning.")] = 0,
    count: Annotated[int, Query(ge=1, le=1000, description="How many rows at most.")] = 100,
) -> Table:
    """The combinations of a sweep with their figures; in the order in which they were tried without `by`."""
    return Table.model_validate(await service.table(services, caller, run_id, by, order, offset, count))


@router.get(
    "/{run_id}/table.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def csv(services: Of, caller: Reader, run_id: str) -> Response:
    """The whole table as CSV, all digits of every number."""
    headers = {"Content-Disposition": f'attachment; filename="sweep-{run_id}.csv"'}
    return Response(await service.csv(services, caller, run_id), media_type="text/csv", headers=headers)
