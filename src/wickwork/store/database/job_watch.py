"""How many jobs there are in which state, and whether any process does them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.store.database.jobs import QUEUED, RUNNING
from wickwork.store.database.tables import Job


@dataclass(frozen=True)
class Load:
    """How many jobs wait, are done, and were left by a process that ended."""

    waiting: int
    running: int
    left: int


async def load(session: AsyncSession, at: int, patience: int) -> Load:
    """The load at a time (ms); a job waits, or was left, where it has been free for longer than `patience` ms."""
    wanted = (
        (Job.state == QUEUED) & (Job.changed_at < at - patience),
        (Job.state == RUNNING) & (Job.leased_until >= at),
        (Job.state == RUNNING) & (Job.leased_until < at - patience),
    )
    waiting, running, left = [await session.scalar(select(func.count()).where(one)) or 0 for one in wanted]
    return Load(waiting, running, left)


async def by_state(session: AsyncSession) -> dict[tuple[str, str], int]:
    """How many jobs there are, by state and kind."""
    found = await session.execute(select(Job.state, Job.kind, func.count()).group_by(Job.state, Job.kind))
    return {(state, kind): count for state, kind, count in found}


async def nobody_does_them(session: AsyncSession, at: int, patience: int) -> bool:
    """Whether a job has been free for `patience` ms or longer, and no process renews the lease of another one."""
    queued = (Job.state == QUEUED) & (Job.changed_at <= at - patience)
    left = (Job.state == RUNNING) & (Job.leased_until <= at - patience)
    being_done = (Job.state == RUNNING) & (Job.leased_until > at - patience)
    free = await session.scalar(select(exists().where(or_(queued, left))))
    return bool(free) and not await session.scalar(select(exists().where(being_done)))
