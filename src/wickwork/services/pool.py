"""Child processes for work that somebody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from wickwork.model.errors import Conflict, Unavailable
from wickwork.services.child import Child, ChildEnded, Place


class Superseded(Conflict):
    """A newer request of the same client took the place of this one."""


class Pool:
    """A few child processes, and a queue in front of them."""

    def __init__(self, place: Place, size: int = 1, *, warm: str = "", patience: float = 30.0) -> None:
        """`patience` is the most seconds that a piece of work may take; then its process is killed."""
        self._children = [Child(place, niceness=5, warm=warm) for _ in range(size)]
        self._free: asyncio.Queue[Child] = asyncio.Queue()
        for child in self._children:
            self._free.put_nowait(child)
        self._patience = patience
        self._newest: dict[str, asyncio.Task[Any]] = {}

    def start(self) -> None:
        """Start the processes now, not at the first call."""
        for child in self._children:
            child.start()

    async def call(self, work: str, request: Mapping[str, Any], client: str = "") -> Any:
        """Do a piece of work in a child process and return its result.

        A call of a named `client` takes the place of the one that it has waiting or running, which raises Superseded.
        Raises what the work raises, and Unavailable where it takes too long.
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
        child = await self._free.get()
        try:
            async with asyncio.timeout(self._patience):
                try:
                    return await child.call(work, request)
                except ChildEnded:  # killed, perhaps by the system for want of memory; work here changes nothing
                    return await child.call(work, request)
        except ChildEnded:
            raise Unavailable("The process that does this was ended twice; try again, or ask for less.") from None
        except TimeoutError:
            raise Unavailable(
                f"This took more than {self._patience:g} seconds and was stopped; ask for fewer bars, or start a job."
            ) from None
        finally:
            self._free.put_nowait(child)

    def close(self) -> None:
        """End the processes."""
        for child in self._children:
            child.kill()
