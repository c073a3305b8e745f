from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import text

from tests.store.database.made import everything, fill, without_restores
from wickwork.model.errors import InputError, Refused
from wickwork.services.verify import faults_of
from wickwork.store.database import archive, runs, schema, upkeep
from wickwork.store.database.engine import Database, open_database
from wickwork.store.database.tables import LoginLink
from wickwork.store.files import Files
from wickwork.store.server_lock import running

pytestmark = pytest.mark.anyio
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_backup_restores_every_row_and_file_also_into_the_other_kind(
    database: Database, tmp_path: Path
) -> None:
    await fill(database)
    saved = await upkeep.backup(database, tmp_path / "one.zip")
    assert (saved.files, saved.missing) == (3, [])
    other = open_database(f"sqlite:///{tmp_path / 'other' / 'x.sqlite'}", tmp_path / "other" / "files")
    restored = await upkeep.restore(other, tmp_path / "one.zip", tmp_path)
    again = await upkeep.backup(other, tmp_path / "two.zip")
    assert restored.rows == again.rows - 1 == saved.rows  # the audit log has the restore
    with archive.reading(tmp_path / "one.zip") as one, archive.reading(tmp_path / "two.zip") as two:
        differences = {n for n, e in one.manifest["entries"].items() if two.manifest["entries"][n] != e}
    assert differences == {"tables/audit.jsonl"}
    assert await faults_of(other) == []
    before = await everything(database)
    await upkeep.restore(database, tmp_path / "two.zip", tmp_path / "backups", force=True)
    assert without_restores(await everything(database)) == before
    assert await faults_of(database) == []
    await other.close()


async def test_a_backup_is_one_state_while_others_write(database: Database, tmp_path: Path) -> None:
    owner = await fill(database, 1)
    again = upkeep._write_rows

    def slowly(connection: object, version: str, writer: archive.Writer) -> object:
        # The other writer commits between two tables of the backup: after its transaction has begun.
        if "sqlite" in str(database.url):
            import sqlite3

            connection.execute(text("SELECT count(*) FROM users"))  # type: ignore[attr-defined]
            with sqlite3.connect(str(database.url.database)) as second:
                second.execute("DELETE FROM runs")
        else:
            connection.execute(text("SELECT count(*) FROM users"))  # type: ignore[attr-defined]
            from tests.databases import programs

            where = database.url
            os.spawnl(  # noqa: S606
                os.P_WAIT, str((programs() or Path()) / "psql"), "psql", "-qh", str(where.host), "-p", str(where.port),
                "-U", str(where.username), "-c", "DELETE FROM runs", str(where.database),
            )  # fmt: skip
        return again(connection, version, writer)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(upkeep, "_write_rows", slowly)
        await upkeep.backup(database, tmp_path / "one.zip")
    async with database.reading() as session:
        assert await runs.page(session, owner, None, 9) == []
    await upkeep.restore(database, tmp_path / "one.zip", tmp_path, force=True)
    async with database.reading() as session:
        assert len(await runs.page(session, owner, None, 9)) == 1
    assert await faults_of(database) == []


