"""Jobs: work that goes on while nobody waits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from wickwork.server.access import Of, Reader, Starter
from wickwork.server.resource import Before, Count, Page, Shown, paged, resource
from wickwork.services import jobs as service

router = resource("/api/jobs", "jobs")

State = Literal["queued", "running", "done", "failed", "canceled"]


class JobSummary(Shown):
    """A job, without its log."""

    id: str
    kind: str
    state: State
    progress: float = Field(description="The share that is done, from 0 to 1.")
    seconds_left: float | None = Field(description="Estimated from the progress of the last minute; null if unknown.")
    stage: str = Field(description="What is being done.")
    result: dict[str, Any] | None = Field(
        description="What it gave, such as the id of a run; null until it is done, but for runs on paper."
    )
    error: str | None = Field(description="Why it failed.")
    cancel_requested: bool
    stop_requested: bool = Field(description="Whether it is to end in an orderly way, with a result.")
    attempts: int = Field(description="How often a process that ran it ended before it was done.")
    created_at: int = Field(description="ms since 1970, UTC.")
    started_at: int | None
    finished_at: int | None


class JobShown(JobSummary):
    """A job."""

    log: str = Field(description="Lines that begin with their time, the last 64,000 characters.")
    log_length: int = Field(description="Characters that the log has had in all.")


@router.get("")
async def listed(
    services: Of,
    caller: Reader,
    before: Before = None,
    count: Count = 50,
    state: Annotated[list[State] | None, Query(description="Only jobs in these states.")] = None,
) -> Page[JobSummary]:
    """The caller's jobs, the newest first."""
    return paged(await service.page(services, caller, before, count + 1, state or ()), count, JobSummary)


@router.get("/{job_id}")
async def one(services: Of, caller: Reader, job_id: str) -> JobShown:
    """One job."""
    return JobShown.model_validate(await service.get(services, caller, job_id))


@router.post("/{job_id}/cancel")
async def cancel(services: Of, caller: Starter, job_id: str) -> JobShown:
    """Cancel a job: a queued one at once, a running one within a second. One that has ended stays as it is."""
    return JobShown.model_validate(await service.cancel(services, caller, job_id))
