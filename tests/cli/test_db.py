from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cli.conftest import Wick
from tests.store.database.made import fill
from wickwork.store.database import schema
from wickwork.store.database.engine import open_database
from wickwork.store.files import Files
from wickwork.store.server_lock import running


@pytest.fixture
def filled(home: Path) -> Path:
    home /= "home"

    async def make() -> None:
        database = open_database(f"sqlite:///{home / 'wickwork.sqlite'}", home / "files")
        await schema.upgrade(database)
        await fill(database)
        await database.close()

    asyncio.run(make())
    return home


def test_a_backup_is_restored_after_a_loss(wick: Wick, filled: Path, tmp_path: Path) -> None:
    backup = tmp_path / "one.zip"
    assert "3 stored files" in wick("db", "backup", backup).out
    assert "is whole" in wick("db", "verify").out
    lost = Files(filled / "files").put(b"shared").sha256
    Files(filled / "files").path(lost).unlink()
    found = wick("db", "verify")
    assert found.code == 1
    assert f"The stored file {lost} is missing" in found.out
    refused = wick("db", "restore", backup)
    assert refused.code == 2
    assert "--force" in refused.err
    with running(filled / "files"):
        assert "server is running" in wick("db", "restore", backup, "--force").err
    answer = wick("db", "restore", backup, "--force")
    assert answer.code == 0
    assert "before-restore.zip" in answer.out
    assert f"The stored file {lost} is missing" not in answer.out
    assert "is whole" in wick("db", "verify").out


def test_a_backup_that_lacks_a_file_says_which(wick: Wick, filled: Path, tmp_path: Path) -> None:
    lost = Files(filled / "files").put(b"shared").sha256
    Files(filled / "files").path(lost).unlink()
    answer = wick("db", "backup", tmp_path / "one.zip")
    assert (answer.code, lost in answer.err) == (1, True)


def test_an_installation_that_is_not_there_is_one_sentence(wick: Wick, home: Path, tmp_path: Path) -> None:
    assert "no database yet" in wick("db", "verify").out
    assert "nothing to back up" in wick("db", "backup", tmp_path / "one.zip").err
    assert "no file" in wick("db", "restore", tmp_path / "one.zip").err
    assert not (home / "home").exists()
    assert f"schema {schema.newest()}" in wick("db", "upgrade").out
