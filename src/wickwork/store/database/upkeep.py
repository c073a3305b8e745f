"""Backup, restore and upgrade of a whole installation: its database and its stored files.

A backup is one archive (`archive`) of one state of the database, made while the server runs. It has the same form for
SQLite and PostgreSQL, so a backup of the one can be restored into the other. A restore replaces all rows in one
transaction, so a kill at any moment leaves the old state or the new one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as version_of_package
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, select, text

from wickwork.model.errors import Conflict, InputError, Refused, WickworkError
from wickwork.store.database import archive, audit, rows, schema
from wickwork.store.database.engine import POSTGRESQL, Database
from wickwork.store.database.file_references import HASH_COLUMN
from wickwork.store.durable import make_folder, replacing
from wickwork.store.files import Files
from wickwork.store.server_lock import alone

PATIENCE = 10.0
"""Seconds for which an upgrade waits for servers that are ending."""
LEFT_OUT = frozenset({"sessions", "login_links", "tickets"})
"""Tables whose rows a backup has not: a restore must not let in who has left since."""


@dataclass(frozen=True)
class Saved:
    """What a backup has."""

    path: Path
    schema: str
    rows: int
    files: int
    missing: list[str]
    """The hashes of stored files that were absent or damaged, and so are not in it."""


@dataclass(frozen=True)
class Restored:
    """What a restore has put back."""

    schema: str
    """The version of the schema that the backup had."""
    rows: int
    files: int
    missing: list[str]
    before: Saved | None
    """The backup of what was there, where something was."""


async def backup(database: Database, target: Path) -> Saved:
    """Write a backup to a file that does not exist yet; it appears there when it is complete.

    Raises InputError where there is no database or the file exists, NoSpace and OSError where it cannot be written.
    """
    if target.exists():
        raise InputError(f"{target} exists already; choose another name, or delete it.")
    version = await schema.version_of(database)
    if version is None:
        raise InputError("There is nothing to back up: the database is empty.")
    schema.refuse_newer(version)
    files = Files(database.folder)
    with files.not_collected(), replacing(target) as file, archive.writing(file) as writer:
        if hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)

        def write(connection: Connection) -> tuple[int, set[str]]:
            if schema.version_on(connection) != version:
                raise Conflict("The schema was upgraded meanwhile; make the backup again.")
            with _not_of_the_database(target):
                return _write_rows(connection, version, writer)

        async with database.reading() as session:
            # On SQLite every reading transaction sees one state.
            one_state = {"isolation_level": "REPEATABLE READ"} if database.kind == POSTGRESQL else {}
            connection = await session.connection(execution_options=one_state)
            total, hashes = await connection.run_sync(write)
        missing = []
        for one in sorted(hashes):
            try:
                content = files.read(one)
            except WickworkError:
                missing.append(one)
                continue
            writer.add(archive.file_entry(one), [content])
        writer.finish(
            schema=version,
            made_at=_now(),
            made_by=version_of_package("wickwork"),
            database=database.kind,
            missing=missing,
        )
    return Saved(target, version, total, len(hashes) - len(missing), missing)


async def upgrade(database: Database, backups: Path) -> Saved | None:
    """Bring the schema up to date, after a backup into the folder `backups` where there is an older one.

    Returns that backup. Raises Refused for a newer schema, and where a server is running over an older one.
    """
    version = await schema.version_of(database)
    schema.refuse_newer(version)
    if version in (None, schema.newest()):
        await schema.upgrade(database)
        return None
    with alone(database.folder, patience=PATIENCE):
        if await schema.version_of(database) == schema.newest():  # by another process, meanwhile
            return None
        await _refuse_other_connections(database)
        saved = await backup(database, _new_name(backups, f"schema-{version}"))
        await schema.upgrade(database)
        async with database.writing() as session:
            detail = {"from": version, "to": schema.newest()}
            await audit.append(session, _now(), "system", "installation.upgrade", detail=detail)
    return saved


async def restore(database: Database, source: Path, backups: Path, *, force: bool = False) -> Restored:
    """Replace all that an installation has by a backup; an older schema is brought up to date.

    With `force` also an installation that is not empty, after a backup of it into the folder `backups`. Raises
    InputError for a damaged archive, naming the entry, and Refused for one of a newer schema, for an installation that
    is not empty, and where a server is running. What is raised leaves the database as it was.
    """
    with archive.reading(source) as found:
        schema.refuse_newer(found.schema)
        found.check()
        with alone(database.folder):
            version = await schema.version_of(database)
            schema.refuse_newer(version)
            saved = None
            if version is not None:
                await _refuse_other_connections(database)
                if not await _is_empty(database, version):
                    if not force:
                        raise Refused(
                            "This installation is not empty; with --force it is replaced, after a backup of it."
                        )
                    saved = await backup(database, _new_name(backups, "before-restore"))
            files = Files(database.folder)
            for one in found.files():
                files.put(found.read(archive.file_entry(one)))
            if version is None:
                schema.make_place(database)
            async with database.rebuilding() as session:
                total = await (await session.connection()).run_sync(_replace_rows, found)
                detail = {"backup_of": found.manifest["made_at"], "schema": found.schema}
                await audit.append(session, _now(), "system", "installation.restore", detail=detail)
    return Restored(found.schema, total, len(found.files()), found.missing, saved)


def _write_rows(connection: Connection, version: str, writer: archive.Writer) -> tuple[int, set[str]]:
    """Write all tables; return how many rows these are, and the hashes of the files that they refer to."""
    total, hashes = 0, set()
    for table in rows.tables(connection, version):
        if table.name in LEFT_OUT:
            continue
        found = rows.dumped(connection, table)
        names = next(found)
        place = names.index(HASH_COLUMN) if HASH_COLUMN in names else None

        def lines(
            names: list[str] = names, found: Iterator[list[object]] = found, place: int | None = place
        ) -> Iterator[bytes]:
            nonlocal total
            yield rows.line(list(names))
            for row in found:
                total += 1
                if place is not None and row[place] is not None:
                    hashes.add(str(row[place]))
                yield rows.line(row)

        writer.add(archive.table_entry(table.name), lines())
    return total, hashes


def _replace_rows(connection: Connection, found: archive.Archive) -> int:
    version = schema.version_on(connection)
    if version is not None:
        old = rows.tables(connection, version)
        for table in reversed(old):
            table.drop(connection)
        Table(schema.VERSION_TABLE, MetaData()).drop(connection)
    schema.upgrade_on(connection, found.schema)
    total, unknown = 0, set(found.tables())
    for table in rows.tables(connection, found.schema):
        unknown.discard(table.name)
        if table.name in LEFT_OUT:
            continue
        if table.name not in found.tables():
            raise InputError(f"The backup {found.path} has no table {table.name}; use another one.")
        total += rows.load(connection, table, found.lines(archive.table_entry(table.name)))
    if unknown:
        raise InputError(f"The backup {found.path} has the table {min(unknown)}, which its schema has not.")
    schema.upgrade_on(connection)
    return total


async def _is_empty(database: Database, version: str) -> bool:
    def empty(connection: Connection) -> bool:
        return not any(connection.execute(select(one).limit(1)).first() for one in rows.tables(connection, version))

    async with database.reading() as session:
        return await (await session.connection()).run_sync(empty)


async def _refuse_other_connections(database: Database) -> None:
    """Servers on other machines have another file system, and the same PostgreSQL."""
    if database.kind != POSTGRESQL:
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
    )
    async with database.reading() as session:
        count = await session.scalar(others)
    if count:
        raise Refused(f"The database has {count} other connections; stop every server and program that uses it first.")


def _now() -> int:
    return time.time_ns() // 1_000_000


def _new_name(folder: Path, label: str) -> Path:
    make_folder(folder)
    at = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    names = (f"wickwork-{at}-{label}{suffix}.zip" for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(path for path in map(folder.joinpath, names) if not path.exists())


@contextmanager
def _not_of_the_database(target: Path) -> Iterator[None]:
    """An OSError of the archive must not be taken for one of the connection to the database."""
    try:
        yield
    except OSError as error:
        raise WickworkError(f"{target}: {error.strerror or error}; nothing was written.") from None
