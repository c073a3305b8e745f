"""The checks of `wick doctor` that concern the server: they do for a moment what `wick up` does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from wickwork.cli import configuration
from wickwork.cli.checks import CheckResult, tried

if TYPE_CHECKING:
    from wickwork.settings import Settings


def server_checks() -> Iterator[CheckResult]:
    """Settings, database, Redis, child process, disk, port: for the configuration that WICKWORK_CONFIG names."""
    from wickwork.settings import Settings, load_settings

    found = [Settings()]

    def read() -> CheckResult:
        file = configuration.path_of_configuration(None, needed=False)
        found[0] = load_settings(file)
        return CheckResult("", True, str(file) if file else "the defaults, and the environment; no file is named")

    yield tried("settings", read)
    checks: dict[str, Callable[[Settings], CheckResult]] = {
        "database": _database, "child process": _child, "disk": _disk, "port": _port,
    }  # fmt: skip
    if found[0].server.redis:
        checks["redis"] = _redis
    for name, check in checks.items():
        yield tried(name, lambda check=check: check(found[0]))  # type: ignore[misc]


def _home(settings: Settings) -> Path:
    from wickwork.launch.folders import context_of

    return context_of(settings).home


def _database(settings: Settings) -> CheckResult:
    """Open the database and read the version of its schema."""
    from wickwork.server.serve import open_services
    from wickwork.store.database import schema

    async def look() -> CheckResult:
        database = open_services(settings, _home(settings)).database
        try:
            version = await schema.version_of(database)
        finally:
            await database.close()
        if version is None:
            return CheckResult("", True, f"{database.kind}, not there yet; `wick up` makes it")
        schema.refuse_newer(version)
        newest = schema.newest()
        note = "" if version == newest else f"; `wick up` brings it to {newest}"
        return CheckResult("", True, f"{database.kind}, schema {version}{note}")

    return asyncio.run(look())


def _redis(settings: Settings) -> CheckResult:
    from wickwork.server.serve import redis_events

    async def look() -> CheckResult:
        events = redis_events(settings.server.redis.reveal() if settings.server.redis else "")
        try:
            await events.ping()
        finally:
            await events.close()
        return CheckResult("", True, "answers")

    return asyncio.run(look())


def _child(settings: Settings) -> CheckResult:
    """Start a process as jobs have one, and let it do a short run."""
    from wickwork.services.child import Child, Place
    from wickwork.services.work.self_test import RIGHT

    async def look() -> CheckResult:
        child = Child(Place(_home(settings), _home(settings) / "files"))
        try:
            async with asyncio.timeout(120):
                found = await child.call("wickwork.services.work.self_test:run", {})
        finally:
            child.kill()
        if abs(found["equity"] - RIGHT) > 1e-9 or found["process"] == os.getpid():
            return CheckResult("", False, f"its short run gave {found['equity']!r} instead of {RIGHT}; reinstall")
        return CheckResult("", True, "was started, did a short run, and gave the right result")

    return asyncio.run(look())


def _disk(settings: Settings) -> CheckResult:
    from wickwork.services.state import disk

    found = disk(_home(settings))
    return CheckResult("", found.ok, found.detail)


def _port(settings: Settings) -> CheckResult:
    """Whether `wick up` could listen, or does already."""
    from wickwork.server.listening import address_of, listen, refuse_exposed
    from wickwork.server.running import running

    server = settings.server
    found = running(_home(settings))
    if found is not None:
        return CheckResult("", True, f"the server runs at {found['address']} (process {found['process']})")
    refuse_exposed(server)
    listen(server.host, server.port).close()
    return CheckResult("", True, f"{address_of(server)} is free")
