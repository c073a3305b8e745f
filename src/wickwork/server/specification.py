"""The specification (OpenAPI 3.1), completed.

The framework writes the routes; this adds what topics mean, what each route does in one line, and who may call it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import get_annotations, isfunction
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from wickwork.server.access import CSRF_HEADER
from wickwork.server.routes.measurements import may_measure
from wickwork.services.access import Caller

_TOPICS = {
    "session": "Entering, leaving, and who is logged in.",
    "users": "The people who may enter.",
    "tokens": "Personal tokens of programs.",
    "strategies": "Strategies, their drafts and their versions.",
    "graphs": "Graphs that are not saved: faults, sentences, Python.",
    "nodes": "The nodes of which strategies consist.",
    "templates": "Strategies to begin with.",
    "backtests": "Backtests, which are done by jobs.",
    "sweeps": "Many backtests of one strategy with different numbers.",
    "papers": "Strategies on paper: live bars, no money.",
    "jobs": "Work that goes on while nobody waits.",
    "runs": "Results: figures, trades, columns, reports.",
    "evaluate": "What an unsaved strategy gives, while it is edited.",
    "bars": "Bars that are stored here.",
    "data": "Bringing bars here, and checking them.",
    "settings": "Settings of the caller.",
    "secrets": "Secrets of the caller, which are kept encrypted and never shown.",
    "events": "The WebSocket `/ws`, on which everything that happens is published.",
    "System V4": "The paths and shapes of System V4, for its clients.",
    "PVE": "The paths and shapes of PVE, for its clients.",
    "health": "Whether the server and its parts work, and measurements.",
    "operations": "For administrators: the log and the installation.",
}
_TEXT = """Programs send a token, `Authorization: Bearer wick_…`; `wick tokens create NAME` makes one on the machine of
the server. Browsers enter with the link that `wick up` prints, and have a cookie; requests that change something send
the value of the cookie `wickwork-csrf` back as the header `X-CSRF-Token`.

Every answer that is no success is `application/problem+json` (RFC 9457): `detail` says what was wrong and what to do,
and `request_id` is the id under which the log has the request. Times are ms since 1970, UTC.

`/ws` is a WebSocket with everything that happens; `POST /api/tickets` opens it for clients that cannot send a header.
"""
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token of `wick tokens create NAME`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "wickwork", "description": "The cookie of a browser."},
    "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER, "description": "Beside the cookie, to change."},
}


def describe(app: FastAPI) -> None:
    """Complete what the framework writes into the specification of this application."""
    app.description = _TEXT
    written = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(app, written())
        assert app.openapi_schema is not None  # noqa: S101
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(app: FastAPI, found: dict[str, Any]) -> None:
    found.setdefault("components", {})["securitySchemes"] = _SCHEMES
    used: dict[str, None] = {}
    closed = {(one.path_format, verb) for one in _routes(app) if _needs(one.dependant) for verb in one.methods or ()}
    for path, verbs in found["paths"].items():
        for verb, route in verbs.items():
            used |= dict.fromkeys(route.get("tags", ()))
            route["summary"], route["description"] = _summary(route)
            session: dict[str, list[str]] = {"session": []} if verb in ("get", "head") else {"session": [], "csrf": []}
            route["security"] = [{"token": []}, session] if (path, verb.upper()) in closed else []
    order = [*(name for name in _TOPICS if name in used), *(name for name in used if name not in _TOPICS)]
    found["tags"] = [{"name": name, "description": _TOPICS.get(name, "")} for name in order]
    app.openapi_schema = found


def _routes(app: FastAPI) -> Iterator[RouteContext]:
    return (route for route in iter_route_contexts(app.routes) if getattr(route, "dependant", None) is not None)


def _needs(dependant: Dependant) -> bool:
    """Whether a route has a caller among what it needs: a dependency that gives one, or `may_measure`."""
    call = dependant.call
    written = call if isfunction(call) else type(call).__call__  # of an object that is called
    own = call is may_measure or get_annotations(written, eval_str=True).get("return") is Caller
    return own or any(_needs(one) for one in dependant.dependencies)


def _summary(route: dict[str, Any]) -> tuple[str, str]:
    """One line and the whole text: the first sentence of the docstring is a better title than a function's name."""
    text = route.get("description", "")
    line = " ".join(text.split("\n\n")[0].split())
    first = re.split(r"(?<=[a-z`)])[.:;]\s", line, maxsplit=1)[0].rstrip(".")
    return first or route.get("summary", ""), text
