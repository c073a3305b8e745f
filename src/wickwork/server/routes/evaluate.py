"""Interactive evaluation."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel, Field

from wickwork.server.access import Of, Reader
from wickwork.server.resource import resource
from wickwork.server.routes.backtests import RunRequest
from wickwork.services import evaluate as service

router = resource("/api/evaluate", "evaluate")


class EvaluateRequest(RunRequest):
    """A graph, and what is asked of it."""

    graph: dict[str, Any] = Field(description="A graph document.")
    wires: list[Annotated[str, Field(max_length=200)]] = Field(
        default_factory=list, max_length=50, description="Wires as bands.upper."
    )
    from_bar: int | None = Field(default=None, ge=0, description="The first bar of what is shown, by its number.")
    to_bar: int | None = Field(default=None, ge=0, description="The bar behind the last that is shown.")
    points: int = Field(
        default=2000, ge=2, le=20_000, description="The most points of a curve; all curves have at most 300,000."
    )


class GraphFault(BaseModel):
    """One thing wrong with a graph."""

    node: str
    port: str
    reason: str
    remedy: str


class Curve(BaseModel):
    """A curve: times in ms since 1970, UTC, and values, null where one is missing."""

    times: list[int]
    values: list[float | None]


class Evaluation(BaseModel):
    """Faults, or what the graph does."""

    faults: list[GraphFault]
    stats: dict[str, float | None]
    bars: int
    equity: Curve | None
    fills: dict[str, list[Any]] = Field(description="Columns of equal length.")
    fills_left_out: int = Field(description="Fills in the window beyond the first 5,000.")
    wires: dict[str, list[Curve]] = Field(description="For each wire a curve for each instrument.")


Client = Annotated[
    str,
    Header(
        alias="X-Client",
        max_length=100,
        description="A name of the asking page: its newer request takes the place of its older one, which is then 409.",
    ),
]


@router.post("")
async def evaluate(services: Of, caller: Reader, body: EvaluateRequest, client: Client = "") -> Evaluation:
    """Run an unsaved graph over some bars, fast enough to follow a slider."""
    request = body.model_dump(exclude_none=True)
    return Evaluation.model_validate(await service.evaluate(services, caller, request, client))
