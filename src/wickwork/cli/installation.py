"""Doing something with the installation of a server, from a command on its machine, whether the server runs or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from wickwork.cli import configuration

if TYPE_CHECKING:
    from wickwork.services.access import Caller
    from wickwork.services.core import Services
    from wickwork.settings import Settings

Result = TypeVar("Result")
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The configuration of the server, else that of WICKWORK_CONFIG."),
]
User = Annotated[str, typer.Option("--user", metavar="NAME", help="For this user, instead of the first administrator.")]


def settings_of(config: Path | None) -> Settings:
    """The settings of the server's configuration. Raises SettingsFaults."""
    from wickwork.settings import load_settings

    return load_settings(configuration.path_of_configuration(config, needed=False))


def done(settings: Settings, user: str, act: Callable[[Services, Caller], Awaitable[Result]]) -> Result:
    """What `act` returns, called with the services and the user of that name, else the first administrator.

    Raises InputError where there is no such user, and where no server was ever started over this folder.
    """
    from wickwork.launch.folders import context_of
    from wickwork.server.serve import open_services

    async def doing() -> Result:
        services = open_services(settings, context_of(settings).home)
        try:
            return await act(services, await _caller(services, user))
        finally:
            await services.database.close()

    return asyncio.run(doing())


async def _caller(services: Services, user: str) -> Caller:
    from wickwork.model.errors import InputError
    from wickwork.services import identity
    from wickwork.store.database import schema

    version = await schema.version_of(services.database)
    if version is None:
        raise InputError(f"No server was started over {services.home} yet; start one with `wick up`.")
    if version != schema.newest():
        raise InputError(
            f"The database of {services.home} has the schema {version}, and this program needs {schema.newest()}; "
            "start the server once with `wick up`, which brings it up to date."
        )
    return await identity.local_user(services, user) if user else await identity.local_admin(services)
