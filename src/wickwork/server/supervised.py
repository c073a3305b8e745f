"""Background work that begins again after a fault."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

_FIRST, _LONGEST = 0.5, 30.0
"""Seconds before the first new start, and the most: each pause is twice the one before."""
_PAUSE = 1.0
"""Seconds after which a task that was canceled, and goes on, is canceled again."""
_CALM = 60.0
"""Seconds after which a start counts as successful, so that the pause is the first one again."""
_log = structlog.get_logger("wickwork.background")


async def end(tasks: Sequence[asyncio.Task[None]], pause: float = _PAUSE) -> None:
    """Cancel the tasks and wait for their end; one that goes on is canceled again.

    In Python 3.11 `asyncio.wait_for` loses a cancellation that comes in the moment in which it is done.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        pending = (await asyncio.wait(pending, timeout=pause))[1]


def name_of(work: Callable[[], Awaitable[None]]) -> str:
    """What a piece of background work is called in the log."""
    inner = getattr(work, "func", work)
    return str(getattr(inner, "__qualname__", type(inner).__name__))


async def supervised(
    work: Callable[[], Awaitable[None]], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Do the work until it returns; after an error, which is logged, begin again, with longer and longer pauses."""
    pause = _FIRST
    while True:
        began = time.monotonic()
        try:
            await work()
            return
        except Exception as error:
            _log.error("failed", work=name_of(work), again_in=pause, exc_info=error)
        if time.monotonic() - began > _CALM:
            pause = _FIRST
        await sleep(pause)
        pause = min(2 * pause, _LONGEST)
