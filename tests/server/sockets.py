"""A WebSocket client of the application in the same event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.types import ASGIApp


class Closed(Exception):
    """The server closed the connection; `code` says why."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Socket:
    """An open connection."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[Any] = asyncio.Queue()
        self.from_server: asyncio.Queue[Any] = asyncio.Queue()
        self._reads = asyncio.Event()
        self._reads.set()

    def stall(self) -> None:
        """Stop reading: what the server sends next waits."""
        self._reads.clear()

    def resume(self) -> None:
        self._reads.set()

    async def take(self, message: Any) -> None:
        """The server sends a message."""
        await self._reads.wait()
        await self.from_server.put(message)

    async def send(self, text: str) -> None:
        await self.to_server.put({"type": "websocket.receive", "text": text})

    async def receive(self, seconds: float = 20.0) -> str | bytes:
        """The next message. Raises Closed."""
        async with asyncio.timeout(seconds):
            message = await self.from_server.get()
        if message["type"] == "websocket.close":
            raise Closed(message.get("code", 1000))
        found: str | bytes = message["text"] if message.get("text") is not None else message["bytes"]
        return found

    async def ask(self, message: Any) -> Any:
        """Send a message as JSON, and return the next one."""
        await self.send(json.dumps(message))
        return json.loads(await self.receive())


@asynccontextmanager
async def connected(app: ASGIApp, path: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[Socket]:
    """A connection to `path`, which may have a query. Raises Closed where the server refuses it."""
    where, _, query = path.partition("?")
    given = {"host": "127.0.0.1:8420", **(headers or {})}
    scope = {
        "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws", "path": where,
        "raw_path": where.encode(), "query_string": query.encode(), "root_path": "", "subprotocols": [], "state": {},
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8420),
    }  # fmt: skip
    socket = Socket()
    await socket.to_server.put({"type": "websocket.connect"})
    serving = asyncio.ensure_future(app(scope, socket.to_server.get, socket.take))
    try:
        async with asyncio.timeout(20):
            first = await socket.from_server.get()
        if first["type"] != "websocket.accept":
            raise Closed(first.get("code", 1000))
        yield socket
    finally:
        await socket.to_server.put({"type": "websocket.disconnect", "code": 1000})
        with suppress(Exception):
            async with asyncio.timeout(5):
                await serving
