"""The job of PVE's `launch-analyzer`: an analysis that is kept beside its run."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.services.kinds.kind import Kind
from wickwork.services.pve_names import ANALYSIS, ANALYSIS_FILE
from wickwork.store.database import runs
from wickwork.store.database.tables import Job


async def record(session: AsyncSession, at: int, job: Job, outcome: Any) -> dict[str, Any]:
    """Keep the analysis as a file of its run, in the place of an earlier one."""
    del at
    run = await runs.get(session, job.owner, job.request["run"])
    await runs.put_file(session, run.id, ANALYSIS_FILE, outcome)
    return {"run": run.id}


KIND = Kind(ANALYSIS, "wickwork.services.work.pve_analysis:run", record)
