"""Who calls: the one place where requests get a caller, and where a route states what it needs."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Coroutine
from contextlib import suppress
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from wickwork.model.errors import Refused
from wickwork.server.limits import REQUESTS, STARTS, Limits
from wickwork.server.problems import NotLoggedIn
from wickwork.services import identity, sessions
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.services.sessions import Browser

CSRF_HEADER = "X-CSRF-Token"
POLICY_VIOLATION = 1008
_SAFE = ("GET", "HEAD", "OPTIONS")
_CLOSING = 2.0
"""Seconds for closing a connection whose client may not read."""


def services_of(connection: HTTPConnection) -> Services:
    """The services of the application."""
    services: Services = connection.app.state.services
    return services


def cookie_name(connection: HTTPConnection) -> str:
    """The name of the session's cookie: bound to this host by its prefix where the connection is encrypted."""
    return "__Host-wickwork" if connection.url.scheme in ("https", "wss") else "wickwork"


async def caller_of(connection: HTTPConnection) -> Caller:
    """The caller of a request, by its token, else by the cookie of its session.

    An application that has one caller for all requests (`app.state.caller`) has no others.
    A request of a session that changes something needs the session's CSRF token. Raises NotLoggedIn, and Refused.
    """
    fixed: Caller | None = getattr(connection.app.state, "caller", None)
    if fixed is not None:
        return fixed
    services = services_of(connection)
    given = connection.headers.get("authorization", "")
    if given:
        kind, _, secret = given.partition(" ")
        caller = await identity.of_token(services, secret.strip()) if kind.lower() == "bearer" else None
        if caller is None:
            raise NotLoggedIn("The token is unknown or has expired; create one with `wick tokens create NAME`.")
        return caller
    cookie = connection.cookies.get(cookie_name(connection))
    found = await sessions.of_cookie(services, cookie) if cookie else None
    if found is None:
        raise NotLoggedIn(
            "Nobody is logged in: open the link that `wick up` printed, or send `Authorization: Bearer TOKEN` with a "
            "token of `wick tokens create NAME`."
        )
    caller, csrf = found
    changes = connection.scope["type"] == "http" and connection.scope["method"] not in _SAFE
    if changes and not hmac.compare_digest(connection.headers.get(CSRF_HEADER, "").encode(), csrf.encode()):
        raise Refused(f"A request of a browser that changes something needs the header {CSRF_HEADER}.")
    return caller


def browser_of(request: Request) -> Browser:
    """The browser that sends a request, with the session that it has."""
    client = request.client.host if request.client else ""
    cookie = request.cookies.get(cookie_name(request), "")
    return Browser(client, request.headers.get("user-agent", ""), cookie if len(cookie) <= 100 else "")


async def while_allowed(
    socket: WebSocket, services: Services, caller: Caller, serving: Coroutine[Any, Any, None]
) -> None:
    """Serve a WebSocket until its client leaves, or the token or session of its caller ends or expires.

    Then the connection is closed with 1008.
    """
    ended = asyncio.Event()
    unwatch = services.callers.watch(caller, ended.set)
    task = asyncio.ensure_future(serving)
    over = asyncio.ensure_future(ended.wait())
    left = None if caller.until is None else max(0.0, (caller.until - services.now()) / 1000)
    try:
        done, _ = await asyncio.wait({task, over}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if task not in done:
            with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                async with asyncio.timeout(_CLOSING):
                    await socket.close(POLICY_VIOLATION, "The token or session of this connection has ended.")
    finally:
        unwatch()
        over.cancel()
        task.cancel()
        found = (await asyncio.gather(task, over, return_exceptions=True))[0]
    if isinstance(found, Exception) and task in done:
        raise found


def allowed(request: Request, caller: Caller, access: Access) -> Caller:
    """The caller of a request, if they may do that. Raises Refused, and TooMany after too many requests."""
    request.scope["caller"] = caller.user_id
    caller.require(access)
    limits: Limits | None = getattr(request.app.state, "limits", None)
    if limits is not None:
        limits.refuse(STARTS if access == Access.RUN else REQUESTS, caller.user_id)
    return caller


class Needs:
    """A dependency that gives the caller, if they may do what the route needs."""

    def __init__(self, access: Access) -> None:
        self.access = access

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises NotLoggedIn and Refused."""
        return allowed(request, await caller_of(request), self.access)


class NeedsSession:
    """A dependency that gives the caller, if they have logged in with a browser, or have a token of that scope."""

    def __init__(self, access: Access | None = None) -> None:
        self.access = access

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises NotLoggedIn, and Refused for tokens."""
        caller = await caller_of(request)
        if caller.via == "session" or self.access is None:
            sessions.require_session(caller)
            return allowed(request, caller, Access.READ)
        return allowed(request, caller, self.access)


def everybody() -> None:
    """A dependency of routes that need no caller: every route states whom it is for, also where that is everybody."""


Of = Annotated[Services, Depends(services_of)]
"""The services, as an argument of a route."""
Reader = Annotated[Caller, Depends(Needs(Access.READ))]
Writer = Annotated[Caller, Depends(Needs(Access.WRITE))]
Starter = Annotated[Caller, Depends(Needs(Access.RUN))]
Admin = Annotated[Caller, Depends(Needs(Access.ADMIN))]
"""The caller, as an argument of a route that reads, changes, starts work, or administers."""
Person = Annotated[Caller, Depends(NeedsSession())]
"""The caller, as an argument of a route for people with a browser, of whatever role."""
PersonOrWriter = Annotated[Caller, Depends(NeedsSession(Access.WRITE))]
"""The same, and programs that may change things."""
EVERYBODY = [Depends(everybody)]
"""`dependencies=EVERYBODY` of a route that needs no caller."""
