"""The protocol over stdin and stdout: one client, which started this process. This imports the SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from mcp.server.stdio import stdio_server

from wickwork.server.mcp.protocol import make_server
from wickwork.server.mcp.tool import On


async def serve_stdio(on: On, background: Sequence[Callable[[], Awaitable[None]]] = ()) -> None:
    """Serve until stdin ends; `background` goes on meanwhile, and is canceled then."""
    server = make_server(on)
    tasks = [asyncio.ensure_future(one()) for one in background]
    try:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        on.services.pool.close()
        await on.services.database.close()
