"""Doing jobs: takes them from the database, one per child process, and records what they give."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from wickwork.model.errors import Unavailable, WickworkError
from wickwork.services.child import Child, ChildEnded, Place
from wickwork.services.core import Services
from wickwork.services.kinds.registry import all_kinds, kind_named
from wickwork.store.database import jobs
from wickwork.store.database.tables import Job
from wickwork.store.ids import new_id

_LEASE = 15_000
"""For how long a job is taken (ms); a process that does not renew this has ended."""
_RENEW = 0.4
"""Seconds between two renewals, which also record progress and notice a cancellation."""
_POLL = 0.5
"""Seconds between two looks for a job, while there is none."""
_ATTEMPTS = 3
"""How often a job may end its process before it has failed."""

_log = structlog.get_logger("wickwork.jobs")


@dataclass
class _Report:
    """What the work said since its last renewal."""

    progress: float | None = None
    stage: str | None = None
    lines: list[str] = field(default_factory=list)

    def take(self) -> dict[str, Any]:
        values = {"progress": self.progress, "stage": self.stage, "log": "".join(self.lines)}
        self.lines.clear()
        return values

    def set(self, share: float, stage: str) -> None:
        self.progress, self.stage = min(max(share, 0.0), 1.0), stage

    def add(self, text: str) -> None:
        self.lines.append(text if text.endswith("\n") else f"{text}\n")


class Runner:
    """Does jobs with a number of child processes, until it is stopped."""

    def __init__(
        self, services: Services, place: Place, size: int = 1, make_child: Callable[[Place], Child] = Child
    ) -> None:
        """`size` is how many jobs are done at once, each in a child that `make_child` makes."""
        self._services, self._place, self._size, self._make_child = services, place, size, make_child
        self.name = f"{platform.node()}:{os.getpid()}:{new_id()[-6:]}"

    async def run(self) -> None:
        """Do jobs. When this is canceled, the jobs being done are queued again."""
        children = [self._make_child(self._place) for _ in range(self._size)]
        try:
            async with asyncio.TaskGroup() as group:
                for child in children:
                    group.create_task(self._serve(child))
        finally:
            for child in children:
                child.kill()
            with suppress(WickworkError):
                await asyncio.shield(self._give_back())

    async def _give_back(self) -> None:
        async with self._services.database.writing() as session:
            await jobs.give_back(session, self._services.now(), self.name)

    async def _serve(self, child: Child) -> None:
        while True:
            try:
                job = await self._take()
                if job is not None:
                    await self._do(job, child)
                    continue
            except Unavailable as error:
                _log.warning("database", reason=str(error))
            except Exception:  # of one job: the others go on, and the lease of this one ends
                _log.exception("fault")
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL):
                    await self._services.jobs_added.wait()
            self._services.jobs_added.clear()

    async def _take(self) -> Job | None:
        async with self._services.database.writing() as session:
            return await jobs.take(session, self._services.now(), self.name, _LEASE, tuple(all_kinds()))

    async def _do(self, job: Job, child: Child) -> None:
        log = _log.bind(job=job.id, kind=job.kind)
        log.info("begins", attempt=job.attempts)
        began = time.monotonic()
        report = _Report()
        request = {**job.request, "job": job.id, "owner": job.owner}
        kind = kind_named(job.kind)

        async def answer(question: Any) -> Any:
            if kind.known is None:
                return None
            async with self._services.database.reading() as session:
                return await kind.known(session, job, question)

        work = asyncio.ensure_future(child.call(kind.work, request, report.set, report.add, answer))
        try:
            while not (await asyncio.wait({work}, timeout=_RENEW))[0]:
                state = await self._renew(job, report)
                if state is not False:
                    work.cancel()
                    with suppress(asyncio.CancelledError, ChildEnded):
                        await work
                    if state:
                        await self._finish(job, jobs.CANCELED, report)
                    log.info("canceled" if state else "lost")
                    return
            await self._end(job, work, report)
            log.info("ended", seconds=round(time.monotonic() - began, 3))
        except asyncio.CancelledError:
            work.cancel()
            with suppress(asyncio.CancelledError, ChildEnded):
                await work
            raise

    async def _renew(self, job: Job, report: _Report) -> bool | None:
        """Whether the job is to be canceled; None where another process has it."""
        try:
            async with self._services.database.writing() as session:
                return await jobs.renew(session, self._services.now(), self.name, job.id, _LEASE, **report.take())
        except Unavailable:
            return False  # the lease decides

    async def _end(self, job: Job, work: asyncio.Future[Any], report: _Report) -> None:
        """Record the result of work that ended, or why it failed."""
        try:
            outcome = work.result()
        except ChildEnded as error:
            if job.attempts < _ATTEMPTS:
                await self._requeue(job)
            else:
                text = f"{error} This happened {job.attempts} times; it may need more memory than there is."
                await self._finish(job, jobs.FAILED, report, text)
        except WickworkError as error:
            await self._finish(job, jobs.FAILED, report, str(error))
        except Exception as error:
            _log.error("fault", job=job.id, error=str(error))
            await self._finish(job, jobs.FAILED, report, f"This is a fault of Wickwork itself ({error}).")
        else:
            await self._record(job, outcome, report)

    async def _record(self, job: Job, outcome: Any, report: _Report) -> None:
        while True:
            try:
                async with self._services.database.writing() as session:
                    now = self._services.now()
                    await jobs.renew(session, now, self.name, job.id, _LEASE, **report.take())
                    result = await kind_named(job.kind).record(session, now, job, outcome)
                    if not await jobs.finish(session, now, self.name, job.id, jobs.DONE, result):
                        raise _LostLease
                return
            except _LostLease:
                return
            except Unavailable as error:  # a full disk, a database that restarts: the work is not done in vain
                _log.warning("waiting for the database", job=job.id, reason=str(error))
                await asyncio.sleep(_POLL)
            except WickworkError as error:
                await self._finish(job, jobs.FAILED, report, str(error))
                return
            except Exception as error:
                _log.exception("fault", job=job.id)
                await self._finish(job, jobs.FAILED, report, f"This is a fault of Wickwork itself ({error}).")
                return

    async def _finish(self, job: Job, state: str, report: _Report, error: str | None = None) -> None:
        values: Mapping[str, Any] = report.take()
        async with self._services.database.writing() as session:
            now = self._services.now()
            await jobs.renew(session, now, self.name, job.id, _LEASE, **values)
            await jobs.finish(session, now, self.name, job.id, state, None, error)

    async def _requeue(self, job: Job) -> None:
        async with self._services.database.writing() as session:
            await jobs.give_back(session, self._services.now(), self.name, job.id)


class _LostLease(Exception):
    """Another process has the job; what this one wrote for it must not be committed."""
