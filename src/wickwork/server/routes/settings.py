"""Settings of a user."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body as JsonBody

from wickwork.server.access import Of, Reader, Writer
from wickwork.server.resource import resource
from wickwork.services import preferences as service

router = resource("/api/settings", "settings")


@router.get("")
async def settings(services: Of, caller: Reader) -> dict[str, Any]:
    """All settings of the caller, by name."""
    return await service.get(services, caller)


@router.patch("")
async def change(
    services: Of,
    caller: Writer,
    body: Annotated[dict[str, Any], JsonBody(description="A JSON merge patch: null removes, objects are merged.")],
) -> dict[str, Any]:
    """Change settings, all of the changes or none, and return them all: at most 100, of 256,000 bytes together."""
    return await service.merge(services, caller, body)
