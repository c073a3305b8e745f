"""Whether a database is whole: what the database itself can check, its audit log, and the files that rows refer to."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy import Connection, inspect, null, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import WickworkError
from wickwork.store.database import file_references, schema
from wickwork.store.database.engine import SQLITE, Database
from wickwork.store.database.tables import Strategy, StrategyVersion, Table
from wickwork.store.files import Files

_MOST = 20
"""Faults of one kind that are named."""


async def of_tables(database: Database) -> list[str]:
    """What the database finds wrong with its pages, tables, references and constraints, as sentences."""
    version = await schema.version_of(database)
    if version is None:
        return ["There is no database yet; `wick up` makes one."]
    schema.refuse_newer(version)
    check = _sqlite if database.kind == SQLITE else _postgresql
    async with database.reading() as session:
        connection = await session.connection()
        names = await connection.run_sync(lambda one: set(inspect(one).get_table_names()))
        lost = sorted(schema.tables_of(version) - names)
        if lost:
            return [f"The table {name} is missing." for name in lost]
        return await connection.run_sync(check)


def _sqlite(connection: Connection) -> list[str]:
    pages = connection.execute(text(f"PRAGMA integrity_check({_MOST})")).scalars()
    found = [f"The database file is damaged: {line}." for line in pages if line != "ok"]
    rows = connection.execute(text("PRAGMA foreign_key_check")).fetchmany(_MOST)
    return found + [f"A row of {table} refers to a row of {parent} that is missing." for table, _, parent, _ in rows]


def _postgresql(connection: Connection) -> list[str]:
    unchecked = connection.execute(
        text(
            "SELECT conrelid::regclass, conname FROM pg_constraint WHERE NOT convalidated "
            "AND connamespace = current_schema()::regnamespace"
        )
    )
    found = [f"The constraint {name} of {table} is not valid." for table, name in unchecked]
    for table in Table.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            column, parent = constraint.elements[0].parent, constraint.elements[0].column
            orphan = select(column).where(column.is_not(None), column.not_in(select(parent))).limit(1)
            if connection.execute(orphan).first():
                found.append(f"A row of {table.name} refers to a row of {parent.table.name} that is missing.")
    return found


async def of_files(session: AsyncSession, files: Files) -> list[str]:
    """The stored files that rows refer to and that are absent or damaged, by the keys of these rows."""
    found, seen = [], dict[str, str]()
    for table in file_references.tables():
        columns = table.columns
        sizes = columns["size"] if "size" in columns else null()
        rows = await session.stream(select(columns[file_references.HASH_COLUMN], sizes, *table.primary_key.columns))
        async for sha256, size, *key in rows:
            if sha256 is not None and sha256 not in seen:
                seen[sha256] = _fault(files, sha256, size)
            if sha256 is not None and seen[sha256]:
                found.append(f"{table.name} {' '.join(map(str, key))}: {seen[sha256]}")
    return found


def _fault(files: Files, sha256: str, size: int | None) -> str:
    try:
        content = files.read(sha256)
    except (WickworkError, OSError) as error:
        return str(error)
    return "" if size in (None, len(content)) else f"The stored file has {len(content)} bytes, and {size} are recorded."


async def of_versions(session: AsyncSession) -> list[str]:
    """Strategies whose versions are not exactly 1 to the newest."""
    found = []
    numbers: dict[str, set[int]] = {}
    for strategy, number in await session.execute(select(StrategyVersion.strategy_id, StrategyVersion.number)):
        numbers.setdefault(strategy, set()).add(number)
    for strategy, newest in await session.execute(select(Strategy.id, Strategy.version)):
        if numbers.get(strategy, set()) != set(range(1, newest + 1)):
            found.append(f"The strategy {strategy} should have the versions 1 to {newest}, and some are missing.")
    return found


async def versions(session: AsyncSession) -> AsyncIterator[StrategyVersion]:
    """All versions of all strategies."""
    async for one in await session.stream_scalars(select(StrategyVersion)):
        yield one
