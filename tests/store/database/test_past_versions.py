"""Upgrades: from every version that was ever released, and what a kill in the middle of one leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.store.database.made import everything, fill, with_second_migration, without_restores
from wickwork.model.errors import Refused
from wickwork.services.verify import faults_of
from wickwork.store.database import schema, upkeep
from wickwork.store.database.engine import Database, open_database
from wickwork.store.server_lock import running

pytestmark = pytest.mark.anyio

ADD = """
op.create_table("notes", sa.Column("id", sa.Text(), primary_key=True), sa.Column("text", sa.Text()))
op.execute("INSERT INTO notes VALUES ('1', 'made by the migration')")
with op.batch_alter_table("runs") as runs:
    runs.add_column(sa.Column("starred", sa.Boolean(), nullable=False, server_default=sa.false()))
"""


@pytest.fixture
def second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """There is one more version of the schema, `next`."""
    monkeypatch.setattr(schema, "_FOLDER", with_second_migration(tmp_path / "migrations", ADD.strip()))
    assert schema.newest() == "next"
    return "next"


async def test_an_upgrade_makes_a_backup_and_keeps_every_row(
    database: Database, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(database)
    before, old = await everything(database), schema.newest()
    request.getfixturevalue("second")
    assert any("wick db upgrade" in one for one in await faults_of(database))
    monkeypatch.setattr(upkeep, "PATIENCE", 0.1)
    with running(database.folder), pytest.raises(Refused, match="server is running"):
        await upkeep.upgrade(database, tmp_path / "backups")
    saved = await upkeep.upgrade(database, tmp_path / "backups")
    assert saved is not None
    assert saved.schema == old
    after = await everything(database)
    assert [row[:-1] for row in after.pop("runs")] == before.pop("runs")
    assert after.pop("notes") == [("1", "made by the migration")]
    assert without_restores(after) == before
    assert await upkeep.upgrade(database, tmp_path / "backups") is None
    assert await faults_of(database) == []


@pytest.mark.parametrize("version", schema.versions())
async def test_a_database_of_each_past_version_is_upgraded(database_url: str, version: str, tmp_path: Path) -> None:
    database = open_database(database_url, tmp_path / "files")
    schema.make_place(database)
    async with database.writing() as session:
        await (await session.connection()).run_sync(schema.upgrade_on, version)
    await upkeep.upgrade(database, tmp_path)
    assert await schema.version_of(database) == schema.newest()
    assert await faults_of(database) == []
    await database.close()


@pytest.mark.usefixtures("second")
async def test_a_backup_of_an_older_schema_is_restored_and_upgraded(database_url: str, tmp_path: Path) -> None:
    old = open_database(f"sqlite:///{tmp_path / 'old.sqlite'}", tmp_path / "old")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(schema, "_FOLDER", Path(schema.__file__).with_name("migrations"))
        await schema.upgrade(old)
        await fill(old)
        await upkeep.backup(old, tmp_path / "old.zip")
    database = open_database(database_url, tmp_path / "files")
    await upkeep.restore(database, tmp_path / "old.zip", tmp_path)
    assert await schema.version_of(database) == "next"
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM runs WHERE NOT starred")) == 2
    assert await faults_of(database) == []
    await old.close()
    await database.close()


UPGRADE = """
import asyncio, sys
from pathlib import Path
from wickwork.store.database import schema, upkeep
from wickwork.store.database.engine import open_database
schema._FOLDER = Path(sys.argv[2])
asyncio.run(upkeep.upgrade(open_database(sys.argv[1], Path(sys.argv[3])), Path(sys.argv[4])))
"""


async def test_a_kill_in_the_middle_of_an_upgrade_leaves_the_old_schema(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await fill(database)
    before, old = await everything(database), schema.newest()
    await database.close()
    dying = with_second_migration(tmp_path / "dying", f"{ADD.strip()}\nos.kill(os.getpid(), signal.SIGKILL)")
    arguments = [database_url, str(dying), str(database.folder), str(tmp_path / "backups")]
    ended = subprocess.run([sys.executable, "-c", UPGRADE, *arguments], check=False, env=dict(os.environ))  # noqa: S603
    assert ended.returncode == -signal.SIGKILL
    assert await schema.version_of(database) == old
    assert await everything(database) == before
    assert await faults_of(database) == []
    assert len(list((tmp_path / "backups").glob("*.zip"))) == 1
