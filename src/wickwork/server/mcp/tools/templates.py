"""Strategies to begin with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wickwork.server.mcp.answers import Skip, part_of_lines, part_of_text
from wickwork.server.mcp.tool import On, tool
from wickwork.services import templates as service
from wickwork.services.access import Access
from wickwork.services.core import canonical
from wickwork.templates import templates


@tool(Access.READ)
async def list_templates(on: On) -> str:
    """List the templates: strategies that run as they are, to begin with."""
    del on
    return part_of_lines([f"{one.name}: {one.help}" for one in templates()])


@tool(Access.READ)
async def get_template(
    on: On,
    name: Annotated[str, Field(max_length=100, description="As list_templates has it: `ema_cross`.")],
    form: Annotated[
        Literal["graph", "python"], Field(description="`graph` is what the other tools take; `python` is to read.")
    ] = "graph",
    skip: Skip = 0,
) -> str:
    """Get a template as a graph document (JSON), or as the Python that builds it."""
    found = await service.one(on.services, on.caller, name)
    text = found["python"] if form == "python" else canonical(found["graph"])
    return part_of_text(text, skip)
