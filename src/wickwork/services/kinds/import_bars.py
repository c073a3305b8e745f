"""The job that imports an uploaded file of bars."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.services.kinds.kind import Kind
from wickwork.store.database import audit
from wickwork.store.database.tables import Job


async def record(session: AsyncSession, at: int, job: Job, outcome: Any) -> dict[str, Any]:
    """Note in the audit log what was added to the store."""
    detail = {name: outcome[name] for name in ("file", "venue", "instrument", "timeframe", "added")}
    await audit.append(session, at, job.owner, "data.import", job.id, detail)
    return dict(outcome)


KIND = Kind("import", "wickwork.services.work.import_bars:run", record)
