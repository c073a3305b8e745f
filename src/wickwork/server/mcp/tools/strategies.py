"""Saved strategies."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from wickwork.model.bars import iso
from wickwork.model.errors import InputError
from wickwork.server.mcp.answers import Skip, many, part_of_lines, part_of_text
from wickwork.server.mcp.arguments import Before, Count, Version, parsed
from wickwork.server.mcp.tool import On, tool
from wickwork.services import graphs
from wickwork.services import strategies as service
from wickwork.services.access import Access
from wickwork.services.core import canonical

Id = Annotated[str, Field(max_length=100, description="As list_strategies names it.")]


@tool(Access.READ)
async def list_strategies(on: On, before: Before = None, count: Count = 20) -> str:
    """List the saved strategies, the newest first."""
    after = (before, before) if before is not None else None
    found = await service.page(on.services, on.caller, after, count + 1)
    lines = [
        f"{one.id}  {one.name} — {many(one.version, 'version')}, changed {iso(one.updated_at)}" for one in found[:count]
    ]
    if len(found) > count:
        lines.append(f"… there are more; call this again with before={found[count - 1].id}")
    return part_of_lines(lines or ["There are no saved strategies yet; save_strategy makes one."])


@tool(Access.READ)
async def get_strategy(on: On, strategy_id: Id, version: Version = None, skip: Skip = 0) -> str:
    """Get the graph document of a saved strategy."""
    found = await service.version(on.services, on.caller, strategy_id, version)
    return part_of_text(canonical(json.loads(found.document)), skip)


@tool(Access.WRITE)
async def save_strategy(
    on: On,
    graph: Annotated[dict[str, Any], BeforeValidator(parsed), Field(description="A graph document.")],
    name: Annotated[str, Field(max_length=200, description="The name of a new strategy.")] = "",
    strategy_id: Annotated[
        str | None, Field(max_length=100, description="Save the next version of this one, in place of a new one.")
    ] = None,
    note: Annotated[str, Field(max_length=1000, description="What changed, in words.")] = "",
) -> str:
    """Save a graph as a new strategy, or as the next version of a saved one. Versions never change."""
    if bool(name) == (strategy_id is not None):
        raise InputError("Give `name` for a new strategy, or `strategy_id` for the next version; one of the two.")
    if strategy_id is None:
        saved = (await service.create(on.services, on.caller, name, "graph", graph, note)).strategy
    else:
        saved, _ = await service.save_version(on.services, on.caller, strategy_id, graph, note)
    faults = (await graphs.check(on.services, on.caller, graph))["fault_count"]
    state = f"It has {many(faults, 'fault')}; check_graph lists them." if faults else "It has no faults."
    return f"Saved as version {saved.version} of {saved.name} (strategy_id {saved.id}). {state}"
