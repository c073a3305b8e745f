"""Calling a tool: whatever happens, the assistant gets a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from pydantic import ValidationError

from wickwork.model.errors import WickworkError, did_you_mean, shown
from wickwork.server.mcp.answers import cut
from wickwork.server.mcp.given import refuse_unusual
from wickwork.server.mcp.registry import tool_named
from wickwork.server.mcp.tool import On, Tool

_MOST_SHOWN = 20
_log = structlog.get_logger("wickwork.mcp")


async def call(on: On, name: str, arguments: Mapping[str, Any]) -> tuple[str, bool]:
    """The answer of a tool, and whether it is an error: then it says what was wrong and what to do."""
    try:
        found = tool_named(name)
        refuse_unusual(arguments)
        try:
            return cut(await found.run(on, arguments)), False
        except ValidationError as error:
            return cut(_sentences(error, found)), True
    except WickworkError as error:
        return cut(str(error)), True
    except Exception:
        _log.exception("fault", tool=shown(name))
        return "This is a fault of Wickwork itself; its log has it. Other tools still work.", True


def _sentences(error: ValidationError, found: Tool) -> str:
    known = found.takes.model_fields
    lines = []
    for one in error.errors(include_url=False, include_context=False)[:_MOST_SHOWN]:
        where = ".".join(map(str, one["loc"]))
        if one["type"] == "extra_forbidden" and len(one["loc"]) == 1:
            hint = did_you_mean(where, known) or f" It takes {', '.join(known) or 'nothing'}."
            lines.append(f"{found.name} takes no argument {shown(where)!r}.{hint}")
        elif one["type"] == "missing" and len(one["loc"]) == 1:
            lines.append(f"{found.name} needs the argument {where}: {known[where].description or 'it is missing'}")
        else:
            lines.append(f"{shown(where)}: {str(one['msg']).removeprefix('Value error, ').rstrip('.')}.")
    return "\n".join(lines)
