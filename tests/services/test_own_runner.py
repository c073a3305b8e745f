"""A process that is not the server does jobs only where no other process does them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from wickwork.context import Context
from wickwork.services.child import Place
from wickwork.services.core import Services
from wickwork.services.own_runner import run_when_alone
from wickwork.services.pool import Pool
from wickwork.store.database import job_queue, jobs, users
from wickwork.store.database.engine import Database
from wickwork.store.database.job_watch import nobody_does_them

pytestmark = pytest.mark.anyio


async def add_job(database: Database, at: int, name: str = "one") -> None:
    async with database.writing() as session:
        user = await users.named(session, "someone") or await users.add(session, at, "someone", "trader")
        await jobs.add(session, at, user.id, "backtest", {}, name)


async def alone(database: Database, at: int) -> bool:
    async with database.reading() as session:
        return await nobody_does_them(session, at, 1_000)


async def test_a_job_that_waits_long_is_done_by_nobody(database: Database) -> None:
    assert not await alone(database, 10_000)
    await add_job(database, 10_000)
    assert not await alone(database, 10_500)
    assert await alone(database, 11_000)


async def test_jobs_are_done_while_a_lease_is_renewed(database: Database) -> None:
    await add_job(database, 10_000, "one")
    await add_job(database, 10_000, "two")
    async with database.writing() as session:
        await job_queue.take(session, 10_000, "the server", 15_000, ["backtest"])
    assert not await alone(database, 25_000)
    assert await alone(database, 26_000)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_runners_begin_when_a_job_waits(database: Database, tmp_path: Path) -> None:
    now, began = 10_000, asyncio.Event()
    services = Services(database, Context(tmp_path), Pool(Place(tmp_path, tmp_path), 0), now=lambda: now)

    async def run() -> None:
        began.set()
        await asyncio.sleep(1000)

    doing = asyncio.create_task(run_when_alone(services, [run]))
    await add_job(database, 10_000)
    await asyncio.sleep(0.05)
    assert not began.is_set()
    now = 12_000
    async with asyncio.timeout(10):
        await began.wait()
    doing.cancel()
    await asyncio.gather(doing, return_exceptions=True)
    assert doing.cancelled()
