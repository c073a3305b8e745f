"""Jobs of a caller."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from wickwork.model.errors import Unavailable
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services, digest
from wickwork.services.kinds.kind import PAPER
from wickwork.services.kinds.registry import kind_named, kinds_of
from wickwork.store.database import jobs
from wickwork.store.database.tables import Job

_LOOK = 0.01
"""Seconds between two looks at a job that is waited for."""
_DAY = 86_400_000


async def start(
    services: Services, caller: Caller, kind: str, request: Mapping[str, Any], priority: int | None = None
) -> Job:
    """A new job, or the one that does the same for this caller already; the kind's `priority` without one.

    Raises NotFound for an unknown kind, and Conflict where the caller has too many jobs in the queue.
    """
    caller.require(Access.RUN)
    found = kind_named(kind)
    async with services.database.writing() as session:
        job = await jobs.add(
            session,
            services.now(),
            caller.user_id,
            kind,
            request,
            digest({"kind": kind, **request}),
            found.priority if priority is None else priority,
            services.most_queued,
        )
    services.jobs_added.set()
    return job


async def wait_for(services: Services, caller: Caller, job: Job, seconds: float) -> Job:
    """The job as soon as it has ended, and after so many seconds as it is then."""
    until = asyncio.get_running_loop().time() + seconds
    while job.state in jobs.ACTIVE and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(_LOOK)
        with suppress(Unavailable):  # the job is there, and its id must reach the caller
            job = await get(services, caller, job.id)
    return job


async def get(services: Services, caller: Caller, job_id: str, kind: str = "") -> Job:
    """One job, only one of that `kind` if it is given. Raises NotFound."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        return await jobs.get(session, caller.user_id, job_id, kind=kind)


async def page(
    services: Services, caller: Caller, before: str | None, count: int, states: Sequence[str] = (), kind: str = ""
) -> list[Job]:
    """The caller's newest jobs, of those older than `before`."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        return await jobs.page(session, caller.user_id, before, count, states, kind)


async def cancel(services: Services, caller: Caller, job_id: str) -> Job:
    """Cancel a job; one that has ended stays as it is. Raises NotFound."""
    caller.require(Access.RUN)
    async with services.database.writing() as session:
        return await jobs.request_cancel(session, services.now(), caller.user_id, job_id)


async def prune(services: Services, days: int) -> int:
    """Delete jobs that ended more than `days` days ago; returns how many. Runs on paper stay: they can be replayed."""
    before = services.now() - days * _DAY
    async with services.database.writing() as session:
        return await jobs.prune(session, before, kinds_of(PAPER))


async def keep_pruned(services: Services, days: int) -> None:
    """Prune old jobs now and every hour, for ever; with 0 `days` all are kept."""
    while days:
        with suppress(Unavailable):
            await prune(services, days)
        await asyncio.sleep(3600)
