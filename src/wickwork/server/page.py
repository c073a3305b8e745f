"""The page: files of the package, and the shell for every address that the page itself takes apart.

Only files that were there at the start are answered, by their name in a table, so no address leads out of the folder.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PAGES = Path(__file__).with_name("pages")
SHELL = "index.html"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HASHED = "assets/"
"""The folder of files whose names have a hash of their content: they never change."""
_NOT_THE_PAGE = ("api", "ws", "metrics", "enter", "mcp", "docs", "redoc", "swagger")
"""First parts of addresses that belong to the program: what is not there is an error for every client."""
_SAFE = ("GET", "HEAD")


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/icon.svg">
{head}
</head>
<body>
{body}
</body>
</html>
"""


@dataclass
class Asset:
    """A file of the package, read when it is asked for first and when it was changed."""

    path: Path
    headers: Mapping[str, str]
    _read: tuple[int, bytes, str] = field(default=(-1, b"", ""), repr=False)

    def answer(self, request: Request) -> Response:
        """The file; only its headers where the client has it already. Raises OSError where it has vanished."""
        changed = self.path.stat().st_mtime_ns
        if self._read[0] != changed:
            content = self.path.read_bytes()
            self._read = changed, content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        _, content, etag = self._read
        headers = {**self.headers, "ETag": etag}
        if is_known(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=media_type(self.path.name))


def html_page(title: str, head: str, body: str) -> str:
    """A whole page; `head` and `body` are HTML, `title` must not need escaping."""
    return _PAGE.format(title=title, head=head, body=body)


def media_type(name: str) -> str:
    """The type by the ending: not by the system's table, which differs between machines."""
    known = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
             ".html": "text/html", ".json": "application/json", ".woff2": "font/woff2", ".txt": "text/plain",
             ".png": "image/png", ".ico": "image/x-icon", ".webmanifest": "application/manifest+json",
             ".wasm": "application/wasm"}  # fmt: skip
    return known.get(Path(name).suffix) or mimetypes.types_map.get(Path(name).suffix, "application/octet-stream")


def is_known(given: str, etag: str) -> bool:
    """Whether `If-None-Match` names this ETag."""
    return given.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in given.split(","))


def assets_in(folder: Path) -> dict[str, Asset]:
    """The files below a folder by their address, without a leading slash. Hidden files are left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
            caching = "public, max-age=31536000, immutable" if name.startswith(HASHED) else "no-cache"
            policy = {"Content-Security-Policy": POLICY} if name.endswith(".html") else {}
            found[name] = Asset(path, {"Cache-Control": caching, **policy})
    return found


class Pages:
    """Answers what no route does."""

    def __init__(self, otherwise: ASGIApp, folder: Path = PAGES) -> None:
        """`otherwise` answers what is no address of the page."""
        self._otherwise = otherwise
        self._assets = assets_in(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, with the shell, or as `otherwise` does."""
        found = self._asset(scope) if scope["type"] == "http" and scope["method"] in _SAFE else None
        if found is None:
            await self._otherwise(scope, receive, send)
            return
        await found.answer(Request(scope))(scope, receive, send)

    def _asset(self, scope: Scope) -> Asset | None:
        name = scope["path"].removeprefix("/")
        if name in self._assets and name != SHELL:
            return self._assets[name]
        parts = name.split("/")
        if parts[0] in _NOT_THE_PAGE or "." in parts[-1] or not name.isprintable():
            return None
        return self._assets.get(SHELL)


def add_page(app: FastAPI, folder: Path = PAGES) -> None:
    """Let the application answer with the page what none of its routes answers."""
    app.router.default = Pages(app.router.default, folder)
