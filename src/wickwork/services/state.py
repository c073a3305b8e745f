"""How the parts of the installation are."""

from __future__ import annotations

import os
import shutil
import time
from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wickwork.model.errors import WickworkError
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database import job_watch, schema

LEAST_FREE = 500_000_000
"""Free bytes below which a disk counts as full: a run's files and the database need some."""
_PATIENCE = 60_000
"""For how long (ms) a job may wait before it counts as waiting for a job process that is not there."""


@dataclass(frozen=True)
class Part:
    """One part of the installation."""

    name: str
    ok: bool
    detail: str


async def ready(services: Services) -> None:
    """Return where the server can work. Raises Unavailable where the database does not answer."""
    await services.database.ping()


async def parts(services: Services, caller: Caller, runners: int) -> list[Part]:
    """How each part is; `runners` is how many jobs this process does at once."""
    caller.require(Access.READ)
    return [
        await _database(services),
        await to_thread(disk, services.home),
        await _jobs(services, runners),
        await _events(services),
        await to_thread(_bars, services.home / "bars"),
    ]


async def latency(services: Services) -> float | None:
    """The seconds that a trivial query takes; None where the database does not answer."""
    began = time.perf_counter()
    try:
        await ready(services)
    except WickworkError:
        return None
    return time.perf_counter() - began


async def jobs_by_state(services: Services) -> Mapping[tuple[str, str], int]:
    """How many jobs there are, by state and kind; empty where the database does not answer."""
    try:
        async with services.database.reading() as session:
            return await job_watch.by_state(session)
    except WickworkError:
        return {}


async def _database(services: Services) -> Part:
    try:
        version = await schema.version_of(services.database)
        seconds = await latency(services)
    except WickworkError as error:
        return Part("database", False, str(error))
    took = "does not answer" if seconds is None else f"answers in {seconds * 1000:.1f} ms"
    return Part("database", seconds is not None, f"{services.database.kind}, schema {version}, {took}")


def disk(home: Path) -> Part:
    """How much space there is where the installation is."""
    near = home
    while not near.exists() and near != near.parent:
        near = near.parent
    try:
        free = shutil.disk_usage(near).free
    except OSError as error:
        return Part("disk", False, f"{near}: {error.strerror or error}")
    well = free >= LEAST_FREE and os.access(near, os.W_OK)
    hint = "" if well else f"; make room ({LEAST_FREE / 1e6:,.0f} MB are needed) and let this user write there"
    return Part("disk", well, f"{free / 1e9:,.1f} GB free at {near}{hint}")


async def _jobs(services: Services, runners: int) -> Part:
    try:
        async with services.database.reading() as session:
            load = await job_watch.load(session, services.now(), _PATIENCE)
    except WickworkError as error:
        return Part("jobs", False, str(error))
    said = f"{load.running} running, {load.waiting} waiting for more than a minute, {runners} at once in this process"
    if load.left or (load.waiting and not load.running):
        return Part("jobs", False, f"{said}; no process does them: start one with `wick worker`")
    return Part("jobs", True, said)


async def _events(services: Services) -> Part:
    try:
        await services.events.ping()
    except WickworkError as error:
        return Part("events", False, str(error))
    return Part("events", True, f"{services.events.kind}, number {services.events.last} is the newest")


def _bars(folder: Path) -> Part:
    if not folder.exists():
        return Part("bars", True, "none yet; download some with `wick data download`")
    if not os.access(folder, os.R_OK | os.X_OK):
        return Part("bars", False, f"{folder} cannot be read; change its permissions")
    count = sum(1 for _ in folder.glob("[!.]*/*/*/manifest.json"))
    return Part("bars", True, f"{count} series at {folder}")
