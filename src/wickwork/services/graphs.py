"""Graphs that are not saved: checking, explaining, formatting and exporting them. A child process reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from wickwork.model.errors import InputError
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services

_GRAPHS, _EXPORTS = "wickwork.services.work.graphs", "wickwork.services.work.exports"
Form = Literal["document", "python", "litegraph", "share"]
"""What a strategy is exported as."""


def json_text(value: Any, what: str = "the graph") -> str:
    """JSON that was received, as text, in which it goes to a child process. A text stays as it is.

    Raises InputError for what is nested so deep that it cannot be written.
    """
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        raise InputError(f"{what} is nested too deep; flatten it.") from None


async def read(services: Services, graph: Mapping[str, Any] | str) -> dict[str, Any]:
    """The canonical `text` of a graph, its `hash` as it is written, and its `name`. Raises InputError."""
    found: dict[str, Any] = await services.pool.call(f"{_GRAPHS}:read", {"text": json_text(graph)})
    return found


async def check(services: Services, caller: Caller, graph: Mapping[str, Any] | str) -> dict[str, Any]:
    """The faults of a graph, and the hash that runs of it have. Raises InputError for what is no graph."""
    caller.require(Access.READ)
    found: dict[str, Any] = await services.pool.call(f"{_GRAPHS}:check", {"text": json_text(graph)})
    return found


async def hashes(services: Services, caller: Caller, graph: Mapping[str, Any] | str) -> tuple[str, str | None]:
    """The hash of a graph as it is written, and the one that runs of it have: None where it has faults."""
    caller.require(Access.READ)
    written = await read(services, graph)
    checked = await check(services, caller, graph)
    return written["hash"], checked["hash"]


async def explain(services: Services, caller: Caller, graph: Mapping[str, Any] | str) -> dict[str, Any]:
    """What a graph does, in sentences. Raises GraphFaults."""
    caller.require(Access.READ)
    found: dict[str, Any] = await services.pool.call(f"{_GRAPHS}:explain", {"text": json_text(graph)})
    return found


async def export(
    services: Services, caller: Caller, graph: Mapping[str, Any] | str, form: Form, name: str = ""
) -> dict[str, Any]:
    """A graph in another form, as `text`, and sentences about what that does not have, as `left_out`.

    `name` is that of the strategy. Raises GraphFaults where the graph has faults and the form needs one without.
    """
    caller.require(Access.READ)
    request = {"text": json_text(graph), "name": name}
    found: dict[str, Any] = await services.pool.call(f"{_EXPORTS}:{form}", request)
    return found
