"""Keeping the runs that jobs leave."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.services.texts import storable
from wickwork.store.database import runs
from wickwork.store.database.tables import Job


async def known(session: AsyncSession, job: Job, manifest_hash: str) -> str | None:
    """The id of the run that the owner has of this manifest already."""
    found = await runs.of_manifest(session, job.owner, manifest_hash)
    return found.id if found else None


async def record(session: AsyncSession, at: int, job: Job, outcome: Any, kind: str = "") -> dict[str, Any]:
    """Keep the run, whose kind is that of the job where none is named."""
    if "run" in outcome:
        return {"run": outcome["run"]}
    saved = job.request.get("strategy")
    strategy = (saved["id"], saved["version"]) if saved else None
    request = {key: value for key, value in job.request.items() if key not in ("job", "owner")}
    outcome = {**outcome, "name": storable(outcome["name"])}
    run = await runs.add(session, at, job.owner, kind or job.kind, request=request, strategy=strategy, **outcome)
    return {"run": run.id}
