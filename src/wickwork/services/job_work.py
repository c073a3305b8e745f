"""The work of one job in a child process, connected with the database and with those who follow it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog

from wickwork.model.errors import Unavailable
from wickwork.services.child import Child
from wickwork.services.core import Services
from wickwork.services.kinds.registry import kind_named
from wickwork.services.report import Report
from wickwork.store.database.tables import Job

_MOST_EVENTS = 10_000
"""Events of one job that wait to be published; more are dropped."""
_POLL = 0.5
"""Seconds between two attempts to read the database."""
_LAST_EVENTS = 2.0
"""Seconds for which a job that is done waits until its events are published."""

_log = structlog.get_logger("wickwork.jobs")


async def do_work(services: Services, job: Job, child: Child, report: Report) -> Any:
    """Do the work of a job in a child process; its result. Events of the work go to the topic `run:ID`.

    Raises as `Child.call`.
    """
    kind = kind_named(job.kind)
    request = {**job.request, "job": job.id, "owner": job.owner, "standing": job.result}

    async def answer(question: Any) -> Any:
        if kind.known is None:
            return None
        while True:
            try:
                async with services.database.reading() as session:
                    return await kind.known(session, job, question)
            except Unavailable as error:  # the child waits for this answer
                _log.warning("waiting for the database", job=job.id, reason=str(error))
                await asyncio.sleep(_POLL)

    publishing: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue(_MOST_EVENTS)

    def publish(data: Mapping[str, Any]) -> None:
        if data.get("type") == "standing":
            report.stand({key: value for key, value in data.items() if key != "type"})
        with suppress(asyncio.QueueFull):
            publishing.put_nowait(data)

    async def publish_all() -> None:
        while True:
            data = await publishing.get()
            with suppress(Exception):
                await services.events.publish(f"run:{job.id}", job.owner, data)
            publishing.task_done()

    passing_on = asyncio.ensure_future(publish_all())
    try:
        result = await child.call(kind.work, request, report.set, report.add, answer, publish)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_EVENTS):
                await publishing.join()
        return result
    finally:
        passing_on.cancel()
