"""Removing stored files that nothing refers to any more, such as those of deleted runs."""

from __future__ import annotations

import asyncio

import structlog

from wickwork.model.errors import WickworkError
from wickwork.services.core import Services
from wickwork.store.database import file_references

_PAUSE = 3600.0
"""Seconds between two removals."""
_FIRST = 60.0
"""Seconds until the first one, so that a start is not slowed down by it."""
_log = structlog.get_logger("wickwork.files")


async def collect(services: Services) -> int:
    """Remove what belongs to nothing; return how many files. Only one process of the installation does so at a time."""
    async with services.database.reading() as session:
        before = await file_references.collected_before(session, services.now())
        used = await file_references.used(session)
    return await asyncio.to_thread(services.files.collect, used, before / 1000)


async def keep_collecting(services: Services, first: float = _FIRST, pause: float = _PAUSE) -> None:
    """Remove what belongs to nothing every hour, for ever."""
    await asyncio.sleep(first)
    while True:
        try:
            removed = await collect(services)
            if removed:
                _log.info("removed files that nothing refers to", count=removed)
        except (WickworkError, OSError) as error:
            _log.warning("unused files were not removed", reason=str(error))
        await asyncio.sleep(pause)
