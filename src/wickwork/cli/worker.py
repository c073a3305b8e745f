"""`wick worker`: a process that only does jobs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wickwork.cli import output


def worker(
    config: Annotated[Path | None, typer.Argument(metavar="[CONFIG]", help="A configuration with `server`.")] = None,
    workers: Annotated[str, typer.Option("--workers", metavar="NUMBER", help="How many jobs are done at once.")] = "",
) -> None:
    """Do the jobs of the server without answering requests; more than one may run.

    It uses the database and the folder that the configuration names for `wick up`. End it with Ctrl-C or SIGTERM: what
    it was doing is queued again at once, and runs on paper go on from their journals.
    """
    from wickwork.launch.folders import context_of
    from wickwork.server.serve import open_services
    from wickwork.server.worker import work
    from wickwork.settings import load_settings

    given = [("--workers", "server.workers", workers)] if workers else []
    settings = load_settings(config, None, given)
    services = open_services(settings, context_of(settings).home)
    count = max(settings.server.workers, 1)

    def say() -> None:
        output.say(f"Doing jobs, {output.many(count, 'job')} at once.")
        sys.stdout.flush()

    work(services, settings.server, count, say)
    output.say("Stopped; what was being done is in the queue again.")
