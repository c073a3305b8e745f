"""Runs: what backtests, sweeps and runs on paper left behind. Their tables are files (`files`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import NotFound, shown
from wickwork.store.database.tables import Run, RunFile, Strategy
from wickwork.store.files import StoredFile
from wickwork.store.ids import is_id, new_id


async def add(
    session: AsyncSession,
    at: int,
    owner: str,
    kind: str,
    *,
    name: str,
    request: Mapping[str, Any],
    manifest: Mapping[str, Any],
    manifest_hash: str,
    stats: Mapping[str, Any],
    files: Mapping[str, StoredFile],
    strategy: tuple[str, int] | None = None,
) -> Run:
    """A new run with its files, and the strategy's id and version where it has one that was not deleted meanwhile."""
    if strategy and await session.get(Strategy, strategy[0], with_for_update=True) is None:
        strategy = None
    run = Run(
        id=new_id(at),
        owner=owner,
        kind=kind,
        name=name,
        strategy_id=strategy[0] if strategy else None,
        strategy_version=strategy[1] if strategy else None,
        request=dict(request),
        manifest=dict(manifest),
        manifest_hash=manifest_hash,
        stats=dict(stats),
        created_at=at,
    )
    session.add(run)
    await session.flush()
    session.add_all(RunFile(run_id=run.id, name=n, sha256=f.sha256, size=f.size) for n, f in files.items())
    await session.flush()
    return run


async def get(session: AsyncSession, owner: str, run_id: str) -> Run:
    """One run of an owner. Raises NotFound."""
    wanted = select(Run).where(Run.owner == owner, Run.id == run_id)
    run = await session.scalar(wanted) if is_id(run_id) else None
    if run is None:
        raise NotFound(f"There is no run {shown(run_id)!r}.")
    return run


async def of_manifest(session: AsyncSession, owner: str, manifest_hash: str) -> Run | None:
    """The newest run of an owner with that manifest, which determines its result."""
    wanted = select(Run).where(Run.owner == owner, Run.manifest_hash == manifest_hash)
    return await session.scalar(wanted.order_by(Run.id.desc()).limit(1))


async def page(
    session: AsyncSession, owner: str, before: str | None, count: int, kind: str = "", strategy_id: str = ""
) -> list[Run]:
    """The newest `count` runs of an owner, of those older than `before` (an id), the newest first."""
    wanted = select(Run).where(Run.owner == owner).order_by(Run.id.desc()).limit(count)
    if before:
        wanted = wanted.where(Run.id < before)
    if kind:
        wanted = wanted.where(Run.kind == kind)
    return list(await session.scalars(wanted.where(Run.strategy_id == strategy_id) if strategy_id else wanted))


async def files_of(session: AsyncSession, run_id: str) -> dict[str, StoredFile]:
    """The files of a run, by name."""
    rows = await session.scalars(select(RunFile).where(RunFile.run_id == run_id).order_by(RunFile.name))
    return {row.name: StoredFile(row.sha256, row.size) for row in rows}


async def put_file(session: AsyncSession, run_id: str, name: str, stored: StoredFile) -> None:
    """Keep a file of a run under that name, in the place of one that it has."""
    await session.merge(RunFile(run_id=run_id, name=name, sha256=stored.sha256, size=stored.size))


async def with_file(session: AsyncSession, owner: str, name: str, count: int) -> list[tuple[Run, str]]:
    """The newest `count` runs of an owner that have a file of that name, the newest first, with its hash."""
    wanted = select(Run, RunFile.sha256).join(RunFile, RunFile.run_id == Run.id)
    wanted = wanted.where(Run.owner == owner, RunFile.name == name).order_by(Run.id.desc()).limit(count)
    return [(row[0], row[1]) for row in await session.execute(wanted)]


async def remove(session: AsyncSession, owner: str, run_id: str) -> None:
    """Delete a run; its files are collected later. Raises NotFound."""
    run = await get(session, owner, run_id)
    await session.execute(delete(Run).where(Run.id == run.id))
