"""The pages that describe the API: an own one, ReDoc and Swagger UI. All that they need comes with the package."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from wickwork.server.page import PAGES, POLICY, html_page, is_known
from wickwork.server.problems import problem

SPECIFICATION = "/api/openapi.json"
_INLINE = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""ReDoc writes its styles while it runs. Scripts come from this server alone, there too."""
_VERBS = ("get", "post", "put", "patch", "delete")


def add_docs_pages(app: FastAPI) -> None:
    """Add the three pages to the application."""

    async def docs(request: Request) -> Response:
        return _answer(request, _listing(app.openapi()), POLICY)

    async def redoc(request: Request) -> Response:
        head = '<script src="/reference/redoc.js" defer></script>'
        body = f'<redoc spec-url="{SPECIFICATION}" disable-search></redoc>'
        return _built(request, "redoc.js", html_page("API of Wickwork: ReDoc", head, body), _INLINE)

    async def swagger(request: Request) -> Response:
        head = (
            '<link rel="stylesheet" href="/reference/swagger-ui.css">\n'
            '<script src="/reference/swagger-ui.js" defer></script>\n<script src="/swagger-start.js" defer></script>'
        )
        body = f'<div id="swagger" data-specification="{SPECIFICATION}"></div>'
        return _built(request, "swagger-ui.js", html_page("API of Wickwork: Swagger UI", head, body), POLICY)

    for path, page in (("/docs", docs), ("/redoc", redoc), ("/swagger", swagger)):
        app.add_route(path, page, ["GET"], include_in_schema=False)


def _built(request: Request, needed: str, text: str, policy: str) -> Response:
    if not (PAGES / "reference" / needed).exists():
        return problem(request, 404, "This page was not built into the package; `make page` does that. /docs is there.")
    return _answer(request, text, policy)


def _answer(request: Request, text: str, policy: str) -> Response:
    content = text.encode()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache", "ETag": etag}
    if is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="text/html")


def _listing(specification: Mapping[str, Any]) -> str:
    """The own page: all routes, by topic."""
    head = '<link rel="stylesheet" href="/style.css">'
    topics = "".join(_topics(specification))
    intro = (
        "<p>Every route of this server, from its <a href='/api/openapi.json'>specification</a> (OpenAPI 3.1). "
        "<a href='/redoc'>ReDoc</a> and <a href='/swagger'>Swagger UI</a> show the same with all schemas; in "
        "the latter you can try requests.</p>"
    )
    body = f'<main class="wide">\n<p><a href="/">Wickwork</a></p>\n<h1>API</h1>\n{intro}\n{topics}</main>'
    return html_page("API of Wickwork", head, body)


def _topics(specification: Mapping[str, Any]) -> Iterator[str]:
    meanings = {one["name"]: one.get("description", "") for one in specification.get("tags", ())}
    found: dict[str, list[str]] = {name: [] for name in meanings}
    for path, verbs in specification["paths"].items():
        for verb in _VERBS:
            if verb in verbs:
                route = verbs[verb]
                found.setdefault((route.get("tags") or ["other"])[0], []).append(_row(verb, path, route))
    for name, rows in found.items():
        if rows:
            yield f'<h2 id="{_anchor(name)}">{escape(name)}</h2>\n<p>{escape(meanings.get(name, ""))}</p>\n'
            yield f"<table>\n{''.join(rows)}</table>\n"


def _row(verb: str, path: str, route: Mapping[str, Any]) -> str:
    public = "" if route.get("security") else ' <span class="open">no token needed</span>'
    given = ", ".join(
        f"<code>{escape(one['name'])}</code>{'' if one.get('required') else '?'}" for one in route.get("parameters", ())
    )
    given = f"<br><small>{given}</small>" if given else ""
    return (
        f'<tr><td class="verb {verb}">{verb.upper()}</td><td><code>{escape(path)}</code>{given}</td>'
        f"<td>{escape(route.get('summary', ''))}{public}</td></tr>\n"
    )


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
