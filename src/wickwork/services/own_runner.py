"""Doing jobs in a process that is not the server, where there is no other process that does them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from wickwork.model.errors import Unavailable
from wickwork.services.core import Services
from wickwork.store.database import job_watch

_PATIENCE = 1_500
"""For how long a job waits (ms) until it is certain that no other process takes it: runners look twice a second."""
_LOOK = 0.5


async def run_when_alone(services: Services, runners: Sequence[Callable[[], Awaitable[None]]]) -> None:
    """Wait for a job that no other process does; from then on do jobs, until this is canceled.

    A server that is started later does jobs as well; each job is taken by one process.
    """
    while not await _is_alone(services):
        await asyncio.sleep(_LOOK)
    await asyncio.gather(*(run() for run in runners))


async def _is_alone(services: Services) -> bool:
    try:
        async with services.database.reading() as session:
            return await job_watch.nobody_does_them(session, services.now(), _PATIENCE)
    except Unavailable:
        return False
