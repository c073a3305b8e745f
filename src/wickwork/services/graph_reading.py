"""Reading graphs that need not be saved: templates, faults, and what a graph does in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.services.access import Access, Caller
from wickwork.services.core import Services

_WORK = "wickwork.services.work.graph_reading"


async def template(services: Services, caller: Caller, name: str) -> dict[str, Any]:
    """The `graph` and the `python` of a template, and its `help`. Raises NotFound."""
    return await _call(services, caller, "template", {"name": name})


async def faults(services: Services, caller: Caller, graph: Mapping[str, Any]) -> dict[str, Any]:
    """The first `faults` of a graph and how many there are (`count`). Raises InputError for what is no graph."""
    return await _call(services, caller, "faults", {"graph": graph})


async def sentences(services: Services, caller: Caller, graph: Mapping[str, Any]) -> str:
    """What a graph does, a sentence on each line. Raises GraphFaults, and InputError for what is no graph."""
    return str((await _call(services, caller, "sentences", {"graph": graph}))["text"])


async def _call(services: Services, caller: Caller, work: str, request: Mapping[str, Any]) -> dict[str, Any]:
    caller.require(Access.READ)
    result: dict[str, Any] = await services.pool.call(f"{_WORK}:{work}", request)
    return result
