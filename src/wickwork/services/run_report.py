"""The report of a run, as data."""

from __future__ import annotations

from typing import Any

from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database import runs
from wickwork.store.database.tables import Run


async def read(services: Services, caller: Caller, run_id: str) -> tuple[Run, dict[str, Any]]:
    """A run, and what its report says besides the figures; empty where it has no report. Raises NotFound."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        run = await runs.get(session, caller.user_id, run_id)
        files = await runs.files_of(session, run.id)
    kept = files.get("report.html.gz")
    if kept is None:
        return run, {}
    work = "wickwork.services.work.run_report:read"
    return run, await services.pool.call(work, {"sha256": kept.sha256})
