"""Settings of a user: plain JSON by name, which Wickwork keeps and does not read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wickwork.model.errors import InputError, shown
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services, canonical
from wickwork.store.database import preferences

MOST = 100
"""Settings of a user."""
MOST_BYTES = 256_000
"""All of them together, as JSON."""
_DEPTH = 20
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
"""What Wickwork keeps for itself beside them has a dot in its name."""


async def get(services: Services, caller: Caller) -> dict[str, Any]:
    """All settings of the caller, by name."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        return _own(await preferences.of_owner(session, caller.user_id))


async def merge(services: Services, caller: Caller, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change settings as a JSON merge patch (RFC 7396) does, all or none, and return them all.

    Null removes, objects are merged, anything else replaces. Raises InputError for what is too large.
    """
    caller.require(Access.WRITE)
    for name in changes:
        if not _NAME.fullmatch(name):
            raise InputError(f"A setting cannot have the name {shown(name)!r}: 1 to 64 letters, digits, - and _.")
    _refuse_deep(changes)
    async with services.database.writing() as session:
        before = _own(await preferences.of_owner(session, caller.user_id, lock=True))
        after: dict[str, Any] = merged(before, changes)
        _refuse_large(after)
        for name in changes:
            if name in after:
                await preferences.put(session, services.now(), caller.user_id, name, after[name])
            else:
                await preferences.remove(session, caller.user_id, name)
    return after


def merged(target: Any, patch: Any) -> Any:
    """The value that a JSON merge patch makes of another one."""
    if not isinstance(patch, Mapping):
        return patch
    found = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), value)
    return found


def _own(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kept.items() if "." not in name}


def _refuse_deep(value: Any, depth: int = 0) -> None:
    if depth > _DEPTH:
        raise InputError(f"Settings are at most {_DEPTH} objects and lists deep.")
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for one in inner:
        _refuse_deep(one, depth + 1)


def _refuse_large(after: dict[str, Any]) -> None:
    _refuse_deep(after)
    try:
        size = len(canonical(after).encode())
    except ValueError:
        raise InputError("Settings are plain JSON: no NaN, no infinity, no halves of characters.") from None
    if len(after) > MOST or size > MOST_BYTES:
        raise InputError(f"A user has at most {MOST} settings of {MOST_BYTES:,} bytes in all; remove some with null.")
