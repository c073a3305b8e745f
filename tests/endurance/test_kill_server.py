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


def test_a_build_that_acknowledges_before_the_commit_is_detected(tmp_path: Path) -> None:
    where = installation(tmp_path, "-c", ACKNOWLEDGES_TOO_EARLY)
    where.prepare(f"sqlite:///{tmp_path / 'home' / 'wickwork.sqlite'}")
    _, found = run(where, 1)
    assert any("is lost" in one for one in found), found
