"""The queue of jobs as runners use it: each takes one job at a time, under a lease that it renews.

Where a runner stops renewing, its job is taken again by another. Only the runner that holds the lease can end a job, so
a result is recorded once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.store.database.jobs import DONE, QUEUED, RUNNING, later, later_in_sql
from wickwork.store.database.tables import Job

_LOG = 64_000
"""Characters of a log that are kept, the last ones."""


@dataclass(frozen=True)
class Flags:
    """Requests of its user for a running job, and its lease."""

    cancel: bool
    stop: bool
    leased_until: int


async def is_waiting(session: AsyncSession, at: int, runner: str, kinds: Sequence[str]) -> bool:
    """Whether there is a job that this runner could take."""
    return await session.scalar(select(Job.id).where(_free(at, runner, kinds)).limit(1)) is not None


async def take(session: AsyncSession, at: int, runner: str, lease: int, kinds: Sequence[str]) -> Job | None:
    """Take a job of these `kinds` for `lease` ms: one that is queued, or whose runner stopped renewing its lease.

    It is one of the owner who has the fewest running, and of equal ones of the one whose last job began longest ago; of
    this owner's the one with the highest priority, and of equal ones the oldest. None where there is nothing to do.
    """
    for owner in await _owners(session, at, runner, kinds):
        wanted = select(Job).where(_free(at, runner, kinds), Job.owner == owner)
        wanted = wanted.order_by(Job.priority.desc(), Job.id).limit(1).with_for_update(skip_locked=True)
        job = await session.scalar(wanted)
        if job is not None:
            job.attempts += job.state == RUNNING
            job.state, job.runner, job.leased_until = RUNNING, runner, at + lease
            job.started_at, job.changed_at = at, later(job, at)
            return job
    return None


def _free(at: int, runner: str, kinds: Sequence[str]) -> ColumnElement[bool]:
    """Jobs that may be taken: never one that this runner has, since a process that was suspended goes on with it."""
    abandoned = (Job.state == RUNNING) & (Job.leased_until < at) & (Job.runner != runner)
    return or_(Job.state == QUEUED, abandoned) & Job.kind.in_(kinds)


async def _owners(session: AsyncSession, at: int, runner: str, kinds: Sequence[str]) -> list[str]:
    """The owners of jobs that may be taken, in the order of their turns."""
    owners = list(await session.scalars(select(Job.owner).where(_free(at, runner, kinds)).distinct()))
    if len(owners) < 2:
        return owners
    running = func.sum(case(((Job.state == RUNNING) & (Job.leased_until >= at), 1), else_=0))
    last = func.coalesce(func.max(Job.started_at), 0)
    turns = select(Job.owner).where(Job.owner.in_(owners), Job.kind.in_(kinds)).group_by(Job.owner)
    return list(await session.scalars(turns.order_by(running, last, Job.owner)))


async def flags(session: AsyncSession, runner: str, job_id: str) -> Flags | None:
    """The flags of a job that this runner has; None where it is no longer this runner's."""
    wanted = select(Job.cancel_requested, Job.stop_requested, Job.leased_until)
    row = (await session.execute(wanted.where(*_held(runner, job_id)))).first()
    return None if row is None else Flags(row[0], row[1], row[2] or 0)


async def renew(
    session: AsyncSession,
    at: int,
    runner: str,
    job_id: str,
    lease: int,
    *,
    progress: float | None = None,
    stage: str | None = None,
    log: str = "",
    seconds_left: float | None = None,
    standing: Mapping[str, Any] | None = None,
    forget_attempts: bool = False,
) -> bool:
    """Renew the lease of a running job and record what is new; False where the job is no longer this runner's.

    `standing` is the result so far, of work that has one.
    """
    job = await session.scalar(select(Job).where(*_held(runner, job_id)).with_for_update())
    if job is None:
        return False
    if job.leased_until != at + lease:
        job.leased_until = at + lease
    before = (job.progress, job.stage, job.seconds_left, job.result)
    job.progress = job.progress if progress is None else progress
    job.stage = job.stage if stage is None else stage
    job.seconds_left = seconds_left
    job.result = job.result if standing is None else dict(standing)
    job.attempts = 0 if forget_attempts else job.attempts
    if log:
        job.log = _last(job.log + log)
        job.log_length += len(log)
    if log or before != (job.progress, job.stage, job.seconds_left, job.result):
        job.changed_at = later(job, at)
    return True


def _last(log: str) -> str:
    """The last lines of a log."""
    if len(log) <= _LOG:
        return log
    kept = log[-_LOG:]
    return kept[kept.find("\n") + 1 :] or kept


async def finish(
    session: AsyncSession,
    at: int,
    runner: str,
    job_id: str,
    state: str,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> bool:
    """End a running job. False, and nothing changed, where it is no longer this runner's."""
    values: dict[str, Any] = {"state": state, "finished_at": at, "changed_at": later_in_sql(at), "error": error}
    values |= {"runner": None, "leased_until": None, "seconds_left": None}
    if state == DONE:
        values |= {"progress": 1.0, "result": None if result is None else dict(result)}
    done = await session.execute(update(Job).where(*_held(runner, job_id)).values(values).returning(Job.id))
    return done.first() is not None


async def give_back(
    session: AsyncSession, at: int, runner: str, job_id: str = "", *, process_ended: bool = False
) -> None:
    """Queue again the jobs that this runner has, or the one named: it does not go on with them.

    With `process_ended` that counts as an attempt.
    """
    mine = update(Job).where(Job.runner == runner, Job.state == RUNNING)
    mine = mine.where(Job.id == job_id) if job_id else mine
    values: dict[str, Any] = {"state": QUEUED, "runner": None, "leased_until": None, "seconds_left": None}
    values |= {"changed_at": later_in_sql(at), "attempts": Job.attempts + int(process_ended)}
    await session.execute(mine.values(values))


async def runners(session: AsyncSession) -> Collection[str]:
    """The names of all runners that have jobs."""
    wanted = select(Job.runner).where(Job.state == RUNNING).distinct()
    return [name for name in await session.scalars(wanted) if name]


def _held(runner: str, job_id: str) -> tuple[ColumnElement[bool], ...]:
    return Job.id == job_id, Job.runner == runner, Job.state == RUNNING
