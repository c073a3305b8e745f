"""Opening a database, and its two kinds of sessions: for reading, and for writing.

SQLite: write-ahead log, every commit waited for. Sessions for writing begin with `BEGIN IMMEDIATE` on the only writing
connection of the process, so that what they read cannot change before they commit; with SQLAlchemy's defaults, updates
would be lost without an error. On PostgreSQL a row that is read to be changed is selected `with_for_update`, which
SQLite ignores.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from wickwork.model.errors import Conflict, InputError, NoSpace, Unavailable, WickworkError

logging.getLogger("aiosqlite").setLevel(logging.INFO)  # below, it logs the values of statements, secrets among them
SQLITE, POSTGRESQL = "sqlite", "postgresql"
_WAIT = 20.0
"""Seconds to wait for another writer, and for a free connection."""


_PASSING = ("08", "57P01", "57P02", "57P03", "53300", "40001", "40P01")
"""Codes of PostgreSQL after which the same can succeed: connection errors, a server that ends, ended or starts, too
many connections, and transactions that got in each other's way."""


class Damaged(WickworkError):
    """The file of the database does not have what was written."""


@dataclass
class Writes:
    """How many sessions for writing this process has ended."""

    count: int = 0


@dataclass(frozen=True)
class Database:
    """An open database. `folder` is where the large columns of its runs are kept, as files."""

    url: URL
    folder: Path
    readers: AsyncEngine = field(repr=False)
    writers: AsyncEngine = field(repr=False)
    writes: Writes = field(default_factory=Writes, repr=False, compare=False)

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    async def ping(self) -> None:
        """Raise Unavailable where the database does not answer."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one state of the database and changes nothing.

        Raises Unavailable where the database does not answer.
        """
        with _explained(self.url):
            async with AsyncSession(self.readers, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are on the disk when the block ends; after an error none of them is made.

        Raises Unavailable where the database does not answer or its disk is full, and Conflict where another process
        made what this one makes, such as a user of the same name.
        """
        with _explained(self.url):
            try:
                async with AsyncSession(self.writers, expire_on_commit=False) as session, session.begin():
                    yield session
            finally:
                self.writes.count += 1

    @asynccontextmanager
    async def rebuilding(self) -> AsyncIterator[AsyncSession]:
        """A session for writing in which tables may be replaced by others, as migrations do.

        SQLite has no other way to change a table than to drop it, which deletes the rows that refer to its rows unless
        references are off; so they are off here, and are checked before the commit. Raises Damaged where a row refers
        to one that is missing then, with nothing changed, and Unavailable as `writing`.
        """
        if self.kind != SQLITE:
            async with self.writing() as session:
                yield session
            return
        engine = _sqlite(self.url, writes=True, references=False)
        try:
            with _explained(self.url):
                async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                    yield session
                    lost = (await session.execute(text("PRAGMA foreign_key_check"))).first()
                    if lost:
                        raise Damaged(f"A row of {lost[0]} refers to a row of {lost[2]} that is missing.")
        finally:
            await engine.dispose()

    async def close(self) -> None:
        """Close all connections."""
        await self.readers.dispose()
        await self.writers.dispose()


def open_database(url: str, folder: Path) -> Database:
    """Open a database by its URL, `sqlite:///path` or `postgresql://user:password@host/name`; nothing is connected yet.

    Raises InputError for another kind, and where the driver of PostgreSQL is not installed.
    """
    named = _url(url)
    if named.get_backend_name() == SQLITE:
        return Database(named, folder, _sqlite(named, writes=False), _sqlite(named, writes=True))
    try:
        engine = create_async_engine(
            named, pool_size=8, max_overflow=8, pool_timeout=_WAIT, pool_pre_ping=True, hide_parameters=True
        )
    except ModuleNotFoundError:
        raise InputError(
            "PostgreSQL needs the driver asyncpg; install it with `pip install 'wickwork[postgres]'`."
        ) from None
    return Database(named, folder, engine, engine)


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        raise InputError(
            "The URL of the database cannot be read; write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME."
        ) from None
    drivers = {SQLITE: "sqlite+aiosqlite", POSTGRESQL: "postgresql+asyncpg"}
    if url.get_backend_name() not in drivers:
        raise InputError(
            f"A database of the kind {url.get_backend_name()!r} is not supported; use sqlite:///PATH or postgresql://…."
        )
    if url.get_backend_name() == SQLITE and url.database in (None, "", ":memory:"):
        raise InputError("The database needs a file, or nothing would survive; write sqlite:///PATH.")
    return url.set(drivername=drivers[url.get_backend_name()])


def _sqlite(url: URL, *, writes: bool, references: bool = True) -> AsyncEngine:
    sizes = {"pool_size": 1, "max_overflow": 0} if writes else {"pool_size": 4, "max_overflow": 4}
    engine = create_async_engine(
        url, pool_timeout=_WAIT, connect_args={"timeout": _WAIT}, hide_parameters=True, **sizes
    )  # errors are logged, and parameters of queries may be secrets

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # A kill or a power cut must not lose what was committed, so every commit waits for the disk (FULL).
        pragmas = ["journal_mode=WAL", "synchronous=FULL", f"busy_timeout={int(_WAIT * 1000)}"]
        pragmas.append(f"foreign_keys={'ON' if references else 'OFF'}")
        for pragma in pragmas if writes else [*pragmas, "query_only=ON"]:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    """Turn errors of a driver that are no fault of a query into Unavailable."""
    where = os.path.basename(url.database or "") if url.get_backend_name() == SQLITE else "PostgreSQL"
    try:
        yield
    except PoolTimeout:
        raise Unavailable(f"The database ({where}) has no free connection; try again in a moment.") from None
    except IntegrityError:  # found to be possible, and made impossible by another process before it was written
        raise Conflict(
            "Another request changed the same thing at the same moment; nothing was saved. Read it again."
        ) from None
    except (DataError, ProgrammingError) as error:
        # A fault of the query or of its values, which the text contains; only a lost connection is none of it.
        if error.connection_invalidated:
            raise Unavailable(f"The database ({where}) does not answer; try again in a moment.") from None
        raise
    except DBAPIError as error:
        said = str(error.orig).lower()
        if _code(error) == "53100" or "disk is full" in said or ("i/o error" in said and _has_no_room(url)):
            raise NoSpace(f"The disk of the database ({where}) is full; nothing was saved. Make room.") from None
        if "locked" in said or "busy" in said:
            raise Unavailable(f"Another process is writing the database ({where}); try again in a moment.") from None
        if "i/o error" in said or "unable to open" in said:
            raise Unavailable(f"The database ({where}) cannot be read or written: {error.orig}.") from None
        if "malformed" in said or "not a database" in said:
            raise Damaged(
                f"The database ({where}) is damaged: {error.orig}. Move it away, and restore a backup."
            ) from None
        if error.connection_invalidated or _gone(error):
            raise Unavailable(f"The database ({where}) does not answer; try again in a moment.") from None
        raise
    except OSError as error:  # asyncpg, where nothing listens
        raise Unavailable(
            f"The database ({where}) does not answer: {error.strerror or str(error) or 'no answer in time'}."
        ) from None


def _has_no_room(url: URL) -> bool:
    """Whether the disk of a database file is full: SQLite opens none then, and says `disk I/O error`."""
    if url.get_backend_name() != SQLITE:
        return False
    try:
        return shutil.disk_usage(Path(url.database or "").absolute().parent).free < 1 << 16
    except OSError:
        return False


def _gone(error: DBAPIError) -> bool:
    """Whether the server of the database is not there, ends, starts, or ended this transaction for another's sake."""
    code, names = _code(error), ("Interface", "ConnectionDoesNotExist")
    return code.startswith(_PASSING) or (not code and any(name in type(error.orig).__name__ for name in names))


def _code(error: DBAPIError) -> str:
    """PostgreSQL's code of an error (SQLSTATE); an empty text where there is none."""
    return str(getattr(error.orig, "sqlstate", None) or "")
