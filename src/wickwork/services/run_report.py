"""The figures of a run and of its report, as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wickwork.model.errors import InputError
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database import runs
from wickwork.store.database.tables import Run

MOST_COMPARED = 6
"""Runs that are compared at once."""


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


async def several(services: Services, caller: Caller, run_ids: Sequence[str]) -> list[Run]:
    """Runs that are to be compared. Raises NotFound, and InputError for fewer than two or the same one twice."""
    caller.require(Access.READ)
    if not 2 <= len(run_ids) <= MOST_COMPARED or len(set(run_ids)) < len(run_ids):
        raise InputError(f"Name 2 to {MOST_COMPARED} different runs.")
    async with services.database.reading() as session:
        return [await runs.get(session, caller.user_id, one) for one in run_ids]


def figures(run: Run) -> list[dict[str, Any]]:
    """Every figure with its name, title, unit, group, what is better, its formula in words, and its value."""
    from wickwork.analytics.metrics import describe  # looks at all modules of metrics

    known = [one for one in describe() if one["name"] in run.stats]
    names = {one["name"] for one in known}
    others = [name for name in run.stats if name not in names]
    return [{**one, "value": run.stats[one["name"]]} for one in known] + [
        {"name": name, "title": name, "unit": "", "group": "", "better": "", "help": "", "value": run.stats[name]}
        for name in others
    ]
