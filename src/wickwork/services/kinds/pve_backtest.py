"""The job of PVE's `compile-graph`: a backtest that keeps its chart in the form of PVE."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.services.kinds import backtest
from wickwork.services.kinds.kind import Kind
from wickwork.services.pve_names import BACKTEST, CHART_FILE
from wickwork.store.database import runs
from wickwork.store.database.tables import Job


async def known(session: AsyncSession, job: Job, manifest_hash: str) -> str | None:
    """The id of the run that the owner has of this manifest, if it has a chart."""
    found = await backtest.known(session, job, manifest_hash)
    return found if found and CHART_FILE in await runs.files_of(session, found) else None


KIND = Kind(BACKTEST, "wickwork.services.work.pve:run", backtest.record, known)
