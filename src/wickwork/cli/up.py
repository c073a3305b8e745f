"""`wick up`: the server."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from wickwork.cli import output


def up(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen at.")] = 8420,
    workers: Annotated[int, typer.Option("--workers", min=0, max=64, help="How many jobs are done at once.")] = 1,
) -> None:
    """Start the server and print the link that opens its page."""
    from wickwork.context import Context
    from wickwork.server.serve import open_services, serve

    services = open_services(Context().home)

    def say(link: str) -> None:
        output.say(f"Wickwork is at {link}")
        sys.stdout.flush()

    serve(services, host, port, workers, say)
