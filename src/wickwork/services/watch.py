"""Publishing what changed in the database and in the store of bars, whichever process changed it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from wickwork.model.errors import WickworkError
from wickwork.services.core import Services
from wickwork.store.database import jobs
from wickwork.store.database.tables import Job

_LOOK = 0.25
"""Seconds between two looks."""
_OVERLAP = 2_000
"""Changes of so many ms before the last look are looked at again: clocks of processes differ a little."""
_log = structlog.get_logger("wickwork.watch")


def job_view(job: Job) -> dict[str, Any]:
    """A job as its followers see it, without its log and its request."""
    names = (
        "id", "kind", "state", "progress", "seconds_left", "stage", "result", "error", "cancel_requested",
        "stop_requested", "created_at", "started_at", "finished_at",
    )  # fmt: skip
    return {name: getattr(job, name) for name in names}


class Watch:
    """Looks for changes, and publishes each once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._seen: dict[str, int] = {}
        self._manifests: Mapping[Path, int] | None = None

    async def run(self) -> None:
        """Look, for ever."""
        looked = self._services.now()
        while True:
            await asyncio.sleep(_LOOK)
            now = self._services.now()
            try:
                await self._jobs(looked - _OVERLAP)
                await self._bars()
                looked = now
            except WickworkError as error:
                _log.warning("waiting", reason=str(error))
                await asyncio.sleep(1.0)

    async def _jobs(self, since: int) -> None:
        async with self._services.database.reading() as session:
            changed = await jobs.changed_since(session, since)
        self._seen = {job.id: self._seen.get(job.id, 0) for job in changed}
        for job in changed:
            if self._seen[job.id] == job.changed_at:
                continue
            self._seen[job.id] = job.changed_at
            once = f"{job.id}:{job.changed_at}"
            await self._services.events.publish("jobs", job.owner, job_view(job), once)
            data = job_view(job) | {"log": job.log}
            await self._services.events.publish(f"job:{job.id}", job.owner, data, f"{once}:log")

    async def _bars(self) -> None:
        """Which series changed; who wants the bars reads them."""
        now = await asyncio.to_thread(_manifests, self._services.home / "bars")
        if self._manifests is not None:
            for path, at in now.items():
                if self._manifests.get(path) != at:
                    venue, pair, timeframe = path.parts[-4:-1]
                    data = {"venue": venue, "pair": pair, "timeframe": timeframe}
                    await self._services.events.publish("bars", None, data, f"bars:{path}:{at}")
        self._manifests = now


def _manifests(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.glob("[!.]*/*/*/manifest.json")}
