from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest

from tests.store.database.made import fill
from wickwork.context import Context
from wickwork.services import collect
from wickwork.services.child import Place
from wickwork.services.core import Services
from wickwork.services.pool import Pool
from wickwork.store.database import job_queue, jobs, runs
from wickwork.store.database.engine import Database

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


def services_over(database: Database, home: Path) -> Services:
    return Services(database, Context(home), Pool(Place(home, database.folder), 0))


async def test_files_of_a_deleted_run_are_removed_and_shared_ones_stay(database: Database, tmp_path: Path) -> None:
    owner, services = await fill(database), services_over(database, tmp_path)
    for path in database.folder.glob("??/*"):
        os.utime(path, (1, 1))
    assert await collect.collect(services) == 0
    async with database.writing() as session:
        first = (await runs.page(session, owner, None, 1))[0]
        await runs.remove(session, owner, first.id)
    assert await collect.collect(services) == 1
    assert services.files.read(services.files.put(b"shared").sha256) == b"shared"


async def test_what_a_running_job_has_put_is_kept_however_old(database: Database, tmp_path: Path) -> None:
    services, day = services_over(database, tmp_path), 24 * 3_600_000
    stored = services.files.put(b"not recorded yet")
    began = services.now() - 5 * day
    os.utime(services.files.path(stored.sha256), (began / 1000 + 60,) * 2)
    await fill(database)
    async with database.writing() as session:
        taken = await job_queue.take(session, began, "here", 1000, ["backtest"])
        assert taken is not None
    assert await collect.collect(services) == 0
    async with database.writing() as session:
        await job_queue.finish(session, services.now(), "here", taken.id, jobs.DONE)
    assert await collect.collect(services) == 1


async def test_collecting_goes_on_after_an_error(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    async def fails(services: Services) -> int:
        calls.append(services)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(collect, "collect", fails)
    keeps = asyncio.create_task(collect.keep_collecting(services_over(database, tmp_path), 0, 0.001))
    while len(calls) < 3 and not keeps.done():
        await asyncio.sleep(0.001)
    keeps.cancel()
    with suppress(asyncio.CancelledError):
        await keeps
    assert len(calls) >= 3
