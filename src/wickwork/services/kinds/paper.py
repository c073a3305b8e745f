"""The job that is a run on paper: it goes on until its bars are over or it is stopped, and survives its process."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.services.kinds import recording
from wickwork.services.kinds.kind import PAPER, Kind
from wickwork.store.database.tables import Job


async def record(session: AsyncSession, at: int, job: Job, outcome: Any) -> dict[str, Any]:
    """Keep the run, and how it stood at its end."""
    kept = await recording.record(session, at, job, outcome["run"])
    return {**outcome["standing"], **kept}


KIND = Kind("paper", "wickwork.services.work.paper:run", record, lane=PAPER, resumes=True)
