"""`wick secrets rotate`: a new key for the secrets of an installation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from wickwork.cli import output

_Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The configuration of the server, if it has one.")
]


def rotate(config: _Config = None) -> None:
    """Make a new key and encrypt the keys of all secrets with it. A server that runs goes on.

    Backups of the database made before can only be read with the key of before: keep it with them.
    """
    from wickwork.launch.folders import context_of
    from wickwork.model.errors import InputError
    from wickwork.server.serve import open_services
    from wickwork.services import identity, vault
    from wickwork.settings import load_settings
    from wickwork.store.database import schema

    settings = load_settings(config)
    services = open_services(settings, context_of(settings).home)

    async def work() -> int:
        try:
            if await schema.version_of(services.database) != schema.newest():
                raise InputError(f"The database of {services.home} is not up to date; start `wick up` once.")
            admin = await identity.local_admin(services)
            return await vault.rotate(services, admin.user_id)
        finally:
            await services.database.close()

    count = asyncio.run(work())
    output.say(f"The key of secrets is a new one; {count} secrets were encrypted anew.")
