"""The kills of `kill_server` in short (WICKWORK_KILLS is how many), and a broken build that they must detect."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.databases import Server
from tests.endurance.kill_server import Installation, run
from tests.ports import free_port

KILLS = int(os.environ.get("WICKWORK_KILLS", "1"))

ACKNOWLEDGES_TOO_EARLY = """
import asyncio
from contextlib import asynccontextmanager
from sqlalchemy.ext.asyncio import async_sessionmaker
from wickwork.cli import main
from wickwork.store.database.engine import Database
later = set()

@asynccontextmanager
async def writing(self):
    session = async_sessionmaker(self.writers, expire_on_commit=False)()
    await session.begin()
    try:
        yield session
        await session.flush()
    except BaseException:
        await session.rollback()
        await session.close()
        raise

    async def commit():
        await asyncio.sleep(0.3)
        await session.commit()
        await session.close()

    task = asyncio.ensure_future(commit())
    later.add(task)
    task.add_done_callback(later.discard)

Database.writing = writing
raise SystemExit(main())
"""

RECORDS_IN_TWO_STEPS = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from wickwork.cli import main
from wickwork.services import job_work, runner
from wickwork.services.kinds import registry
from wickwork.store.database import job_queue, jobs

async def record(self, job, outcome, report):
    async with self._services.database.writing() as session:
        result = await registry.kind_named(job.kind).record(session, self._services.now(), job, outcome)
    marker = self._services.home / "was-killed"
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    async with self._services.database.writing() as session:
        await job_queue.finish(session, self._services.now(), self.name, job.id, jobs.DONE, result)

async def unknown(session, job, manifest_hash):
    return None

runner._LEASE = 2000
runner.Runner._record = record
job_work.kind_named = runner.kind_named = lambda name: replace(registry.kind_named(name), known=unknown)
raise SystemExit(main())
"""
long_form = pytest.mark.skipif("WICKWORK_KILLS" not in os.environ, reason="takes long; WICKWORK_KILLS=20 runs it")


def installation(tmp_path: Path, *command: str) -> Installation:
    return Installation(tmp_path / "home", free_port(), [sys.executable, *command])


def test_kills_lose_nothing_that_was_acknowledged(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if "postgresql" in database_url and "WICKWORK_KILLS" not in os.environ:
        pytest.skip("takes long; WICKWORK_KILLS=20 runs it")
    where = installation(tmp_path, "-m", "wickwork")
    where.prepare(database_url)
    server: Server | None = request.getfixturevalue("postgresql_server") if "postgresql" in database_url else None
    kept, found = run(where, KILLS, server=server)
    assert found == []
    assert kept.count() > 0


@long_form
def test_a_build_that_acknowledges_before_the_commit_is_detected(tmp_path: Path) -> None:
    where = installation(tmp_path, "-c", ACKNOWLEDGES_TOO_EARLY)
    where.prepare(f"sqlite:///{tmp_path / 'home' / 'wickwork.sqlite'}")
    _, found = run(where, 1)
    assert any("is lost" in one for one in found), found


@long_form
def test_a_build_that_records_a_run_before_the_end_of_its_job_is_detected(tmp_path: Path) -> None:
    where = installation(tmp_path, "-c", RECORDS_IN_TWO_STEPS)
    where.prepare(f"sqlite:///{tmp_path / 'home' / 'wickwork.sqlite'}")
    kept, found = run(where, 1)
    assert kept.jobs
    assert any("2 runs were recorded for one job" in one for one in found), found
