"""Strategies to begin with. A child process reads them."""

from __future__ import annotations

from typing import Any

from wickwork.services.access import Access, Caller
from wickwork.services.core import Services

_SOURCES = "wickwork.services.work.sources"


async def listed(services: Services, caller: Caller) -> list[dict[str, Any]]:
    """All templates, by name, without their graphs."""
    caller.require(Access.READ)
    found: list[dict[str, Any]] = await services.pool.call(f"{_SOURCES}:list_templates", {})
    return found


async def one(services: Services, caller: Caller, name: str) -> dict[str, Any]:
    """One template with its graph and its Python text. Raises NotFound."""
    caller.require(Access.READ)
    found: dict[str, Any] = await services.pool.call(f"{_SOURCES}:one_template", {"template": name})
    return found
