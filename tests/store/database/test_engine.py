from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from wickwork.model.errors import Conflict, NoSpace, Unavailable
from wickwork.store.database import audit, strategies, users
from wickwork.store.database.engine import Database, open_database
from wickwork.store.database.tables import AuditEntry, LoginFailures

pytestmark = pytest.mark.anyio


async def test_concurrent_read_modify_writes_lose_no_update(database: Database) -> None:
    async with database.writing() as session:
        session.add(LoginFailures(subject="one", count=0, locked_until=0))

    async def add_one() -> None:
        for _ in range(20):
            async with database.writing() as session:
                row = await session.get(LoginFailures, "one", with_for_update=True)
                assert row is not None
                await asyncio.sleep(0)
                row.count += 1

    await asyncio.gather(*(add_one() for _ in range(6)))
    async with database.reading() as session:
        assert await session.scalar(select(LoginFailures.count)) == 120


async def test_an_error_in_a_writing_session_undoes_all_of_it(database: Database) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012
        async with database.writing() as session:
            await users.add(session, 1, "ann", "viewer")
            raise RuntimeError
    async with database.reading() as session:
        assert await users.count(session) == 0


async def test_the_audit_log_names_an_entry_that_was_changed_and_one_that_is_missing(database: Database) -> None:
    for number in range(5):
        async with database.writing() as session:
            await audit.append(session, number, "ann", "test", detail={"number": number})
    async with database.reading() as session:
        assert await audit.first_fault(session) is None
    async with database.writing() as session:
        entry = await session.get(AuditEntry, 3)
        assert entry is not None
        entry.who = "bob"
    async with database.reading() as session:
        assert await audit.first_fault(session) == "Entry 3 of the audit log was changed after it was written."
    async with database.writing() as session:
        await session.delete(await session.get(AuditEntry, 2))
    async with database.reading() as session:
        assert await audit.first_fault(session) == "Entry 2 of the audit log is missing."


async def test_two_users_may_have_strategies_of_one_name_and_see_only_their_own(database: Database) -> None:
    async with database.writing() as session:
        ann, bob = [await users.add(session, 1, name, "trader") for name in ("ann", "bob")]
        for owner in (ann, bob):
            await strategies.add(session, 1, owner.id, "cross")
    async with database.reading() as session:
        assert [one.name for one in await strategies.entries(session, ann.id)] == ["cross"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("CannotConnectNowError", Unavailable),
        ("AdminShutdownError", Unavailable),
        ("CrashShutdownError", Unavailable),
        ("ConnectionDoesNotExistError", Unavailable),
        ("TooManyConnectionsError", Unavailable),
        ("InterfaceError", Unavailable),
        ("DeadlockDetectedError", Unavailable),
        ("DiskFullError", NoSpace),
        ("UniqueViolationError", Conflict),
        ("UndefinedTableError", ProgrammingError),
    ],
)
async def test_errors_of_postgresql_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, expected: type[Exception]
) -> None:
    import asyncpg

    async def fails(*_: object, **__: object) -> None:
        text = "could not extend file: No space left on device" if kind == "DiskFullError" else "of the full moon"
        raise getattr(asyncpg, kind)(text)

    monkeypatch.setattr(asyncpg, "connect", fails)
    away = open_database("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    with pytest.raises(expected):
        async with away.reading() as session:
            await users.count(session)
    await away.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_commit_of_sqlite_waits_for_the_disk(database: Database) -> None:
    async with database.writing() as session:
        assert await session.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert await session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await session.scalar(text("PRAGMA foreign_keys")) == 1
