"""Doing jobs: takes them from the database, one per child process, and records what they give."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog

from wickwork.model.errors import NoSpace, Unavailable, WickworkError
from wickwork.services.child import Child, ChildEnded, Place
from wickwork.services.core import Services
from wickwork.services.job_work import do_work
from wickwork.services.kinds.kind import JOBS
from wickwork.services.kinds.registry import kind_named, kinds_of
from wickwork.services.report import Report
from wickwork.services.runner_name import has_ended, runner_name
from wickwork.services.texts import storable
from wickwork.store.database import job_queue, jobs
from wickwork.store.database.tables import Job

_LEASE = 15_000
"""For how long a job is taken (ms); a process that does not renew this has ended."""
_LOOK = 0.25
"""Seconds between two looks whether a job was canceled."""
_RECORD = 0.5
"""Seconds between two records of progress at least, since each waits for the disk."""
_POLL = 0.5
"""Seconds between two looks for a job, while there is none."""
_ROUND = 3.0
"""Seconds between two looks for jobs of runners of this machine that have ended."""
_NO_ROOM = 2.0
"""Seconds before a job whose result had no room on the disk is tried again."""
_ATTEMPTS = 3
"""How often a job may end its process before it has failed."""

_log = structlog.get_logger("wickwork.jobs")


class Runner:
    """Does the jobs of one lane with a number of child processes, until it is stopped."""

    def __init__(
        self,
        services: Services,
        place: Place,
        size: int = 1,
        make_child: Callable[[Place], Child] = Child,
        lane: str = JOBS,
    ) -> None:
        """`size` is how many jobs are done at once, each in a child that `make_child` makes."""
        self._services, self._place, self._size, self._make_child = services, place, size, make_child
        self._kinds = kinds_of(lane)
        self.name = runner_name()

    async def run(self) -> None:
        """Do jobs. When this is canceled, the jobs being done are queued again."""
        children = [self._make_child(self._place) for _ in range(self._size)]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._free_jobs_of_ended_runners())
                for child in children:
                    group.create_task(self._serve(child))
        finally:
            for child in children:
                child.kill()
            with suppress(WickworkError):
                await asyncio.shield(self._give_back())

    async def _give_back(self) -> None:
        async with self._services.database.writing() as session:
            await job_queue.give_back(session, self._services.now(), self.name)

    async def _free_jobs_of_ended_runners(self) -> None:
        """Queue the jobs of killed processes of this machine at once, without waiting for the end of their leases."""
        while True:
            try:
                async with self._services.database.reading() as session:
                    ended = [name for name in await job_queue.runners(session) if has_ended(name)]
                if ended:
                    async with self._services.database.writing() as session:
                        for name in ended:
                            await job_queue.give_back(session, self._services.now(), name, process_ended=True)
                    _log.warning("runner ended", runners=ended)
                    self._services.jobs_added.set()
            except Exception as error:
                _warn(error)
            await asyncio.sleep(_ROUND)

    async def _serve(self, child: Child) -> None:
        while True:
            try:
                job = await self._take()
                if job is not None:
                    await self._do(job, child)
                    continue
            except Exception as error:  # one job or one look must not end the others
                _warn(error)
                await asyncio.sleep(_POLL)
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL):
                    await self._services.jobs_added.wait()
            self._services.jobs_added.clear()

    async def _take(self) -> Job | None:
        async with self._services.database.reading() as session:
            if not await job_queue.is_waiting(session, self._services.now(), self.name, self._kinds):
                return None
        async with self._services.database.writing() as session:
            return await job_queue.take(session, self._services.now(), self.name, _LEASE, self._kinds)

    async def _do(self, job: Job, child: Child) -> None:
        log = _log.bind(job=job.id, kind=job.kind)
        report = Report(self._services.now)
        if job.cancel_requested:
            await self._finish(job, jobs.CANCELED, report)
            return
        if job.attempts >= _ATTEMPTS:
            text = f"Its process ended {job.attempts} times before it was done; it may need more memory than there is."
            await self._finish(job, jobs.FAILED, report, text)
            return
        log.info("begins", attempt=job.attempts + 1)
        report.add(f"begins, attempt {job.attempts + 1}" if job.attempts else "begins")
        began = time.monotonic()
        work = asyncio.ensure_future(do_work(self._services, job, child, report))
        try:
            state = await self._follow(job, child, work, report)
            if state is not None:
                await _end(work)
                if state == jobs.CANCELED:
                    report.add("canceled")
                    await self._finish(job, jobs.CANCELED, report)
                log.info(state)
                return
            await self._record_end(job, work, report)
            log.info("ended", seconds=round(time.monotonic() - began, 3))
        finally:
            await _end(work)

    async def _follow(self, job: Job, child: Child, work: asyncio.Future[Any], report: Report) -> str | None:
        """Record progress until the work ends: then None, or else `canceled` or `lost` (to another runner)."""
        stopped, due = False, 0.0
        while not (await asyncio.wait({work}, timeout=_LOOK))[0]:
            try:
                async with self._services.database.reading() as session:
                    found = await job_queue.flags(session, self.name, job.id)
                if found is None:
                    return "lost"
                if found.cancel:
                    return jobs.CANCELED
                if found.stop and not stopped:
                    stopped = True
                    report.add("stopping")
                    await child.stop()
                half_over = found.leased_until - self._services.now() < _LEASE / 2
                if half_over or (report.is_new and time.monotonic() >= due):
                    due = time.monotonic() + _RECORD
                    advanced = report.has_advanced and kind_named(job.kind).resumes
                    if not await self._renew(job, report, forget_attempts=advanced):
                        return "lost"
            except Exception as error:  # a database that does not answer: the lease decides
                _warn(error)
        return None

    async def _renew(self, job: Job, report: Report, *, forget_attempts: bool = False) -> bool:
        with report.recording() as values:
            async with self._services.database.writing() as session:
                now = self._services.now()
                return await job_queue.renew(
                    session, now, self.name, job.id, _LEASE, forget_attempts=forget_attempts, **values
                )

    async def _record_end(self, job: Job, work: asyncio.Future[Any], report: Report) -> None:
        """Record the result of work that ended, or why it failed."""
        try:
            outcome = work.result()
        except ChildEnded as error:
            report.add(str(error))
            await self._lasting(lambda: self._requeue(job, report))
        except NoSpace as error:  # it is queued again, until there is room
            _log.warning("waiting for room", job=job.id, reason=str(error))
            await asyncio.sleep(_NO_ROOM)
            await self._lasting(lambda: self._requeue(job, report, process_ended=False))
        except WickworkError as error:
            await self._fail(job, report, str(error))
        except Exception as error:
            _log.error("fault", job=job.id, error=str(error))
            await self._fail(job, report, f"This is a fault of Wickwork itself ({error}).")
        else:
            try:
                await self._lasting(lambda: self._record(job, outcome, report))
            except WickworkError as error:
                await self._fail(job, report, str(error))
            except Exception as error:
                _log.exception("fault", job=job.id)
                await self._fail(job, report, f"This is a fault of Wickwork itself ({error}).")

    async def _lasting(self, record: Callable[[], Awaitable[None]]) -> None:
        """Record until the database answers (a full disk, a restart): the work must not have been done in vain."""
        while True:
            try:
                await record()
                return
            except Unavailable as error:
                _log.warning("waiting for the database", reason=str(error))
                await asyncio.sleep(_POLL)

    async def _record(self, job: Job, outcome: Any, report: Report) -> None:
        with suppress(_LostLease), report.recording() as values:
            async with self._services.database.writing() as session:
                now = self._services.now()
                await job_queue.renew(session, now, self.name, job.id, _LEASE, **values)
                result = await kind_named(job.kind).record(session, now, job, outcome)
                if not await job_queue.finish(session, now, self.name, job.id, jobs.DONE, result):
                    raise _LostLease

    async def _fail(self, job: Job, report: Report, error: str) -> None:
        report.add(error)
        await self._finish(job, jobs.FAILED, report, error)

    async def _finish(self, job: Job, state: str, report: Report, error: str | None = None) -> None:
        text = None if error is None else storable(error)

        async def finish() -> None:
            with report.recording() as values:
                async with self._services.database.writing() as session:
                    now = self._services.now()
                    await job_queue.renew(session, now, self.name, job.id, _LEASE, **values)
                    await job_queue.finish(session, now, self.name, job.id, state, None, text)

        await self._lasting(finish)

    async def _requeue(self, job: Job, report: Report, *, process_ended: bool = True) -> None:
        with report.recording() as values:
            async with self._services.database.writing() as session:
                now = self._services.now()
                await job_queue.renew(session, now, self.name, job.id, _LEASE, **values)
                await job_queue.give_back(session, now, self.name, job.id, process_ended=process_ended)


async def _end(work: asyncio.Future[Any]) -> None:
    """Cancel work, which kills its process, and wait until that is done."""
    work.cancel()
    await asyncio.wait({work})
    if not work.cancelled():
        work.exception()  # it is of no interest any more


def _warn(error: Exception) -> None:
    if isinstance(error, WickworkError):
        _log.warning("database", reason=str(error))
    else:
        _log.exception("fault")


class _LostLease(Exception):
    """Another runner has the job; what this one wrote for it must not be committed."""
