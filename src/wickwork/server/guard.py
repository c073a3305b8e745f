"""What every request passes first: its id, the host that it names, where it comes from, how large and how slow it is.

A page of another site can make a browser send requests to this server, and a name that its owner points to this
machine (DNS rebinding) makes them look like requests of the same site. So the `Host` must be a name of this server, and
a request that changes something, or opens a WebSocket, must have no `Origin` or one of this server.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wickwork.graph.document import MOST_BYTES as MOST_BYTES_OF_DOCUMENT
from wickwork.model.errors import TooMany
from wickwork.server.addresses import Proxies
from wickwork.server.limits import FREE, LOGINS, REQUESTS, Limits, is_entering
from wickwork.server.problems import fault, problem, too_many
from wickwork.store.ids import new_id

MOST_BYTES = 2_000_000
"""The most bytes of a body, unless a route takes more (`large`)."""
MOST_BYTES_OF_FILES = 512_000_000
MOST_BYTES_OF_GRAPHS = MOST_BYTES_OF_DOCUMENT + 200_000
"""A graph document, and the fields beside it."""
BODY_SECONDS, BODY_SECONDS_OF_FILES = 30.0, 900.0
"""Within which a body must arrive."""
PAUSE_SECONDS = 30.0
"""The longest pause within a body, and the longest for which a client takes nothing of its answer."""
ANSWER_SECONDS = 120.0
"""Within which an answer must begin, after the body has arrived."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ANY = ("0.0.0.0", "::", "")  # noqa: S104  # no names, but what a server listens at
_HOST = re.compile(r"(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9_]([a-z0-9_.-]{0,252})))(?::[0-9]{1,5})?", re.ASCII)
_ONCE = (
    b"host",
    b"origin",
    b"authorization",
    b"content-length",
    b"content-type",
    b"transfer-encoding",
    b"x-csrf-token",
)
"""Headers that come once at most: with two of them it would depend on the reader which of them counts."""
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

    def __init__(
        self,
        app: ASGIApp,
        names: Iterable[str] = (),
        large: Mapping[str, int] | None = None,
        limits: Limits | None = None,
        proxies: Proxies | None = None,
    ) -> None:
        """`names` are those of this server, besides loopback; `large` has the most bytes for paths that take more."""
        self._app = app
        self._names = {*LOOPBACK, *(name.lower().strip("[]") for name in names)} - {*_ANY}
        self._large = dict(large or {})
        self._limits, self._proxies = limits, proxies or Proxies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope["request_id"] = new_id()
        structlog.contextvars.bind_contextvars(request=scope["request_id"])
        refusal = self._refusal(scope, Headers(scope=scope))
        wait = None if refusal else self._wait(scope)
        if scope["type"] == "websocket":
            if refusal or wait:
                await send({"type": "websocket.close", "code": 1008, "reason": (refusal or (0, str(wait)))[1][:120]})
            else:
                await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                with suppress(RuntimeError):  # the time is over, and this is the answer that says so
                    limit.reschedule(None)
                given = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    given.setdefault(name, value)
                given["x-request-id"] = scope["request_id"]
            async with asyncio.timeout(PAUSE_SECONDS):
                await send(message)

        try:
            async with asyncio.timeout(BODY_SECONDS_OF_FILES + ANSWER_SECONDS) as limit:
                if refusal:
                    await problem(Request(scope), *refusal)(scope, receive, answer)
                elif wait:
                    await too_many(Request(scope), wait)(scope, receive, answer)
                else:
                    await self._app(scope, self._received(scope, receive, limit), answer)
        except TimeoutError:
            if status:
                raise
            text = "The answer took too long and was given up; ask for less, or try again later."
            await problem(Request(scope), 503, text, headers=_CLOSE)(scope, receive, answer)
        except Exception as error:
            if status:
                raise
            await fault(Request(scope), error)(scope, receive, answer)
        finally:
            seconds = round(time.monotonic() - began, 4)
            path = FREE if _is_free(scope["path"]) else scope["path"]  # what follows is a secret of the sender
            _log.info(
                "request", request=scope["request_id"], method=scope["method"], path=path, status=status,
                seconds=seconds, caller=scope.get("caller", ""),
            )  # fmt: skip

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """The status and the sentence with which a request is refused."""
        names = [name for name, _ in scope["headers"]]
        twice = next((name for name in _ONCE if names.count(name) > 1), None)
        if twice is not None:
            return 400, f"The header {twice.decode()} must come once."
        found = _HOST.fullmatch(headers.get("host", "").lower())
        host = (found[1] or found[2]) if found else ""
        if host not in self._names and host not in _live_names(scope):
            return 403, "The Host of this request is no name of this server; add it to `server.names` if it is one."
        if self._proxies.is_readable(scope):
            return 403, (
                "From other machines this server is reached over TLS alone: set `server.certificate`, or let the proxy "
                "of `server.proxies` send X-Forwarded-For and X-Forwarded-Proto."
            )
        if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
            return 400, "The path and the query must have no NUL."
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if changes and origin is not None and not self._is_own(origin, scope, headers["host"]):
            return 403, "This request comes from a page of another site."
        if changes and origin is None and site not in ("none", "same-origin"):
            return 403, "This request comes from a page of another site."
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or len(length) > 18:
            return 400, "Content-Length must be a number."
        if "content-length" in headers and "transfer-encoding" in headers:
            return 400, "A request has Content-Length or Transfer-Encoding, not both."
        if int(length) > self._most(scope):
            return 413, _too_large(self._most(scope))
        return None

    def _wait(self, scope: Scope) -> TooMany | None:
        """Why this address must wait, if it must."""
        path, client = scope["path"], scope.get("client")
        if self._limits is None or client is None or _is_free(path):
            return None
        try:
            self._limits.refuse(REQUESTS, client[0])
            if is_entering(scope.get("method", "GET"), path):
                self._limits.refuse(LOGINS, client[0])
        except TooMany as error:
            return error
        return None

    def _is_own(self, origin: str, scope: Scope, host: str) -> bool:
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        return origin.lower() == f"{scheme}://{host.lower()}"

    def _most(self, scope: Scope) -> int:
        path = scope["path"]
        return next((most for start, most in self._large.items() if path.startswith(start)), MOST_BYTES)

    def _received(self, scope: Scope, receive: Receive, limit: asyncio.Timeout) -> Receive:
        """Receive, and stop at a body that is larger than is taken, or that does not arrive in time."""
        most, taken, complete = self._most(scope), 0, False
        loop = asyncio.get_running_loop()
        end = loop.time() + (BODY_SECONDS if most == MOST_BYTES else BODY_SECONDS_OF_FILES)

        async def received() -> Message:
            nonlocal taken, complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(min(end, loop.time() + PAUSE_SECONDS)):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "The body did not arrive in time; send it again.", _CLOSE) from None
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413, _too_large(most), _CLOSE)
            complete = not message.get("more_body", False)
            if complete and limit.when() is not None:
                limit.reschedule(loop.time() + ANSWER_SECONDS)
            return message

        return received


_CLOSE = {"Connection": "close"}


def _is_free(path: str) -> bool:
    return path == FREE or path.startswith(f"{FREE}/")


def _live_names(scope: Scope) -> set[str]:
    """The names that the settings have now: they can change while the server runs."""
    return {name.lower() for name in scope["app"].state.settings.names}


def _too_large(most: int) -> str:
    return f"The body has more than {most:,} bytes, which is more than this route takes."
