from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from wickwork.model.errors import Refused
from wickwork.store.database import schema
from wickwork.store.database.engine import Database, open_database
from wickwork.store.database.tables import Table

pytestmark = pytest.mark.anyio


async def test_the_migrations_make_the_tables_that_the_program_uses(database: Database) -> None:
    def compared(connection: Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection), Table.metadata)

    async with database.reading() as session:
        differences = await (await session.connection()).run_sync(compared)
    assert differences == []


async def test_only_its_user_may_read_a_database_file(database: Database) -> None:
    if database.kind == "sqlite":
        assert Path(database.url.database or "").stat().st_mode & 0o777 == 0o600


async def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    assert await schema.version_of(database) == schema.newest()
    assert not await schema.upgrade(database)


async def test_a_newer_schema_is_refused(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="9999, which a newer version"):
        await schema.upgrade(database)


async def test_a_database_of_another_program_is_refused_and_left_alone(database_url: str, tmp_path: Path) -> None:
    database = open_database(database_url, tmp_path / "files")
    async with database.writing() as session:
        await session.execute(text("CREATE TABLE users (id INTEGER)"))
    with pytest.raises(Refused, match="a table users already"):
        await schema.upgrade(database)
    assert await schema.version_of(database) is None
    await database.close()
