"""Answers that name the state of what they show (ETag), and are empty where the client has that already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Header, Response

IfNoneMatch = Annotated[
    str | None, Header(max_length=1000, description="The ETag that the client has; with the same the answer is 304.")
]
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "The client has the newest state already."}}
"""For the specification of a route that answers with `tagged`."""
_KEPT = {"Cache-Control": "private, no-cache"}
"""A browser keeps the answer, and looks each time whether it is still the newest."""


def etag_of(content: bytes) -> str:
    """The ETag of a content that has no revision: its hash."""
    return f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


def tagged(
    content: str | bytes,
    etag: str,
    if_none_match: str | None,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The content with its ETag, or 304 where `If-None-Match` has it."""
    given = {"ETag": etag, **_KEPT, **(headers or {})}
    if _has(if_none_match, etag):
        return Response(status_code=304, headers=given)
    return Response(content, headers=given, media_type=media_type)


def _has(if_none_match: str | None, etag: str) -> bool:
    """Whether one of the ETags of the header is this one. Proxies may have marked it as weak."""
    known = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    return etag in known or "*" in known
