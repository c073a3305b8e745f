"""Bodies whose fields Telegram has signed: a flat JSON object of texts and whole numbers, no name twice."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request

from wickwork.model.errors import InputError
from wickwork.services.login import WrongLogin

_MOST_BYTES = 16_000
_SCHEMA = {
    "type": "object",
    "description": "The fields of Telegram's widget as it gave them: id, auth_date, hash, and those of the profile.",
    "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
}
SIGNED_FIELDS: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}
}
"""What the specification says of such a body."""


async def signed_fields(request: Request) -> dict[str, str | int]:
    """The fields of a body.

    Raises InputError for a body that is none such, and WrongLogin where a name comes twice: which of two values was
    signed must not be a matter of the parser.
    """
    raw = await request.body()
    try:
        found = json.loads(raw, object_pairs_hook=_once) if len(raw) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(
        isinstance(one, str | int) and not isinstance(one, bool) for one in found.values()
    ):
        raise InputError("The body must be a JSON object with the fields of Telegram's widget: texts and numbers.")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WrongLogin("A field of Telegram's signature comes twice.")
    return found
