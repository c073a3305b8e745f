"""The server of uvicorn, which says when it is ready, and stops in an orderly way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from multiprocessing import active_children
from socket import socket
from types import FrameType

import uvicorn

from wickwork.server.open_sockets import OpenSockets

PATIENCE = 2
"""Seconds that requests have to end in; with closing WebSockets and giving back jobs the server stops within 5 s."""
INTERRUPTED = 130


class Main(uvicorn.Server):
    """The server of the process: the first SIGINT or SIGTERM stops it, the second ends the process at once."""

    def __init__(self, config: uvicorn.Config, sockets: OpenSockets, ready: Callable[[], None]) -> None:
        """`ready` is called when connections are accepted, `sockets` are closed when it stops."""
        super().__init__(config)
        self._open, self._ready = sockets, ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop: WebSockets are closed first."""
        for server in self.servers:
            server.close()
        await self._open.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal, which is not raised again as uvicorn does: a stop that was asked for is no failure."""
        before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; at the second signal end the process, whatever it is doing."""
        if self.should_exit:
            for child in active_children():
                with suppress(OSError, ValueError):
                    child.kill()
            os._exit(INTERRUPTED)
        self.should_exit = True


class Beside(uvicorn.Server):
    """A server beside another one, whose signals end both."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave signals to the other server."""
        return nullcontext()
