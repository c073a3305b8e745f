"""Strategies with their immutable versions, and a draft beside them."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import Conflict, NotFound, shown
from wickwork.store.database.tables import Strategy, StrategyVersion
from wickwork.store.ids import new_id


async def add(session: AsyncSession, at: int, owner: str, name: str) -> Strategy:
    """A new strategy without a version. Raises Conflict where the owner has one of that name."""
    await _refuse_taken(session, owner, name)
    strategy = Strategy(
        id=new_id(at), owner=owner, name=name, revision=1, version=0, draft=None, created_at=at, updated_at=at
    )
    session.add(strategy)
    await session.flush()
    return strategy


async def page(session: AsyncSession, owner: str, before: str | None, count: int) -> list[Strategy]:
    """The newest `count` strategies of an owner, of those older than `before` (an id), the newest first."""
    wanted = select(Strategy).where(Strategy.owner == owner).order_by(Strategy.id.desc()).limit(count)
    return list(await session.scalars(wanted.where(Strategy.id < before) if before else wanted))


async def get(session: AsyncSession, owner: str, strategy_id: str, *, to_change: bool = False) -> Strategy:
    """One strategy; `to_change` keeps others from changing it until the session ends. Raises NotFound."""
    wanted = select(Strategy).where(Strategy.owner == owner, Strategy.id == strategy_id)
    strategy = await session.scalar(wanted.with_for_update() if to_change else wanted)
    if strategy is None:
        raise NotFound(f"There is no strategy {shown(strategy_id)!r}.")
    return strategy


async def to_change(session: AsyncSession, owner: str, strategy_id: str, revision: int | None) -> Strategy:
    """One strategy that is to be changed; its revision grows.

    Raises NotFound, and Conflict where it is not at `revision` (None for whatever it is at).
    """
    strategy = await get(session, owner, strategy_id, to_change=True)
    if revision is not None and revision != strategy.revision:
        raise Conflict(
            f"The strategy was changed since it was read: it is at revision {strategy.revision}, not {revision}. "
            "Read it again, and repeat the change on what it is now."
        )
    strategy.revision += 1
    return strategy


async def rename(session: AsyncSession, strategy: Strategy, name: str) -> None:
    """Give a strategy another name. Raises Conflict where its owner has one of that name."""
    if name != strategy.name:
        await _refuse_taken(session, strategy.owner, name)
        strategy.name = name


async def add_version(
    session: AsyncSession, at: int, strategy: Strategy, document: str, graph_hash: str, note: str
) -> StrategyVersion:
    """A new version of a strategy. Its draft is dropped."""
    strategy.version += 1
    strategy.draft, strategy.updated_at = None, at
    version = StrategyVersion(
        strategy_id=strategy.id,
        number=strategy.version,
        document=document,
        graph_hash=graph_hash,
        note=note,
        created_at=at,
    )
    session.add(version)
    await session.flush()
    return version


async def version(session: AsyncSession, owner: str, strategy_id: str, number: int | None) -> StrategyVersion:
    """One version, the newest for None. Raises NotFound."""
    strategy = await get(session, owner, strategy_id)
    wanted = strategy.version if number is None else number
    found = await session.get(StrategyVersion, (strategy_id, wanted))
    if found is None:
        has = f"it has 1 to {strategy.version}" if strategy.version else "it has none yet"
        raise NotFound(f"The strategy {shown(strategy.name)!r} has no version {wanted}; {has}.")
    return found


async def versions(session: AsyncSession, owner: str, strategy_id: str) -> list[StrategyVersion]:
    """All versions, the newest first. Raises NotFound."""
    strategy = await get(session, owner, strategy_id)
    wanted = select(StrategyVersion).where(StrategyVersion.strategy_id == strategy.id)
    return list(await session.scalars(wanted.order_by(StrategyVersion.number.desc())))


async def remove(session: AsyncSession, strategy: Strategy) -> None:
    """Delete a strategy with its versions; its runs stay."""
    await session.execute(delete(Strategy).where(Strategy.id == strategy.id))


async def _refuse_taken(session: AsyncSession, owner: str, name: str) -> None:
    if await session.scalar(select(Strategy.id).where(Strategy.owner == owner, Strategy.name == name)):
        raise Conflict(f"There is a strategy {shown(name)!r} already; choose another name.")
