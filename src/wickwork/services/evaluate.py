"""Interactive evaluation of graphs that are not saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.services.access import Access, Caller
from wickwork.services.core import Services

_WORK = "wickwork.services.work.evaluate"


async def evaluate(services: Services, caller: Caller, request: Mapping[str, Any], client: str = "") -> dict[str, Any]:
    """Run a graph and return its faults, or statistics, equity, fills and wires.

    A newer request of the same `client` of this caller takes the place of an older one, which raises Superseded.
    Raises InputError and NotFound, and Unavailable where it takes too long.
    """
    caller.require(Access.READ)
    name = f"{caller.user_id}:{client}" if client else ""
    result: dict[str, Any] = await services.pool.call(f"{_WORK}:run", request, name)
    return result
