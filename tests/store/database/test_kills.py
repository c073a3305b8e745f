"""Backup, restore and upgrade killed with SIGKILL at random moments: WICKWORK_KILLS is how often each."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.store.database.made import everything, fill, with_second_migration, without_restores
from tests.store.database.test_past_versions import ADD
from wickwork.services.verify import faults_of
from wickwork.store.database import archive, audit, schema, upkeep
from wickwork.store.database.engine import Database

pytestmark = pytest.mark.anyio

KILLS = int(os.environ.get("WICKWORK_KILLS", "1"))
WORK = """
import asyncio, sys
from pathlib import Path
from wickwork.store.database import schema, upkeep
from wickwork.store.database.engine import open_database
work, url, files, backups, argument = sys.argv[1:]
database, backups, argument = open_database(url, Path(files)), Path(backups), Path(argument)
if work == "upgrade":
    schema._FOLDER = argument
print("begins", flush=True)
asyncio.run({
    "backup": lambda: upkeep.backup(database, argument),
    "restore": lambda: upkeep.restore(database, argument, backups, force=True),
    "upgrade": lambda: upkeep.upgrade(database, backups),
}[work]())
"""


class Killed:
    """Runs a piece of work in a process of its own, which is killed at a random moment of it."""

    def __init__(self, seed: int) -> None:
        self._chance, self._seconds = random.Random(seed), 0.0

    def run(self, work: Sequence[str], kill: bool = True) -> bool:
        """Whether the work ended before it was killed. The first call is never killed: it measures."""
        process = subprocess.Popen([sys.executable, "-c", WORK, *work], stdout=subprocess.PIPE)  # noqa: S603
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        if not kill:
            process.wait(120)
            self._seconds = time.monotonic() - began
        else:
            time.sleep(self._chance.uniform(0, self._seconds))
            process.kill()
        process.stdout.close()
        return process.wait(120) == 0


async def test_a_killed_backup_leaves_no_file_or_a_whole_one(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await fill(database, 30)
    await database.close()
    killed = Killed(1)
    for number in range(KILLS + 1):
        target = tmp_path / f"{number}.zip"
        work = ["backup", database_url, str(database.folder), str(tmp_path), str(target)]
        assert killed.run(work, kill=number > 0) or number
        if target.exists():
            with archive.reading(target) as found:
                found.check()
    assert await faults_of(database) == []


async def test_a_killed_restore_leaves_the_old_state_or_the_new_one(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await fill(database, 30)
    await upkeep.backup(database, tmp_path / "0.zip")
    states = [await everything(database)]
    async with database.writing() as session:
        await audit.append(session, 60, "system", "later")
    await upkeep.backup(database, tmp_path / "1.zip")
    states.append(await everything(database))
    await database.close()
    killed = Killed(2)
    for number in range(KILLS + 1):
        source = tmp_path / f"{number % 2}.zip"
        work = ["restore", database_url, str(database.folder), str(tmp_path / "backups"), str(source)]
        assert killed.run(work, kill=number > 0) or number
        assert without_restores(await everything(database)) in states
        assert await faults_of(database) == []
        await database.close()


async def test_a_killed_upgrade_leaves_the_old_schema_or_the_new_one(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(database, 30)
    old = schema.newest()
    monkeypatch.setattr(schema, "_FOLDER", with_second_migration(tmp_path / "migrations", ADD.strip()))
    killed = Killed(3)
    for number in range(KILLS + 1):
        await database.close()
        work = ["upgrade", database_url, str(database.folder), str(tmp_path / "backups"), str(schema._FOLDER)]
        assert killed.run(work, kill=number > 0) or number
        assert await schema.version_of(database) in (old, "next")
        await database.close()
        await upkeep.upgrade(database, tmp_path / "backups")
        assert await faults_of(database) == []
        await database.close()
        async with database.writing() as session:
            for undo in ("DROP TABLE notes", "ALTER TABLE runs DROP COLUMN starred"):
                await session.execute(text(undo))
            await session.execute(text("UPDATE alembic_version SET version_num = :old"), {"old": old})
