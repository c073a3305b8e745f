"""Entering and leaving, for browsers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel
from starlette.responses import RedirectResponse

from wickwork.server.access import Of, Reader, cookie_name
from wickwork.server.resource import resource
from wickwork.services import identity

router = resource("", "session")


class Who(BaseModel):
    """Who is logged in, and what they may do."""

    user_id: str
    name: str
    role: str
    scopes: list[str]


@router.get("/enter", status_code=303, response_class=RedirectResponse)
async def enter(services: Of, request: Request, link: Annotated[str, Query(max_length=100)]) -> Response:
    """Begin a session with the one-time secret of a link, and go to the page."""
    cookie, csrf = await identity.enter_by_link(services, link)
    response = RedirectResponse("/", 303)
    set_cookies(request, response, cookie, csrf)
    return response


@router.get("/api/session")
async def who(caller: Reader) -> Who:
    """Who is logged in."""
    return Who(user_id=caller.user_id, name=caller.name, role=caller.role, scopes=sorted(caller.scopes))


def set_cookies(request: Request, response: Response, cookie: str, csrf: str) -> None:
    """Set the session's cookie, which no script can read, and the CSRF token, which scripts of this site send back."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        cookie_name(request), cookie, max_age=14 * 24 * 3600, path="/", secure=secure, httponly=True, samesite="strict"
    )
    response.set_cookie("wickwork-csrf", csrf, max_age=14 * 24 * 3600, path="/", secure=secure, samesite="strict")
