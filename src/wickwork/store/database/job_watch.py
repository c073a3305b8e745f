"""Seeing from the jobs whether any process does them."""

from __future__ import annotations

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.store.database.jobs import QUEUED, RUNNING
from wickwork.store.database.tables import Job


async def nobody_does_them(session: AsyncSession, at: int, patience: int) -> bool:
    """Whether a job has been free for `patience` ms or longer, and no process renews the lease of another one."""
    queued = (Job.state == QUEUED) & (Job.changed_at <= at - patience)
    left = (Job.state == RUNNING) & (Job.leased_until <= at - patience)
    being_done = (Job.state == RUNNING) & (Job.leased_until > at - patience)
    free = await session.scalar(select(exists().where(or_(queued, left))))
    return bool(free) and not await session.scalar(select(exists().where(being_done)))
