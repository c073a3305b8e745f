"""A process that does jobs and answers no requests."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

from wickwork.server.serve import runners_of
from wickwork.services.core import Services
from wickwork.settings.server import Server
from wickwork.store.database import schema


def work(services: Services, settings: Server, workers: int, on_ready: Callable[[], None]) -> None:
    """Do `workers` jobs at once, and runs on paper, until SIGTERM or SIGINT; `on_ready` is called when this begins."""
    asyncio.run(_work(services, settings, workers, on_ready))


async def _work(services: Services, settings: Server, workers: int, on_ready: Callable[[], None]) -> None:
    await schema.upgrade(services.database)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(one, stopped.set)
    background = [services.events.run, *runners_of(services, settings, workers)]
    tasks = [asyncio.ensure_future(one()) for one in background]
    waiting = asyncio.ensure_future(stopped.wait())
    try:
        on_ready()
        done, _ = await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {waiting}:
            task.result()
    finally:
        for task in (waiting, *tasks):
            task.cancel()
        await asyncio.gather(waiting, *tasks, return_exceptions=True)
        services.pool.close()
        await services.database.close()
