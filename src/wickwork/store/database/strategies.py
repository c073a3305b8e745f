"""Strategies with their immutable versions, and a draft beside them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from wickwork.model.errors import ChangedSince, Conflict, NotFound, shown
from wickwork.store.database.tables import Strategy, StrategyVersion
from wickwork.store.ids import is_id, new_id


class Entry(NamedTuple):
    """A strategy as lists show it, without any text."""

    id: str
    name: str
    revision: int
    version: int
    has_draft: bool
    created_at: int
    updated_at: int


async def add(session: AsyncSession, at: int, owner: str, name: str) -> Strategy:
    """A new strategy without a version. Raises Conflict where the owner has one of that name."""
    await _refuse_taken(session, owner, name)
    strategy = Strategy(
        id=new_id(at), owner=owner, name=name, revision=1, version=0, draft=None, created_at=at, updated_at=at
    )
    session.add(strategy)
    await _flush(session, name)
    return strategy


async def entries(session: AsyncSession, owner: str) -> list[Entry]:
    """All strategies of an owner, in no order."""
    wanted = select(
        Strategy.id,
        Strategy.name,
        Strategy.revision,
        Strategy.version,
        Strategy.draft.is_not(None),
        Strategy.created_at,
        Strategy.updated_at,
    ).where(Strategy.owner == owner)
    return [Entry(*row[:4], bool(row[4]), *row[5:]) for row in await session.execute(wanted)]


async def named(session: AsyncSession, owner: str, name: str) -> Strategy | None:
    """The strategy of that name."""
    if not name.isprintable():
        return None
    return await session.scalar(select(Strategy).where(Strategy.owner == owner, Strategy.name == name))


async def get(session: AsyncSession, owner: str, strategy_id: str, *, to_change: bool = False) -> Strategy:
    """One strategy; `to_change` keeps others from changing it until the session ends. Raises NotFound."""
    wanted = select(Strategy).where(Strategy.owner == owner, Strategy.id == strategy_id)
    strategy = None
    if is_id(strategy_id):
        strategy = await session.scalar(wanted.with_for_update() if to_change else wanted)
    if strategy is None:
        raise NotFound(f"There is no strategy {shown(strategy_id)!r}.")
    return strategy


async def to_change(session: AsyncSession, at: int, owner: str, strategy_id: str, revision: int | None) -> Strategy:
    """One strategy that is to be changed; its revision grows.

    Raises NotFound, and ChangedSince where it is not at `revision` (None for whatever it is at).
    """
    strategy = await get(session, owner, strategy_id, to_change=True)
    require_revision(strategy, revision)
    change(strategy, at)
    return strategy


def require_revision(strategy: Strategy, revision: int | None) -> None:
    """Raise ChangedSince where a strategy is not at that revision; None stands for any."""
    if revision is not None and revision != strategy.revision:
        raise ChangedSince(
            f"The strategy was changed since it was read: it is at revision {strategy.revision}, not {revision}. "
            "Read it again, and repeat the change on what it is now."
        )


def change(strategy: Strategy, at: int) -> None:
    """Count a change of a strategy."""
    strategy.revision += 1
    strategy.updated_at = at


async def rename(session: AsyncSession, strategy: Strategy, name: str) -> None:
    """Give a strategy another name. Raises Conflict where its owner has one of that name."""
    if name != strategy.name:
        await _refuse_taken(session, strategy.owner, name)
        strategy.name = name
        await _flush(session, name)


async def add_version(
    session: AsyncSession, at: int, strategy: Strategy, document: str, graph_hash: str, note: str
) -> StrategyVersion:
    """A new version of a strategy. Its draft stays."""
    strategy.version += 1
    strategy.updated_at = at
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
    found = await session.get(StrategyVersion, (strategy.id, wanted))
    if found is None:
        has = f"it has 1 to {strategy.version}" if strategy.version else "it has none yet"
        raise NotFound(f"The strategy {shown(strategy.name)!r} has no version {wanted}; {has}.")
    return found


async def versions(
    session: AsyncSession, owner: str, strategy_id: str, before: int | None, count: int
) -> list[StrategyVersion]:
    """The newest `count` versions without their documents, of those before that number. Raises NotFound."""
    strategy = await get(session, owner, strategy_id)
    wanted = select(StrategyVersion).where(StrategyVersion.strategy_id == strategy.id)
    wanted = wanted.options(defer(StrategyVersion.document)).order_by(StrategyVersion.number.desc()).limit(count)
    return list(await session.scalars(wanted if before is None else wanted.where(StrategyVersion.number < before)))


async def remove(session: AsyncSession, strategy: Strategy) -> None:
    """Delete a strategy with its versions; its runs stay."""
    await session.execute(delete(Strategy).where(Strategy.id == strategy.id))


async def _refuse_taken(session: AsyncSession, owner: str, name: str) -> None:
    if await session.scalar(select(Strategy.id).where(Strategy.owner == owner, Strategy.name == name)):
        raise _taken(name)


async def _flush(session: AsyncSession, name: str) -> None:
    """Write now, so that a name that another session took meanwhile is found here."""
    try:
        await session.flush()
    except IntegrityError:
        raise _taken(name) from None


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a strategy {shown(name)!r} already; choose another name.")
