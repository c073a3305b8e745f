"""Errors as problem details (RFC 9457): every answer that is no success has this form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from html import escape
from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from wickwork.graph.faults import MOST_SHOWN, GraphFaults
from wickwork.model.errors import (
    ChangedSince,
    Conflict,
    InputError,
    NotFound,
    Refused,
    TooMany,
    Unavailable,
    WickworkError,
    shown,
)
from wickwork.server.page import POLICY, html_page
from wickwork.services.login import WrongLogin
from wickwork.settings import SettingsFaults

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger("wickwork.server")


class FieldProblem(BaseModel):
    """One thing that is wrong with a request."""

    field: str = Field(description="Where it is: a path in the body, a parameter, or a node and port of a graph.")
    reason: str = Field(description="What is wrong.")
    remedy: str = Field(description="What to do; empty where the reason says it.")


class Problem(BaseModel):
    """What went wrong."""

    type: str = Field(default="about:blank", description="The kind of the problem.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What was wrong, where, and what to do: one or more sentences.")
    errors: list[FieldProblem] = Field(default_factory=list, description="Each single fault, where there are several.")
    request_id: str = Field(default="", description="The id under which the log has this request.")
    retry_after: int | None = Field(default=None, description="Seconds to wait, where trying again can help.")


_WHEN = {
    400: "The request cannot be read.",
    401: "Nobody is logged in, or the token is unknown or has expired.",
    403: "The caller may not do this.",
    404: "There is no such object, or it belongs to another user.",
    408: "The request did not arrive completely within the time allowed.",
    409: "The object is in a state that does not allow this.",
    412: "The object was changed since it was read: If-Match names another revision.",
    413: "The body is too large.",
    422: "The request can be read, and something in it is wrong.",
    429: "There were too many requests or failed logins; Retry-After says when to go on.",
    503: "Something that is needed does not answer now, such as the database.",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text, "content": {MEDIA_TYPE: {}}} for status, text in _WHEN.items()
}
"""What every route may answer besides success, for the specification."""
_STATUS: tuple[tuple[type[WickworkError], int], ...] = (
    (NotFound, 404),
    (InputError, 422),
    (Conflict, 409),
    (Refused, 403),
    (Unavailable, 503),
)


class NotLoggedIn(WickworkError):
    """Nobody is logged in."""


def problem(
    request: Request,
    status: int,
    detail: str,
    errors: Iterable[FieldProblem] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """A response with a problem: JSON, or a page where a browser opens the address."""
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=list(errors),
        request_id=request.scope.get("request_id", ""),
        retry_after=int(headers["Retry-After"]) if headers and "Retry-After" in headers else None,
    )
    if request.headers.get("sec-fetch-mode") == "navigate":
        return HTMLResponse(_shown_to_people(body), status, {**(headers or {}), "Content-Security-Policy": POLICY})
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)


def _shown_to_people(found: Problem) -> str:
    """The same as a page: somebody opened the address in a browser, such as a link that was used already."""
    body = (
        f'<main>\n<p><a href="/">Wickwork</a></p>\n<h1>{found.title}</h1>\n<p>{escape(found.detail)}</p>\n'
        f"<p><small>{found.status}, request {escape(found.request_id)}</small></p>\n</main>"
    )
    return html_page(found.title, '<link rel="stylesheet" href="/style.css">', body)


def too_many(request: Request, error: TooMany) -> Response:
    """The response to one request too many."""
    return problem(request, 429, str(error), headers={"Retry-After": str(max(1, ceil(error.seconds)))})


def fault(request: Request, error: Exception) -> Response:
    """The response after a fault of ours, which the log gets."""
    _log.error("fault", path=request.scope["path"], request=request.scope.get("request_id", ""), exc_info=error)
    return problem(request, 500, "This is a fault of Wickwork itself; the log has it under this request's id.")


async def refuse(socket: WebSocket, error: WickworkError) -> None:
    """Close a WebSocket because of an error; before it was accepted the client gets the status 403."""
    code = 1013 if isinstance(error, Unavailable) else 1008
    reason = str(error).encode()[:123].decode(errors="ignore")  # the most that a closing message holds
    with suppress(RuntimeError, WebSocketDisconnect):  # it is closed already
        await socket.close(code, reason)


def add_handlers(app: FastAPI) -> None:
    """Turn the errors of services and of the framework into problems."""

    @app.exception_handler(WickworkError)
    async def of_services(request: Request, error: WickworkError) -> Response | None:
        if isinstance(request, WebSocket):
            await refuse(request, error)
            return None
        if isinstance(error, NotLoggedIn | WrongLogin):
            return problem(request, 401, str(error), headers={"WWW-Authenticate": "Bearer"})
        if isinstance(error, ChangedSince):
            return problem(request, 412, str(error))
        if isinstance(error, TooMany):
            return too_many(request, error)
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        headers = {"Retry-After": "1"} if status == 503 else None
        return problem(request, status, str(error), _faults(error), headers)

    @app.exception_handler(RequestValidationError)
    async def of_bodies(request: Request, error: RequestValidationError) -> Response:
        found = [_body_fault(one) for one in error.errors()]
        text = " ".join(f"{one.field}: {one.reason}" for one in found[:20])
        return problem(request, 422, text or "The request is wrong.", found[:MOST_SHOWN])

    @app.exception_handler(HTTPException)
    async def of_framework(request: Request, error: HTTPException) -> Response:
        text = str(error.detail).rstrip(".") + "."
        if error.status_code == 404:
            text = f"There is nothing at {request.url.path}; /docs lists what there is."
        return problem(request, error.status_code, text, headers=dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def of_ourselves(request: Request, error: Exception) -> Response:
        return fault(request, error)


def _body_fault(error: Mapping[str, Any]) -> FieldProblem:
    """One fault that the framework has found in a request."""
    if error["type"] == "json_invalid":
        reason = (
            f"is no JSON: {error.get('ctx', {}).get('error', 'it ends too early')} at character {error['loc'][-1]}."
        )
        return FieldProblem(field="body", reason=reason, remedy="")
    return FieldProblem(field=_place(error["loc"]), reason=f"{error['msg']}.", remedy="")


def _place(path: Iterable[Any]) -> str:
    words = [str(one) for one in path]
    place = ".".join(words[1:] if words[:1] in (["body"], ["query"], ["path"], ["header"]) and words[1:] else words)
    return shown(place, 200)


def _faults(error: WickworkError) -> list[FieldProblem]:
    if isinstance(error, GraphFaults):
        return [
            FieldProblem(field=".".join(filter(None, (one.node, one.port))), reason=one.reason, remedy=one.remedy)
            for one in error.faults[:MOST_SHOWN]
        ]
    if isinstance(error, SettingsFaults):
        return [FieldProblem(field=one.path, reason=one.problem, remedy="") for one in error.faults[:MOST_SHOWN]]
    return []
