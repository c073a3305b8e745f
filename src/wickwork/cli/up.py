"""`wick up`: the server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wickwork.cli import output


def up(
    config: Annotated[Path | None, typer.Argument(metavar="[CONFIG]", help="A configuration with `server`.")] = None,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen at.")] = "",
    port: Annotated[str, typer.Option("--port", metavar="NUMBER", help="The port to listen at.")] = "",
    workers: Annotated[str, typer.Option("--workers", metavar="NUMBER", help="How many jobs are done at once.")] = "",
) -> None:
    """Start the server and print the link that opens its page."""
    from wickwork.launch.prepare import context_of
    from wickwork.server.serve import open_services, serve
    from wickwork.settings import load_settings

    given = {"host": host, "port": port, "workers": workers}
    settings = load_settings(config, None, [(f"--{k}", f"server.{k}", v) for k, v in given.items() if v])
    services = open_services(settings, context_of(settings).home)

    def say(link: str) -> None:
        output.say(f"Wickwork is at {link}")
        sys.stdout.flush()

    serve(services, settings.server, say)
