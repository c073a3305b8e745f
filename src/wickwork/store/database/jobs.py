"""Jobs: rows that job processes take, one at a time, under a lease.

A job is `queued`, then `running`, then `done`, `failed` or `canceled`. A process that runs it renews its lease; where
it stops doing so, the job is taken again by another. Only the process that holds the lease can end it, so a result is
recorded once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import NotFound, shown
from wickwork.store.database.tables import Job
from wickwork.store.ids import new_id

QUEUED, RUNNING, DONE, FAILED, CANCELED = "queued", "running", "done", "failed", "canceled"
ACTIVE = (QUEUED, RUNNING)
_LOG = 64_000
"""Characters of a log that are kept, the last ones."""


async def add(
    session: AsyncSession,
    at: int,
    owner: str,
    kind: str,
    request: Mapping[str, Any],
    request_hash: str,
    priority: int = 0,
) -> Job:
    """A new job; where the owner has the same request queued or running already, that job."""
    same = select(Job).where(
        Job.owner == owner,
        Job.kind == kind,
        Job.request_hash == request_hash,
        Job.state.in_(ACTIVE),
        Job.cancel_requested.is_(False),
    )
    found = await session.scalar(same.order_by(Job.id).limit(1))
    if found is not None:
        return found
    job = Job(
        id=new_id(at),
        owner=owner,
        kind=kind,
        request=dict(request),
        request_hash=request_hash,
        priority=priority,
        state=QUEUED,
        progress=0.0,
        stage="",
        log="",
        result=None,
        error=None,
        created_at=at,
        changed_at=at,
    )
    session.add(job)
    await session.flush()
    return job


async def get(session: AsyncSession, owner: str, job_id: str, *, to_change: bool = False) -> Job:
    """One job of an owner. Raises NotFound."""
    wanted = select(Job).where(Job.owner == owner, Job.id == job_id)
    job = await session.scalar(wanted.with_for_update() if to_change else wanted)
    if job is None:
        raise NotFound(f"There is no job {shown(job_id)!r}.")
    return job


async def page(
    session: AsyncSession, owner: str, before: str | None, count: int, states: Sequence[str] = (), kind: str = ""
) -> list[Job]:
    """The newest `count` jobs of an owner, of those older than `before` (an id), the newest first."""
    wanted = select(Job).where(Job.owner == owner).order_by(Job.id.desc()).limit(count)
    if before:
        wanted = wanted.where(Job.id < before)
    if states:
        wanted = wanted.where(Job.state.in_(states))
    return list(await session.scalars(wanted.where(Job.kind == kind) if kind else wanted))


async def request_cancel(session: AsyncSession, at: int, owner: str, job_id: str) -> Job:
    """Cancel a queued job at once, and ask the process of a running one to stop it; others stay as they are."""
    job = await get(session, owner, job_id, to_change=True)
    if job.state in ACTIVE:
        job.cancel_requested, job.changed_at = True, _later(job, at)
    if job.state == QUEUED:
        job.state, job.finished_at = CANCELED, at
    return job


async def take(session: AsyncSession, at: int, runner: str, lease: int, kinds: Sequence[str] = ()) -> Job | None:
    """Take the next job for `lease` ms: the first queued, or one whose process stopped renewing its lease.

    Only of these `kinds`, where any are given. None where there is nothing to do.
    """
    free = or_(Job.state == QUEUED, (Job.state == RUNNING) & (Job.leased_until < at))
    wanted = select(Job).where(free).order_by(Job.priority.desc(), Job.id).limit(1)
    if kinds:
        wanted = wanted.where(Job.kind.in_(kinds))
    job = await session.scalar(wanted.with_for_update(skip_locked=True))
    if job is None:
        return None
    job.state, job.runner, job.leased_until = RUNNING, runner, at + lease
    job.attempts += 1
    job.started_at = job.started_at or at
    job.changed_at = _later(job, at)
    return job


async def renew(
    session: AsyncSession,
    at: int,
    runner: str,
    job_id: str,
    lease: int,
    progress: float | None = None,
    stage: str | None = None,
    log: str = "",
) -> bool | None:
    """Renew the lease of a running job and record its progress.

    True where it should be canceled, False where it goes on, None where the job is no longer this process's.
    """
    wanted = select(Job).where(Job.id == job_id, Job.runner == runner, Job.state == RUNNING).with_for_update()
    job = await session.scalar(wanted)
    if job is None:
        return None
    job.leased_until = at + lease
    if (progress is not None and progress != job.progress) or (stage is not None and stage != job.stage) or log:
        job.changed_at = _later(job, at)
    job.progress = job.progress if progress is None else progress
    job.stage = job.stage if stage is None else stage
    job.log = (job.log + log)[-_LOG:]
    job.log_length += len(log)
    return job.cancel_requested


async def finish(
    session: AsyncSession,
    at: int,
    runner: str,
    job_id: str,
    state: str,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> bool:
    """End a running job. False, and nothing changed, where it is no longer this process's."""
    values: dict[str, Any] = {
        "state": state,
        "finished_at": at,
        "changed_at": _later_in_sql(at),
        "runner": None,
        "error": error,
    }
    values |= {"leased_until": None, "result": None if result is None else dict(result)}
    if state == DONE:
        values["progress"] = 1.0
    mine = (Job.id == job_id, Job.runner == runner, Job.state == RUNNING)
    done = await session.execute(update(Job).where(*mine).values(values).returning(Job.id))
    return done.first() is not None


async def give_back(session: AsyncSession, at: int, runner: str, job_id: str = "") -> None:
    """Queue again the jobs that this process has taken, or the one named: it does not go on with them."""
    mine = update(Job).where(Job.runner == runner, Job.state == RUNNING)
    mine = mine.where(Job.id == job_id) if job_id else mine
    await session.execute(mine.values(state=QUEUED, runner=None, leased_until=None, changed_at=_later_in_sql(at)))


def _later(job: Job, at: int) -> int:
    """When a job changes: later than its change before, by whatever clock, so that `changed_at` tells changes apart."""
    return max(at, job.changed_at + 1)


def _later_in_sql(at: int) -> ColumnElement[int]:
    return case((Job.changed_at >= at, Job.changed_at + 1), else_=at)
