"""Which jobs changed, for followers: a light query for every look, and whole rows only for what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from wickwork.store.database.jobs import RUNNING
from wickwork.store.database.tables import Job

_AT_ONCE = 200
"""Rows that one query reads: a log has up to 64,000 characters."""


class Mark(NamedTuple):
    """How far a job has come."""

    id: str
    state: str
    changed_at: int
    """Grows with every change of the job."""
    log_length: int


async def marks(session: AsyncSession, since: int, running: Collection[str]) -> list[Mark]:
    """Marks of the jobs that changed at `since` (ms) or later, of those that are running, and of those named.

    `running` are those that were running before. So the end of a job is found although its process has another time.
    """
    wanted = select(Job.id, Job.state, Job.changed_at, Job.log_length)
    recent = wanted.where(or_(Job.changed_at >= since, Job.state == RUNNING))
    found = [Mark(*row) for row in await session.execute(recent)]
    rest = set(running).difference(mark.id for mark in found)
    for some in _groups(sorted(rest)):
        found += [Mark(*row) for row in await session.execute(wanted.where(Job.id.in_(some)))]
    return sorted(found, key=lambda mark: (mark.changed_at, mark.id))


async def of_ids(session: AsyncSession, ids: Iterable[str], *, log: bool) -> dict[str, Job]:
    """The jobs of these ids without their requests, and without their logs unless `log`."""
    wanted = select(Job).options(defer(Job.request, raiseload=True))
    wanted = wanted if log else wanted.options(defer(Job.log, raiseload=True))
    found: dict[str, Job] = {}
    for some in _groups(ids):
        found |= {job.id: job for job in await session.scalars(wanted.where(Job.id.in_(some)))}
    return found


def _groups(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
