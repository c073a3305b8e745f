"""Runs on paper: a strategy over bars that arrive by the clock, with orders to the simulated venue."""

from __future__ import annotations

from pydantic import BaseModel, Field

from wickwork.server.access import Of, Reader, Starter
from wickwork.server.resource import Before, Count, Page, paged, resource
from wickwork.server.routes.backtests import RunRequest
from wickwork.server.routes.jobs import JobShown, JobSummary
from wickwork.services import jobs, papers

router = resource("/api/papers", "papers")


class PaperRequest(RunRequest):
    """What runs on paper, over which bars, on which terms."""

    speed: float | None = Field(
        default=1.0, gt=0, le=1e9, description="How many times as fast as the world the clock runs; null: no waiting."
    )


class Paper(JobShown):
    """A run on paper: a job whose `result` says how it stands: `bars`, `at` (ms), `equity`."""


class PaperSummary(JobSummary):
    """A run on paper, without its log."""


class Difference(BaseModel):
    """One thing on which a run and the backtest over its bars do not agree."""

    bar: int = Field(description="Its number in the run; -1 where it is no single bar.")
    what: str
    recorded: str
    replayed: str


class Replay(BaseModel):
    """A run held against a backtest over the bars that it took."""

    engine_then: str
    engine_now: str
    bars: int
    fills: int
    trades: int
    equity: float
    not_taken: list[str] = Field(description="Bars that came too late, in sentences.")
    differences: list[Difference] = Field(description="None where the run did what the backtest does.")
    differences_in_all: int = Field(description="How many there are; at most 200 are listed.")


@router.post("", status_code=201)
async def start(services: Of, caller: Starter, body: PaperRequest) -> Paper:
    """Start a run on paper. Follow it on the topics `job:ID` (how it stands) and `run:ID` (fills, messages)."""
    return Paper.model_validate(await papers.start(services, caller, body.model_dump(exclude_none=True)))


@router.get("")
async def listed(services: Of, caller: Reader, before: Before = None, count: Count = 50) -> Page[PaperSummary]:
    """The caller's runs on paper, the newest first."""
    return paged(await jobs.page(services, caller, before, count + 1, kind=papers.KIND), count, PaperSummary)


@router.get("/{paper_id}")
async def one(services: Of, caller: Reader, paper_id: str) -> Paper:
    """One run on paper."""
    return Paper.model_validate(await jobs.get(services, caller, paper_id, papers.KIND))


@router.post("/{paper_id}/stop")
async def stop(services: Of, caller: Starter, paper_id: str) -> Paper:
    """Stop a run: it finishes its bar and is then `done`. One that has ended stays as it is."""
    return Paper.model_validate(await papers.stop(services, caller, paper_id))


@router.post("/{paper_id}/replay")
async def replay(services: Of, caller: Reader, paper_id: str) -> Replay:
    """Hold a run against a backtest over the bars that it took: no difference is expected."""
    return Replay.model_validate(await papers.replay(services, caller, paper_id))
