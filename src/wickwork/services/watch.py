"""Publishing what changed in the database and in the store of bars, whichever process changed it.

Every server process watches, and each change is published once, because messages carry a subject and a version. The
version of a job is `changed_at`, which grows with every change.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from wickwork.model.errors import Unavailable, WickworkError
from wickwork.services.core import Services
from wickwork.store.database import job_changes
from wickwork.store.database.job_changes import Mark
from wickwork.store.database.jobs import RUNNING
from wickwork.store.database.tables import Job

_LOOK = 0.25
"""Seconds between two looks at the jobs, and"""
_LOOK_AT_BARS = 1.0
"""at the bars; longer where a look takes long:"""
_SHARE = 0.2
"""looking takes at most this share of the time."""
_AFTER_FAULT = 1.0
"""Seconds before a look that failed is tried again."""
_OVERLAP = 60_000
"""Changes of so many ms before the last look are looked at again: clocks of processes differ."""
_RECORD = 5_000
"""Every so many ms the time up to which everything was published is recorded."""
_SHOWN = (
    "id", "kind", "state", "progress", "seconds_left", "stage", "result", "error", "cancel_requested",
    "stop_requested", "created_at", "started_at", "finished_at",
)  # fmt: skip
_log = structlog.get_logger("wickwork.watch")


def job_view(job: Job) -> dict[str, Any]:
    """A job as its followers see it, without its log and its request."""
    return {name: getattr(job, name) for name in _SHOWN}


class Watch:
    """Looks for changes, and publishes each once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._published: dict[str, Mark] = {}
        """The jobs that may be found again, as they were published."""
        self._manifests: Mapping[Path, int] | None = None

    async def run(self) -> None:
        """Look until this is canceled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._jobs())
            group.create_task(_repeat(self._bars, _LOOK_AT_BARS))

    async def _jobs(self) -> None:
        """Look at the jobs again and again; after a look that failed the next one begins where that one began."""
        events, begun = self._services.events, self._services.now()
        # Where no process watched for a while, the changes of that time have to be published, too.
        looked = recorded = min(await events.watched_until() or begun, begun)
        await self._first(looked)

        async def look() -> None:
            nonlocal looked, recorded
            now = self._services.now()
            await self._look(looked - _OVERLAP)
            looked = now
            if now - recorded >= _RECORD:
                recorded = now
                await events.set_watched_until(now)

        await _repeat(look, _LOOK)

    async def _first(self, since: int) -> None:
        """Jobs that changed before the time at which watching begins count as published."""
        while True:
            try:
                async with self._services.database.reading() as session:
                    found = await job_changes.marks(session, since - _OVERLAP, ())
            except WickworkError as error:
                _log.warning("waiting", reason=str(error))
                await asyncio.sleep(1.0)
            else:
                self._published = {mark.id: mark for mark in found if mark.changed_at < since}
                return

    async def _look(self, since: int) -> None:
        running = [mark.id for mark in self._published.values() if mark.state == RUNNING]
        async with self._services.database.reading() as session:
            found = await job_changes.marks(session, since, running)
            changed = [mark for mark in found if mark != self._published.get(mark.id)]
            longer = [mark.id for mark in changed if mark.log_length > (self._length(mark) or 0)]
            with_log = await job_changes.of_ids(session, longer, log=True)
            others = [mark.id for mark in changed if mark.id not in with_log]
            rows = with_log | await job_changes.of_ids(session, others, log=False)
        kept = {mark.id for mark in found}
        self._published = {one: mark for one, mark in self._published.items() if one in kept}
        for mark in changed:
            if mark.id in rows:
                job = rows[mark.id]
                await self._publish(job, _log_since(job, self._length(mark) or 0) if mark.id in with_log else None)
                self._published[job.id] = Mark(job.id, job.state, job.changed_at, job.log_length)

    def _length(self, mark: Mark) -> int | None:
        """The length of the log as it was published; None for a job of which nothing was."""
        known = self._published.get(mark.id)
        return None if known is None else known.log_length

    async def _publish(self, job: Job, log: Mapping[str, Any] | None) -> None:
        """Publish a change of a job. Raises Unavailable where it cannot be sent now."""
        send, shown, version = self._services.events.publish, job_view(job), job.changed_at
        sent = await send("jobs", job.owner, shown, f"jobs:{job.id}", version)
        topic = f"job:{job.id}"
        if not (sent and await send(topic, job.owner, {**shown, "log": log}, topic, version)):
            raise Unavailable("Redis does not take messages.")

    async def _bars(self) -> None:
        """Which series changed; who wants the bars reads them."""
        now = await asyncio.to_thread(lambda: dict(_manifests(self._services.home / "bars")))
        before = self._manifests
        for path, at in now.items() if before is not None else ():
            if before is not None and before.get(path) != at:
                venue, pair, timeframe = path.parts[-4:-1]
                data = {"venue": venue, "pair": pair, "timeframe": timeframe}
                if not await self._services.events.publish("bars", None, data, f"bars:{venue}:{pair}:{timeframe}", at):
                    raise Unavailable("Redis does not take messages.")
        self._manifests = now


async def _repeat(look: Callable[[], Awaitable[None]], pause: float) -> None:
    """Look again and again; a look that fails is tried again after a second."""
    while True:
        began = time.perf_counter()
        wait = pause
        try:
            await look()
        except WickworkError as error:
            _log.warning("waiting", reason=str(error))
            wait = _AFTER_FAULT
        except Exception:
            _log.exception("fault")
            wait = _AFTER_FAULT
        await asyncio.sleep(max(wait, (time.perf_counter() - began) / _SHARE))


def _log_since(job: Job, length: int) -> dict[str, Any]:
    """What the log has beyond its first `length` characters, as far as it is kept."""
    begins = max(length, job.log_length - len(job.log))
    return {"from": begins, "to": job.log_length, "text": job.log[len(job.log) - (job.log_length - begins) :]}


def _manifests(folder: Path) -> Iterator[tuple[Path, int]]:
    """The manifests of all series, and when each was put there, in µs; one that vanishes meanwhile is left out.

    The time of a file's content alone would not do: a restored backup has older ones.
    """
    for path in folder.glob("[!.]*/*/*/manifest.json"):
        with suppress(OSError):
            found = path.stat()
            yield path, max(found.st_mtime_ns, found.st_ctime_ns) // 1000
