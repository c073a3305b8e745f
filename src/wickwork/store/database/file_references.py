"""Which stored files the rows of the database refer to, and how old a file without a reference must be."""

from __future__ import annotations

from sqlalchemy import Table as SqlTable
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.store.database.jobs import RUNNING
from wickwork.store.database.tables import Job, Table

HASH_COLUMN = "sha256"
"""The column that refers to a stored file, in whatever table it is."""
YOUNG = 24 * 3_600_000
"""For how long a file without a reference is kept (ms): it may belong to work that is not recorded yet."""
_CLOCKS = 3_600_000
"""By how much the clocks of machines that share a folder may differ (ms)."""


def tables() -> list[SqlTable]:
    """The tables that refer to stored files."""
    return [table for table in Table.metadata.sorted_tables if HASH_COLUMN in table.columns]


async def used(session: AsyncSession) -> set[str]:
    """The hashes of all stored files that rows refer to."""
    found: set[str] = set()
    for table in tables():
        column = table.columns[HASH_COLUMN]
        found.update(await session.scalars(select(column).where(column.is_not(None)).distinct()))
    return found


async def collected_before(session: AsyncSession, at: int) -> int:
    """Files without a reference that were last put before this time (ms) belong to nothing; `at` is now.

    A running job may refer to all that it has put since it began, however long ago that was.
    """
    began = await session.scalar(select(func.min(Job.started_at)).where(Job.state == RUNNING))
    return min(at - YOUNG, (at if began is None else began) - _CLOCKS)
