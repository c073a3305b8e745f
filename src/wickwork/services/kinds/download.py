"""The job that downloads bars."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.services.kinds.kind import Kind
from wickwork.store.database import audit
from wickwork.store.database.tables import Job


async def record(session: AsyncSession, at: int, job: Job, outcome: Any) -> dict[str, Any]:
    """Note in the audit log what was added to the store."""
    added = {one["instrument"]: one["added"] for one in outcome["series"]}
    detail = {"venue": outcome["venue"], "timeframe": outcome["timeframe"], "added": added}
    await audit.append(session, at, job.owner, "data.download", job.id, detail)
    return dict(outcome)


KIND = Kind("download", "wickwork.services.work.download:run", record)
