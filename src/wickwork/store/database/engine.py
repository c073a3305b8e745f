"""Opening a database, and its two kinds of sessions: for reading, and for writing.

SQLite: write-ahead log, every commit waited for. Sessions for writing begin with `BEGIN IMMEDIATE` on the only writing
connection of the process, so that what they read cannot change before they commit; with SQLAlchemy's defaults, updates
would be lost without an error. On PostgreSQL a row that is read to be changed is selected `with_for_update`, which
SQLite ignores.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from wickwork.model.errors import Conflict, InputError, Unavailable

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_WAIT = 20.0
"""Seconds to wait for another writer, and for a free connection."""


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
        engine = create_async_engine(named, pool_size=8, max_overflow=8, pool_timeout=_WAIT, pool_pre_ping=True)
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


def _sqlite(url: URL, *, writes: bool) -> AsyncEngine:
    sizes = {"pool_size": 1, "max_overflow": 0} if writes else {"pool_size": 4, "max_overflow": 4}
    engine = create_async_engine(url, pool_timeout=_WAIT, connect_args={"timeout": _WAIT}, **sizes)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # A kill or a power cut must not lose what was committed, so every commit waits for the disk (FULL).
        pragmas = ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(_WAIT * 1000)}"]
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
    except DBAPIError as error:
        text = str(error.orig).lower()
        if "full" in text or "no space" in text:
            raise Unavailable(f"The disk of the database ({where}) is full; nothing was saved. Make room.") from None
        if "locked" in text or "busy" in text:
            raise Unavailable(f"Another process is writing the database ({where}); try again in a moment.") from None
        if "i/o error" in text or "unable to open" in text:
            raise Unavailable(f"The database ({where}) cannot be read or written: {error.orig}.") from None
        if error.connection_invalidated or _refused(error):
            raise Unavailable(f"The database ({where}) does not answer; try again in a moment.") from None
        raise
    except OSError as error:  # asyncpg, where nothing listens
        raise Unavailable(f"The database ({where}) does not answer: {error.strerror or error}.") from None


def _refused(error: DBAPIError) -> bool:
    """Whether it is the server that does not take queries: it is starting or stopping, or has no free connection."""
    if str(getattr(error.orig, "sqlstate", None) or "").startswith(("08", "53", "57P")):
        return True
    return any(word in type(error.orig).__name__ for word in ("Interface", "CannotConnect", "ConnectionDoesNotExist"))
