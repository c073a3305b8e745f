"""Entering and leaving, for browsers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse

from wickwork.server.access import EVERYBODY, Of, Person, Reader, browser_of, cookie_name
from wickwork.server.resource import Body, Shown, resource
from wickwork.services import identity, login, sessions
from wickwork.services.access import Caller
from wickwork.services.sessions import Entered

router = resource("", "session")

_CSRF_COOKIE = "wickwork-csrf"
_PAGE = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><title>Wickwork</title>'
"""Goes on to the page of the server. A redirect would not do: after a click on a link of another site, browsers leave
strict cookies out of all requests that it leads to."""


class Who(BaseModel):
    """Who is logged in, and what they may do."""

    user_id: str
    name: str
    role: str
    scopes: list[str]


class Login(Body):
    """A name and a password."""

    name: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=1000)


class NewPassword(Body):
    """A password to be set."""

    old: str | None = Field(default=None, max_length=1000, description="The present one, where there is one.")
    new: str = Field(min_length=1, max_length=1000, description="10 to 1000 characters.")


class SessionShown(Shown):
    """A browser that is logged in."""

    id: str
    by: str = Field(description="How it entered: link, password or telegram.")
    address: str
    agent: str = Field(description="The browser, as it names itself.")
    created_at: int = Field(description="ms since 1970, UTC.")
    last_used_at: int = Field(description="ms since 1970, UTC; up to a minute ago more.")
    expires_at: int
    current: bool = Field(default=False, description="Whether it is the session of this request.")


@router.get("/enter", response_class=HTMLResponse, dependencies=EVERYBODY)
async def enter(services: Of, request: Request, link: Annotated[str, Query(max_length=100)]) -> Response:
    """Begin a session with the one-time secret of a link, and go to the page."""
    return entered_page(request, await identity.enter_by_link(services, link, browser_of(request)))


@router.post("/api/session", status_code=201, dependencies=EVERYBODY)
async def log_in(services: Of, request: Request, response: Response, body: Login) -> Who:
    """Begin a session with a name and a password. After a few wrong ones in a row there is a wait, which grows."""
    entered = await login.enter(services, body.name, body.password, browser_of(request))
    set_cookies(request, response, entered)
    return _who(entered.caller)


@router.get("/api/session")
async def who(caller: Reader) -> Who:
    """Who is logged in."""
    return _who(caller)


@router.delete("/api/session", status_code=204)
async def log_out(services: Of, request: Request, response: Response, caller: Person) -> None:
    """End this session."""
    await sessions.end(services, caller, caller.key.removeprefix("session:"))
    _forget_cookies(request, response)


@router.put("/api/session/password")
async def choose_password(services: Of, request: Request, response: Response, caller: Person, body: NewPassword) -> Who:
    """Set one's own password. All of the caller's sessions end, and a new one begins with this answer."""
    entered = await login.choose_password(services, caller, body.old, body.new, browser_of(request))
    set_cookies(request, response, entered)
    return _who(entered.caller)


@router.get("/api/sessions")
async def listed(services: Of, caller: Person) -> list[SessionShown]:
    """The caller's sessions, the newest first."""
    shown = [SessionShown.model_validate(one) for one in await sessions.listed(services, caller)]
    return [one.model_copy(update={"current": caller.key == f"session:{one.id}"}) for one in shown]


@router.delete("/api/sessions", status_code=204)
async def end_all(services: Of, request: Request, response: Response, caller: Person) -> None:
    """End all of the caller's sessions, this one too."""
    await sessions.end_all(services, caller)
    _forget_cookies(request, response)


@router.delete("/api/sessions/{session_id}", status_code=204)
async def end(services: Of, caller: Person, session_id: str) -> None:
    """End one of the caller's sessions, with its WebSockets."""
    await sessions.end(services, caller, session_id)


def entered_page(request: Request, entered: Entered) -> Response:
    """The answer to a browser that has entered: its cookies, and a page that goes on to `/`."""
    response = HTMLResponse(_PAGE)
    set_cookies(request, response, entered)
    return response


def set_cookies(request: Request, response: Response, entered: Entered) -> None:
    """Set the session's cookie, which no script can read, and the CSRF token, which scripts of this site send back."""
    secure, age = request.url.scheme == "https", sessions.LONGEST // 1000
    name = cookie_name(request)
    response.set_cookie(name, entered.cookie, age, path="/", secure=secure, httponly=True, samesite="strict")
    response.set_cookie(_CSRF_COOKIE, entered.csrf, age, path="/", secure=secure, samesite="strict")


def _forget_cookies(request: Request, response: Response) -> None:
    secure = request.url.scheme == "https"
    response.delete_cookie(cookie_name(request), path="/", secure=secure, httponly=True, samesite="strict")
    response.delete_cookie(_CSRF_COOKIE, path="/", secure=secure, samesite="strict")


def _who(caller: Caller) -> Who:
    return Who(user_id=caller.user_id, name=caller.name, role=caller.role, scopes=sorted(caller.scopes))
