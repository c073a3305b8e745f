"""`wick up`: the server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wickwork.cli import configuration, output

Config = Annotated[
    Path | None,
    typer.Argument(metavar="[CONFIG]", help="A configuration with `server`; else the one that WICKWORK_CONFIG names."),
]


def up(
    config: Config = None,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen at.")] = "",
    port: Annotated[str, typer.Option("--port", metavar="NUMBER", help="The port to listen at.")] = "",
    workers: Annotated[str, typer.Option("--workers", metavar="NUMBER", help="How many jobs are done at once.")] = "",
    system_v4_port: Annotated[
        str, typer.Option("--system-v4-port", metavar="NUMBER", help="A port for System V4's clients on this machine.")
    ] = "",
    demo: Annotated[
        bool, typer.Option("--demo", help="Answer System V4's clients from the demo market, whose prices are made up.")
    ] = False,
    changed: configuration.Changes = None,
) -> None:
    """Start the server and print the link that opens its page."""
    given = {"host": host, "port": port, "workers": workers, "system_v4_port": system_v4_port}
    options = [(f"--{name.replace('_', '-')}", f"server.{name}", value) for name, value in given.items() if value]
    options += [("--demo", "server.demo", "true")] if demo else []
    options += configuration.options_of(changed)
    file = configuration.path_of_configuration(config, needed=False)

    from wickwork.launch.folders import context_of
    from wickwork.server.live_settings import Source, server_of
    from wickwork.server.serve import open_services, serve
    from wickwork.settings import load_settings

    settings = load_settings(file, None, options)
    services = open_services(settings, context_of(settings).home)

    def say(link: str) -> None:
        output.write_text(f"Wickwork is at {link}\n")  # a terminal must not break the link
        sys.stdout.flush()

    serve(services, server_of(settings), say, Source(file, options))
