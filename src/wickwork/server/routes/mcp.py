"""The services as tools of the Model Context Protocol, for assistants. Its SDK is imported at the first request."""

from __future__ import annotations

import asyncio
from importlib import import_module

from fastapi import Request, Response

from wickwork.model.errors import Unavailable
from wickwork.server.access import Of, Reader
from wickwork.server.mcp.tool import On
from wickwork.server.resource import resource

router = resource("", "mcp")


@router.post("/mcp", include_in_schema=False)
async def mcp(services: Of, caller: Reader, request: Request) -> Response:
    """Answer one message of the protocol, which has its own specification."""
    body = await request.body()
    try:
        http = await asyncio.to_thread(import_module, "wickwork.server.mcp.http")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise Unavailable("Assistants need the MCP SDK; install it with `pip install 'wickwork[agents]'`.") from None
    answer: Response = http.Exchange(On(services, caller), body)
    return answer
