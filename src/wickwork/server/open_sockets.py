"""Closing all WebSockets when the server stops: with 1001, so that clients connect again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

GOING_AWAY = 1001
_REASON = "The server stops; connect again."


class OpenSockets:
    """Which WebSockets are open."""

    def __init__(self) -> None:
        self._sends: dict[int, tuple[str, Send]] = {}
        self._stopping = False

    @property
    def stopping(self) -> bool:
        """Whether `close` was called."""
        return self._stopping

    def count(self) -> Mapping[str, int]:
        """How many are open, by path."""
        return Counter(path for path, _ in self._sends.values())

    def add(self, key: int, path: str, send: Send) -> None:
        """A connection that was accepted."""
        self._sends[key] = path, send

    def remove(self, key: int) -> None:
        """A connection that has ended."""
        self._sends.pop(key, None)

    async def close(self, seconds: float = 1.0) -> None:
        """Close all, and those that come later; wait at most so long for clients that do not read."""
        self._stopping = True
        sends = [send for _, send in self._sends.values()]
        closing = [asyncio.ensure_future(_close(send)) for send in sends]
        if closing:
            _, late = await asyncio.wait(closing, timeout=seconds)
            for one in late:
                one.cancel()


async def _close(send: Send) -> None:
    with suppress(Exception):  # it was closed from the other side in this moment
        await send({"type": "websocket.close", "code": GOING_AWAY, "reason": _REASON})


class ClosesSockets:
    """Middleware that keeps the list of open WebSockets."""

    def __init__(self, app: ASGIApp, sockets: OpenSockets) -> None:
        self._app, self._sockets = app, sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a connection on, and note whether it is open."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        if self._sockets.stopping:
            await receive()
            await _close(send)
            return
        key, sending, closed = id(scope), asyncio.Lock(), False

        async def sent(message: Message) -> None:
            nonlocal closed
            async with sending:
                if closed:
                    return
                closed = message["type"] == "websocket.close"
                await send(message)
            if message["type"] == "websocket.accept":
                self._sockets.add(key, scope["path"], sent)

        try:
            await self._app(scope, receive, sent)
        finally:
            self._sockets.remove(key)
