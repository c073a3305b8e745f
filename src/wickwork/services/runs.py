"""Runs of a caller: what backtests, sweeps and runs on paper left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wickwork.model.errors import InputError, NotFound, shown
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database import audit, runs
from wickwork.store.database.tables import Run
from wickwork.store.files import StoredFile

MOST_COMPARED = 10
_TABLES = "wickwork.services.work.run_tables"


async def get(services: Services, caller: Caller, run_id: str) -> Run:
    """One run. Raises NotFound."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        return await runs.get(session, caller.user_id, run_id)


async def page(
    services: Services, caller: Caller, before: str | None, count: int, kind: str = "", strategy_id: str = ""
) -> list[Run]:
    """The caller's newest runs, of those older than `before`; of one kind and one strategy, where they are given."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        return await runs.page(session, caller.user_id, before, count, kind, strategy_id)


async def remove(services: Services, caller: Caller, run_id: str) -> None:
    """Delete a run. Raises NotFound."""
    caller.require(Access.WRITE)
    async with services.database.writing() as session:
        run = await runs.get(session, caller.user_id, run_id)
        await runs.remove(session, caller.user_id, run_id)
        detail = {"name": run.name, "kind": run.kind, "manifest_hash": run.manifest_hash}
        await audit.append(session, services.now(), caller.user_id, "run.delete", run.id, detail)


async def with_file(services: Services, caller: Caller, run_id: str, name: str) -> tuple[Run, StoredFile]:
    """A run, and a file of it. Raises NotFound, which names the files that there are."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        run = await runs.get(session, caller.user_id, run_id)
        found = await runs.files_of(session, run.id)
    if name not in found:
        raise NotFound(f"This {run.kind} has no {shown(name)}; it has {', '.join(found) or 'no files'}.")
    return run, found[name]


async def stats(services: Services, caller: Caller, run_id: str) -> list[dict[str, Any]]:
    """Every figure of a run with its value, title, unit, group, what is better, and its formula in words."""
    return figures(await get(services, caller, run_id))


def figures(run: Run) -> list[dict[str, Any]]:
    """The figures of `stats`, of a run that is here."""
    return [{**about, "value": run.stats[about["name"]]} for about in _metrics([run])]


async def several(
    services: Services, caller: Caller, run_ids: Sequence[str], least: int, most: int, how: str = ""
) -> list[Run]:
    """Runs that are to be compared; `how` says in errors how they are named.

    Raises InputError for fewer than `least`, for more than `most` and for one that is named twice, and NotFound.
    """
    caller.require(Access.READ)
    if not least <= len(run_ids) <= most or len(set(run_ids)) < len(run_ids):
        raise InputError(f"Name {least} to {most} different runs{how}.")
    async with services.database.reading() as session:
        return [await runs.get(session, caller.user_id, one) for one in run_ids]


async def compare(services: Services, caller: Caller, run_ids: Sequence[str], points: int) -> dict[str, Any]:
    """Runs side by side: every figure with one value for each run, and their equity on one grid of times.

    A run without a curve of equity has null in place of it. Raises as `several` does.
    """
    found = await several(services, caller, run_ids, 1, MOST_COMPARED, " in `ids`, separated by commas")
    async with services.database.reading() as session:
        files = [await runs.files_of(session, one.id) for one in found]
    curves = [
        {"file": kept["equity.parquet"].sha256, "capital": capital_of(run)} if "equity.parquet" in kept else None
        for run, kept in zip(found, files, strict=True)
    ]
    values = [
        {**about, "values": [_figure(run.stats.get(about["name"])) for run in found]} for about in _metrics(found)
    ]
    equity = await services.pool.call(f"{_TABLES}:compared", {"curves": curves, "points": points})
    return {"runs": found, "metrics": values, **equity}


def capital_of(run: Run) -> float | None:
    """The cash that a run began with; None where its manifest does not have it."""
    terms = run.manifest.get("terms")
    capital = terms.get("capital") if isinstance(terms, dict) else None
    return float(capital) if isinstance(capital, int | float) else None


def _metrics(found: Sequence[Run]) -> list[dict[str, str]]:
    """What the figures of the runs are: the metrics that we have, then others under their names alone."""
    from wickwork.analytics.metrics import describe

    names = {name: None for run in found for name in run.stats}
    known = [about for about in describe() if about["name"] in names]
    others = [name for name in names if name not in {about["name"] for about in known}]
    empty = {"unit": "", "group": "", "better": "", "help": ""}
    return [*known, *({"name": name, "title": name, **empty} for name in others)]


def _figure(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
