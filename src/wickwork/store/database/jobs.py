"""Jobs of an owner: rows that are added, read, canceled, stopped and pruned. `job_queue` is the side of the runners.

A job is `queued`, then `running`, then `done`, `failed` or `canceled` (`docs/server/jobs.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import Conflict, NotFound, shown
from wickwork.store.database.tables import Job, User
from wickwork.store.ids import new_id

QUEUED, RUNNING, DONE, FAILED, CANCELED = "queued", "running", "done", "failed", "canceled"
ACTIVE = (QUEUED, RUNNING)


async def add(
    session: AsyncSession,
    at: int,
    owner: str,
    kind: str,
    request: Mapping[str, Any],
    request_hash: str,
    priority: int = 0,
    most_queued: int | None = None,
) -> Job:
    """A new job; where the owner has the same request queued or running already, that job.

    Raises Conflict where the owner has `most_queued` jobs in the queue.
    """
    # Two requests at once must not both find that there is no such job.
    await session.scalar(select(User.id).where(User.id == owner).with_for_update(key_share=True))
    same = select(Job).where(
        Job.owner == owner,
        Job.kind == kind,
        Job.request_hash == request_hash,
        Job.state.in_(ACTIVE),
        Job.cancel_requested.is_(False),
        Job.stop_requested.is_(False),
    )
    found = await session.scalar(same.order_by(Job.id).limit(1))
    if found is not None:
        return found
    if most_queued is not None and await count(session, owner, (QUEUED,)) >= most_queued:
        raise Conflict(
            f"You have {most_queued:,} jobs in the queue, as many as are allowed; wait until some are done, or cancel "
            "some."
        )
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


async def count(session: AsyncSession, owner: str, states: Sequence[str], kind: str = "") -> int:
    """How many jobs an owner has in these states."""
    wanted = select(func.count()).select_from(Job).where(Job.owner == owner, Job.state.in_(states))
    return await session.scalar(wanted.where(Job.kind == kind) if kind else wanted) or 0


async def get(session: AsyncSession, owner: str, job_id: str, *, kind: str = "", to_change: bool = False) -> Job:
    """One job of an owner, only one of that `kind` if it is given. Raises NotFound."""
    wanted = select(Job).where(Job.owner == owner, Job.id == job_id)
    wanted = wanted.where(Job.kind == kind) if kind else wanted
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
    """Cancel a queued job at once; a running one is marked, so that its runner cancels it; others stay as they are."""
    job = await get(session, owner, job_id, to_change=True)
    if job.state in ACTIVE:
        job.cancel_requested, job.changed_at = True, later(job, at)
    if job.state == QUEUED:
        job.state, job.finished_at = CANCELED, at
    return job


async def request_stop(session: AsyncSession, at: int, owner: str, job_id: str, kind: str) -> Job:
    """Mark a job that has not ended, so that it ends in an orderly way, with a result. Raises NotFound."""
    job = await get(session, owner, job_id, kind=kind, to_change=True)
    if job.state in ACTIVE:
        job.stop_requested, job.changed_at = True, later(job, at)
    return job


async def prune(session: AsyncSession, before: int, kept_kinds: Sequence[str] = ()) -> int:
    """Delete jobs that ended before that time (ms), but for some kinds; returns how many. What they left stays."""
    old = delete(Job).where(Job.state.not_in(ACTIVE), Job.finished_at < before, Job.kind.not_in(kept_kinds))
    return len((await session.scalars(old.returning(Job.id))).all())


def later(job: Job, at: int) -> int:
    """When a job changes: later than its change before, by whatever clock, so that `changed_at` tells changes apart."""
    return max(at, job.changed_at + 1)


def later_in_sql(at: int) -> ColumnElement[int]:
    """The same, as an expression of an update."""
    return case((Job.changed_at >= at, Job.changed_at + 1), else_=at)
