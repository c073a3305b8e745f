"""`wick mcp`: the services as tools for an assistant, over stdin and stdout."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wickwork.cli import output

if TYPE_CHECKING:
    from wickwork.services.core import Services
    from wickwork.settings.server import Server


def mcp(
    config: Annotated[Path | None, typer.Argument(metavar="[CONFIG]", help="A configuration with `server`.")] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Offer only the tools that change and start nothing.")
    ] = False,
) -> None:
    """Offer strategies, backtests and reports to an assistant (Model Context Protocol, over stdin and stdout).

    The assistant's program starts this command; a running server is not needed. Real orders are not possible here.
    """
    from wickwork.compat.extras import optional
    from wickwork.launch.folders import context_of
    from wickwork.model.errors import InputError
    from wickwork.settings import load_settings

    if sys.stdin is None:
        raise InputError("standard input is closed, so no assistant can reach this command.")
    optional("mcp", "agents", "`wick mcp`")
    from wickwork.server.serve import open_services

    settings = load_settings(config, None, [])
    services = open_services(settings, context_of(settings).home)
    if sys.stdin.isatty():
        output.note("this is for an assistant's program, which starts it; end it with Ctrl-D.")
    asyncio.run(_serve(services, settings.server, read_only))


async def _serve(services: Services, settings: Server, read_only: bool) -> None:
    from dataclasses import replace

    import structlog

    from wickwork.server.mcp.stdio import serve_stdio
    from wickwork.server.mcp.tool import On
    from wickwork.server.serve import runners_of
    from wickwork.services import identity
    from wickwork.services.access import Access
    from wickwork.services.own_runner import run_when_alone
    from wickwork.store.database import schema

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is the protocol's
    await schema.upgrade(services.database)
    await identity.first_start(services)
    caller = await identity.local_admin(services)
    allowed = {Access.READ} if read_only else {Access.READ, Access.WRITE, Access.RUN}
    on = On(services, replace(caller, scopes=caller.scopes & allowed))
    await serve_stdio(on, [lambda: run_when_alone(services, runners_of(services, settings, 1))])
