"""The catalogue of nodes."""

from __future__ import annotations

from typing import Any

from wickwork.server.access import Of, Reader
from wickwork.server.resource import resource

router = resource("/api/nodes", "nodes")


@router.get("")
async def nodes(services: Of, caller: Reader) -> list[dict[str, Any]]:
    """Every node: its ports, parameters with ranges and defaults, warm-up, help and source."""
    return [node.describe() for node in services.context.catalogue.values()]


@router.get("/{name}")
async def node(services: Of, caller: Reader, name: str) -> dict[str, Any]:
    """One node."""
    return services.context.catalogue[name].describe()
