"""Who calls: the one place where requests get a caller, and where a route states what it needs."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from wickwork.model.errors import Refused
from wickwork.server.problems import NotLoggedIn
from wickwork.services import identity
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.services.recent_callers import RecentCallers

CSRF_HEADER = "X-CSRF-Token"
_SAFE = ("GET", "HEAD", "OPTIONS")


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
        recent: RecentCallers = connection.app.state.recent_callers
        caller = await recent.of_token(services, secret.strip()) if kind.lower() == "bearer" else None
        if caller is None:
            raise NotLoggedIn("The token is unknown or has expired; create one with `wick tokens create NAME`.")
        return caller
    cookie = connection.cookies.get(cookie_name(connection))
    found = await identity.of_session(services, cookie) if cookie else None
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


class Needs:
    """A dependency that gives the caller, if they may do what the route needs."""

    def __init__(self, access: Access) -> None:
        self.access = access

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises NotLoggedIn and Refused."""
        caller = await caller_of(request)
        caller.require(self.access)
        request.scope["caller"] = caller.user_id
        return caller


Of = Annotated[Services, Depends(services_of)]
"""The services, as an argument of a route."""
Reader = Annotated[Caller, Depends(Needs(Access.READ))]
Writer = Annotated[Caller, Depends(Needs(Access.WRITE))]
Starter = Annotated[Caller, Depends(Needs(Access.RUN))]
Admin = Annotated[Caller, Depends(Needs(Access.ADMIN))]
"""The caller, as an argument of a route that reads, changes, starts work, or administers."""
