"""What every request passes first: its id, the host that it names, where it comes from, how large its body is.

A page of another site can make a browser send requests to this server, and a name that its owner points to this
machine (DNS rebinding) makes them look like requests of the same site. So the `Host` must be a name of this server, and
a request that changes something, or opens a WebSocket, must have no `Origin` or one of this server.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wickwork.server.problems import problem
from wickwork.store.ids import new_id

MOST_BYTES = 2_000_000
"""The most bytes of a body, unless a route takes files (`large`)."""
MOST_BYTES_OF_FILES = 512_000_000
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SAFE = ("GET", "HEAD", "OPTIONS")
_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""Headers of every answer that does not set its own."""
_log = structlog.get_logger("wickwork.server")


class Guard:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = (), large: Iterable[str] = ()) -> None:
        """`names` are those of this server, besides loopback; `large` are the paths that take files."""
        self._app = app
        self._names = {*LOOPBACK, *(name.lower() for name in names)}
        self._large = tuple(large)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope["request_id"] = new_id()
        structlog.contextvars.bind_contextvars(request=scope["request_id"])
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if scope["type"] == "websocket":
            if refusal:
                await send({"type": "websocket.close", "code": 1008, "reason": refusal[1][:120]})
            else:
                await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    given.setdefault(name, value)
                given["x-request-id"] = scope["request_id"]
            await send(message)

        try:
            if refusal:
                await problem(Request(scope), *refusal)(scope, receive, answer)
            else:
                await self._app(scope, self._counted(scope, receive), answer)
        except _TooLarge as error:
            if not status:
                await problem(Request(scope), 413, str(error))(scope, receive, answer)
        finally:
            seconds = round(time.monotonic() - began, 4)
            _log.info(
                "request", request=scope["request_id"], method=scope["method"], path=scope["path"], status=status,
                seconds=seconds, caller=scope.get("caller", ""),
            )  # fmt: skip

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """The status and the sentence with which a request is refused."""
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if host not in self._names and host not in _live_names(scope):
            return 403, "The Host of this request is no name of this server; add it to `server.names` if it is one."
        origin = headers.get("origin")
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if origin is not None and changes and not self._is_own(origin, scope, headers["host"]):
            return 403, "This request comes from a page of another site."
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return 400, "Content-Length must be a number."
        if int(length) > self._most(scope):
            return 413, _too_large(self._most(scope))
        return None

    def _is_own(self, origin: str, scope: Scope, host: str) -> bool:
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        return origin.lower() == f"{scheme}://{host.lower()}"

    def _most(self, scope: Scope) -> int:
        return MOST_BYTES_OF_FILES if scope["path"].startswith(self._large) and self._large else MOST_BYTES

    def _counted(self, scope: Scope, receive: Receive) -> Receive:
        """Receive, and stop at a body that is larger than it said."""
        most, taken = self._most(scope), 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise _TooLarge(_too_large(most))
            return message

        return counted


def _live_names(scope: Scope) -> set[str]:
    """The names that the settings have now: they can change while the server runs."""
    return {name.lower() for name in scope["app"].state.settings.names}


class _TooLarge(Exception):
    """The body has more bytes than are taken."""


def _too_large(most: int) -> str:
    return f"The body has more than {most:,} bytes, which is more than this route takes."
