"""Fixtures that all tests share.

Hypothesis tries the same examples every time, so that a build is green or red for a reason; `WICKWORK_EXPLORE=1` lets
it look for new ones.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from tests import databases
from tests.redis_server import RedisServer, redis_server
from wickwork.store.database import schema
from wickwork.store.database.engine import Database, open_database

settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", max_examples=1000)
settings.load_profile("explore" if os.environ.get("WICKWORK_EXPLORE") else "steady")

NO_REDIS = "Redis is not installed (Debian: apt-get install redis-server)"
NO_SMALL_DISK = "A small disk cannot be mounted here (this needs root and tmpfs)"
NO_POSTGRESQL = "PostgreSQL is not installed (Debian: apt-get install postgresql)"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[databases.Server | None]:
    with databases.postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def database_names() -> Iterator[str]:
    return (f"wick_{os.getpid()}_{number}" for number in itertools.count())


@pytest.fixture(params=databases.KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'wickwork.sqlite'}"
        return
    server: databases.Server | None = request.getfixturevalue("postgresql_server")
    if server is None:
        refuse_or_skip(NO_POSTGRESQL)
    name = next(request.getfixturevalue("database_names"))
    server.run(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Database]:
    """A database of each kind with the newest schema."""
    found = open_database(database_url, tmp_path / "files")
    await schema.upgrade(found)
    yield found
    await found.close()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A real Redis with nothing in it."""
    with redis_server() as server:
        if server is None:
            refuse_or_skip(NO_REDIS)
        yield server


def refuse_or_skip(why: str) -> NoReturn:
    """Fail where the tests must have all servers (`WICKWORK_NEEDS_SERVERS`), else skip the test."""
    if os.environ.get("WICKWORK_NEEDS_SERVERS"):
        pytest.fail(why)
    pytest.skip(why)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for why in (NO_POSTGRESQL, NO_REDIS, NO_SMALL_DISK):
        skipped = [one for one in terminalreporter.stats.get("skipped", []) if why in str(one.longrepr)]
        if skipped:
            terminalreporter.write_line(f"NOT TESTED: {len(skipped)} tests did not run: {why}.", red=True, bold=True)