@on_sqlite
async def test_any_damaged_byte_of_an_archive_is_refused_and_named(database: Database, tmp_path: Path) -> None:
    await fill(database)
    source = tmp_path / "one.zip"
    await upkeep.backup(database, source)
    whole = source.read_bytes()
    with ZipFile(source) as opened:
        starts = {one.filename: one.header_offset for one in opened.infolist()}
    other = open_database(f"sqlite:///{tmp_path / 'other.sqlite'}", tmp_path / "others")
    for name, start in starts.items():
        at = start + 30 + len(name) + int.from_bytes(whole[start + 28 : start + 30], "little")  # its first byte
        source.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        with pytest.raises(InputError, match=f"The entry {name}|its entry {name}"):
            await upkeep.restore(other, source, tmp_path)
    for cut in (0, 1, len(whole) // 2, len(whole) - 1):
        source.write_bytes(whole[:cut])
        with pytest.raises(InputError, match="no backup"):
            await upkeep.restore(other, source, tmp_path)
    assert await schema.version_of(other) is None
    await other.close()


def changed(source: Path, target: Path, **values: object) -> Path:
    """A copy of an archive with other values in its manifest."""
    with ZipFile(source) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == archive.MANIFEST:
                content = json.dumps(json.loads(content) | values).encode()
            new.writestr(name, content)
    return target


@on_sqlite
async def test_what_a_restore_refuses_leaves_everything_as_it_was(database: Database, tmp_path: Path) -> None:
    await fill(database)
    source, backups = tmp_path / "one.zip", tmp_path / "backups"
    await upkeep.backup(database, source)
    before = await everything(database)
    with pytest.raises(Refused, match="--force"):
        await upkeep.restore(database, source, backups)
    with pytest.raises(Refused, match="newer version"):
        await upkeep.restore(database, changed(source, tmp_path / "new.zip", schema="9999"), backups, force=True)
    with pytest.raises(InputError, match="newer version"):
        await upkeep.restore(database, changed(source, tmp_path / "format.zip", format=2), backups, force=True)
    with running(database.folder), pytest.raises(Refused, match="server is running"):
        await upkeep.restore(database, source, backups, force=True)
    with pytest.raises(InputError, match="There is no file"):
        await upkeep.restore(database, tmp_path / "none.zip", backups, force=True)
    with pytest.raises(InputError, match="exists already"):
        await upkeep.backup(database, source)
    assert not backups.exists()
    assert await everything(database) == before


async def test_rows_that_do_not_fit_are_refused_and_nothing_is_changed(database: Database, tmp_path: Path) -> None:
    await fill(database)
    await upkeep.backup(database, tmp_path / "one.zip")
    before = await everything(database)
    for number, row in enumerate(([1], ["x"] * 6, [None] * 6, {"a": 1}, 7, ["a", "b", None, None, None, None])):
        lines = b'["id","owner","kind"]\n' if number == 5 else None
        source = _with_entry(tmp_path / "one.zip", tmp_path / f"bad{number}.zip", "tables/run_files.jsonl", row, lines)
        with pytest.raises(InputError, match="The table run_files of the backup"):
            await upkeep.restore(database, source, tmp_path, force=True)
    assert await everything(database) == before


def _with_entry(source: Path, target: Path, name: str, row: object, header: bytes | None) -> Path:
    with archive.reading(source) as old, target.open("wb") as file, archive.writing(file) as writer:
        for one in old.manifest["entries"]:
            content = old.read(one)
            if one == name:
                first = content.splitlines(keepends=True)[0]
                content = (header or first) + json.dumps(row).encode() + b"\n"
            writer.add(one, [content])
        writer.finish(schema=old.schema, missing=[], made_at=1)
    return target


async def test_a_restore_lets_nobody_in_who_had_a_link(database: Database, tmp_path: Path) -> None:
    owner = await fill(database)
    async with database.writing() as session:
        session.add(LoginLink(hash="x", user_id=owner, expires_at=2**50))
    await upkeep.backup(database, tmp_path / "one.zip")
    await upkeep.restore(database, tmp_path / "one.zip", tmp_path, force=True)
    assert (await everything(database))["login_links"] == []


@on_sqlite
async def test_a_backup_without_a_damaged_file_says_so(database: Database, tmp_path: Path) -> None:
    await fill(database)
    stored = Files(database.folder).put(b"shared")
    Files(database.folder).path(stored.sha256).write_bytes(b"sharee")
    saved = await upkeep.backup(database, tmp_path / "one.zip")
    assert saved.missing == [stored.sha256]
    shutil.rmtree(database.folder)
    restored = await upkeep.restore(database, tmp_path / "one.zip", tmp_path, force=True)
    assert restored.missing == [stored.sha256]
    assert len(await faults_of(database)) == 2  # the two runs that had it


async def test_every_kind_of_fault_is_found(database: Database, tmp_path: Path) -> None:
    await fill(database)
    await upkeep.backup(database, tmp_path / "one.zip")
    stored = Files(database.folder).put(b"content 1")
    damages = {
        "UPDATE audit SET detail = '{}' WHERE number = 2": "Entry 2 of the audit log was changed",
        "DELETE FROM audit WHERE number = 1": "Entry 1 of the audit log is missing",
        "UPDATE strategy_versions SET document = 'x'": "cannot be read",
        "UPDATE strategy_versions SET graph_hash = 'x'": "its hash is another",
        "DELETE FROM strategy_versions": "some are missing",
        f"UPDATE run_files SET sha256 = 'no' WHERE sha256 = '{stored.sha256}'": "is missing",  # noqa: S608
        "UPDATE run_files SET size = 3 WHERE name = 'a.gz'": "3 are recorded",
        "DROP TABLE run_files": "The table run_files is missing",
    }
    for statement, fault in damages.items():
        async with database.writing() as session:
            await session.execute(text(statement))
        found = await faults_of(database)
        assert any(fault in one for one in found), (statement, found)
        if "DROP" not in statement:
            await upkeep.restore(database, tmp_path / "one.zip", tmp_path / "backups", force=True)


@on_sqlite
async def test_a_damaged_database_file_and_a_lost_parent_are_found(database: Database) -> None:
    import sqlite3

    await fill(database, 40)
    await database.close()
    path = Path(str(database.url.database))
    with sqlite3.connect(path) as direct:
        direct.execute("DELETE FROM users")
    direct.close()
    assert any("refers to a row of users that is missing" in one for one in await faults_of(database))
    await database.close()
    content = bytearray(path.read_bytes())
    for at in range(4096 * 4, len(content), 4096 * 3):
        content[at : at + 64] = b"\xff" * 64
    path.write_bytes(content)
    assert any("damaged" in one for one in await faults_of(database))
    await database.close()
    path.write_bytes(b"something else " * 1000)
    assert any("is damaged" in one for one in await faults_of(database))
