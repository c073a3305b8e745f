"""Runs on paper of a caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.model.errors import Conflict
from wickwork.services import backtests, jobs
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database import audit
from wickwork.store.database import jobs as stored
from wickwork.store.database.tables import Job

KIND = "paper"
MOST = 5
"""Runs on paper of one user at a time, so that there is room for those of others."""
_REPLAY = "wickwork.services.work.paper_replay:run"


async def start(services: Services, caller: Caller, request: Mapping[str, Any]) -> Job:
    """Begin a run on paper: the request of a backtest, with `speed`.

    Raises InputError, NotFound, and Conflict where the caller has as many as are allowed.
    """
    caller.require(Access.RUN)
    whole = await backtests.with_graph(services, caller, request)
    async with services.database.reading() as session:
        if await stored.count(session, caller.user_id, stored.ACTIVE, KIND) >= MOST:
            raise Conflict(f"You have {MOST} runs on paper that go on, as many as are allowed; stop one first.")
    job = await jobs.start(services, caller, KIND, whole)
    async with services.database.writing() as session:
        await audit.append(session, services.now(), caller.user_id, "paper.start", job.id)
    return job


async def stop(services: Services, caller: Caller, job_id: str) -> Job:
    """End a run in an orderly way: it is then `done`. One that has ended stays as it is. Raises NotFound."""
    caller.require(Access.RUN)
    async with services.database.writing() as session:
        job = await stored.request_stop(session, services.now(), caller.user_id, job_id, KIND)
        await audit.append(session, services.now(), caller.user_id, "paper.stop", job.id)
        return job


async def replay(services: Services, caller: Caller, job_id: str) -> dict[str, Any]:
    """A run held against a backtest over the bars that it took; also while it goes on. Raises NotFound."""
    job = await jobs.get(services, caller, job_id, KIND)
    found: dict[str, Any] = await services.pool.call(_REPLAY, {"owner": caller.user_id, "job": job.id})
    return found
