"""Clients for benchmarks of the server that cost little themselves: HTTP/1.1 and WebSockets over bare asyncio."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable
from typing import Any

HOST = "127.0.0.1"


class Http:
    """One kept connection."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """The status and the body of the answer."""
        if self._reader is None or self._writer is None or self._reader.at_eof():  # kept for five seconds
            self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        if "content-length" in fields:
            answer = await self._reader.readexactly(int(fields["content-length"]))
        else:
            answer = await self._chunks() if "transfer-encoding" in fields else b""
        return int(lines[0].split()[1]), answer

    async def _chunks(self) -> bytes:
        assert self._reader is not None
        found = b""
        while size := int(await self._reader.readline(), 16):
            found += await self._reader.readexactly(size)
            await self._reader.readline()
        await self._reader.readline()
        return found

    async def json(self, method: str, path: str, body: Any = None) -> Any:
        """The answer as JSON. Raises RuntimeError for another status than 2xx."""
        status, found = await self.request(method, path, b"" if body is None else json.dumps(body).encode())
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path}: {status} {found[:500]!r}")
        return json.loads(found) if found else None

    def close(self) -> None:
        """End the connection."""
        if self._writer is not None:
            self._writer.close()


class Socket(asyncio.Protocol):
    """A WebSocket that notes when the last bytes came. What it receives is searched for `wanted`, not parsed."""

    def __init__(self, port: int, token: str, wanted: bytes) -> None:
        self._port, self._token, self._wanted = port, token, wanted
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received_at = 0.0
        self.closed_at = 0.0
        self._rest = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Ask for the upgrade, and subscribe in the same packet."""
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            (
                f"GET /ws HTTP/1.1\r\nHost: {HOST}:{self._port}\r\nAuthorization: Bearer {self._token}\r\n"
                f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        """Note the time where it holds what is waited for."""
        if not self.opened.done():
            self._rest += data
            if b"hello" in self._rest:
                self.send({"type": "subscribe", "topics": ["jobs", "bars"]})
            if b'"subscribed"' in self._rest:
                self.opened.set_result(None)
                self._rest = b""
        elif self._wanted in data:
            self.received_at = time.perf_counter()

    def send(self, message: Any) -> None:
        """Send a message; its mask is zero."""
        text = json.dumps(message).encode()
        assert len(text) < 126
        self._transport.write(bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text)

    def stall(self) -> None:
        """Read nothing any more."""
        self._transport.pause_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """The server closed it."""
        self.closed_at = time.perf_counter()
        if not self.opened.done():
            self.opened.set_exception(RuntimeError(f"not accepted: {self._rest[:200]!r}"))

    def close(self) -> None:
        """Leave."""
        self._transport.abort()


async def open_sockets(count: int, port: int, token: str, wanted: bytes, at_once: int = 50) -> list[Socket]:
    """That many WebSockets, subscribed."""
    found: list[Socket] = []
    loop = asyncio.get_running_loop()
    for begin in range(0, count, at_once):
        some = []
        for _ in range(min(at_once, count - begin)):
            make: Callable[[], Socket] = lambda: Socket(port, token, wanted)  # noqa: E731
            some.append((await loop.create_connection(make, HOST, port))[1])
        await asyncio.gather(*(one.opened for one in some))
        found += some
    return found
