"""The audit log: rows are only appended, and each has a hash over itself and the row before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.store.database.tables import AuditEntry

_LOCK = 0x7769636B
"""The number of PostgreSQL's advisory lock that puts appending transactions in a row."""


async def append(
    session: AsyncSession, at: int, who: str, action: str, subject: str = "", detail: Mapping[str, Any] | None = None
) -> None:
    """Add one entry: at what time (ms), which user (an id, or `system`), what was done, to what object.

    `detail` is plain JSON without secrets.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    last = await session.scalar(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1))
    number, before = (last.number + 1, last.hash) if last else (1, "")
    entry = AuditEntry(
        number=number,
        at=at,
        who=who,
        action=action,
        subject=subject,
        detail=json.dumps(dict(detail or {}), sort_keys=True, ensure_ascii=False, allow_nan=False),
    )
    entry.hash = hash_of(before, entry)
    session.add(entry)
    await session.flush()


def hash_of(before: str, entry: AuditEntry) -> str:
    """The hash of an entry, from that of the entry before it (an empty text for the first) and its own fields."""
    fields = [before, entry.number, entry.at, entry.who, entry.action, entry.subject, entry.detail]
    return hashlib.blake2b(json.dumps(fields, ensure_ascii=False).encode(), digest_size=32).hexdigest()


async def first_fault(session: AsyncSession) -> str | None:
    """The first entry that was changed, lost or moved, as a sentence; None where the log is whole."""
    before, expected = "", 1
    rows = await session.stream_scalars(select(AuditEntry).order_by(AuditEntry.number))
    async for entry in rows:
        if entry.number != expected:
            return f"Entry {expected} of the audit log is missing."
        if entry.hash != hash_of(before, entry):
            return f"Entry {entry.number} of the audit log was changed after it was written."
        before, expected = entry.hash, expected + 1
    return None
