"""Child processes for work that somebody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from wickwork.model.errors import Conflict, Unavailable
from wickwork.services.child import Child, ChildEnded, Place

_GRACE = 2.0
"""Seconds for which work goes on that nobody waits for any more, before its process is killed."""
_MOST_WAITING = 200
"""Calls that wait for a process at most."""


class Superseded(Conflict):
    """A newer request of the same client took the place of this one."""


class Pool:
    """A few child processes, and a queue in front of them."""

    def __init__(self, place: Place, size: int = 1, *, warm: str = "", patience: float = 30.0) -> None:
        """`patience` is the most seconds that a piece of work may take; then its process is killed."""
        self.place = place
        self._children = [Child(place, niceness=5, warm=warm) for _ in range(size)]
        self._free: asyncio.Queue[Child] = asyncio.Queue()
        for child in self._children:
            self._free.put_nowait(child)
        self._patience = patience
        self._newest: dict[str, asyncio.Task[Any]] = {}
        self._doing: set[asyncio.Task[Any]] = set()
        self._waiting = 0
        self._closed = False

    def start(self) -> None:
        """Start the processes now, not at the first call."""
        for child in self._children:
            child.start()

    async def call(self, work: str, request: Mapping[str, Any], client: str = "") -> Any:
        """Do a piece of work in a child process and return its result.

        A call of a named `client` takes the place of the one that it has waiting or running, which raises Superseded.
        Raises what the work raises, and Unavailable where it takes too long or too many wait already.
        """
        task = asyncio.ensure_future(self._call(work, request))
        if client:
            older = self._newest.get(client)
            if older is not None:
                older.cancel("superseded")
            self._newest[client] = task
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled() and client and self._newest.get(client) is not task:
                raise Superseded("A newer request of the same client took the place of this one.") from None
            task.cancel()
            raise
        finally:
            if client and self._newest.get(client) is task:
                del self._newest[client]

    async def _call(self, work: str, request: Mapping[str, Any]) -> Any:
        if self._waiting >= _MOST_WAITING:
            raise Unavailable("Too many requests wait for a process; try again in a moment.")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                child = await self._free.get()
        except TimeoutError:
            raise Unavailable(
                f"All processes were busy for {self._patience:g} seconds; try again in a moment."
            ) from None
        finally:
            self._waiting -= 1
        doing = asyncio.ensure_future(self._within(child, work, request))
        self._doing.add(doing)
        doing.add_done_callback(partial(self._release, child))
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            # Most work is done in a moment; a new process would take longer to start than the end of this call.
            asyncio.get_running_loop().call_later(_GRACE, doing.cancel)
            raise

    async def _within(self, child: Child, work: str, request: Mapping[str, Any]) -> Any:
        try:
            async with asyncio.timeout(self._patience):
                try:
                    return await child.call(work, request)
                except ChildEnded:  # killed, perhaps by the system for want of memory; work here changes nothing
                    if self._closed:
                        raise
                    return await child.call(work, request)
        except ChildEnded:
            raise Unavailable(
                "The process that did this ended; it may have needed more memory than there is. Ask for fewer bars."
            ) from None
        except TimeoutError:
            raise Unavailable(
                f"This took more than {self._patience:g} seconds and was stopped; ask for fewer bars, or start a job."
            ) from None

    def _release(self, child: Child, doing: asyncio.Task[Any]) -> None:
        self._doing.discard(doing)
        if self._closed:
            child.kill()
            return
        if not doing.cancelled():
            doing.exception()  # nobody may wait for it any more
        with suppress(Unavailable):
            child.start()  # where it was killed, so that the next call need not wait for it
        self._free.put_nowait(child)

    def close(self) -> None:
        """End the processes; what is being done raises Unavailable."""
        self._closed = True
        for child in self._children:
            child.kill()
