"""Strategies of a caller: versions that never change, and one draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.model.errors import InputError
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database import audit, strategies
from wickwork.store.database.tables import Strategy, StrategyVersion

_GRAPHS = "wickwork.services.work.graphs"


async def create(services: Services, caller: Caller, name: str, graph: Mapping[str, Any] | None) -> Strategy:
    """A new strategy, whose first version is `graph`, where one is given.

    Raises InputError for what is no graph, and Conflict for a name that the caller's strategies have already.
    """
    caller.require(Access.WRITE)
    read = await _read(services, graph) if graph is not None else None
    async with services.database.writing() as session:
        now = services.now()
        strategy = await strategies.add(session, now, caller.user_id, _named(name))
        if read is not None:
            await strategies.add_version(session, now, strategy, read["text"], read["hash"], "")
        await audit.append(session, now, caller.user_id, "strategy.create", strategy.id, {"name": name})
    return strategy


async def page(services: Services, caller: Caller, before: str | None, count: int) -> list[Strategy]:
    """The caller's newest strategies, of those older than `before`."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        return await strategies.page(session, caller.user_id, before, count)


async def get(services: Services, caller: Caller, strategy_id: str) -> Strategy:
    """One strategy. Raises NotFound."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        return await strategies.get(session, caller.user_id, strategy_id)


async def version(services: Services, caller: Caller, strategy_id: str, number: int | None = None) -> StrategyVersion:
    """One version, the newest without a number. Raises NotFound."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        return await strategies.version(session, caller.user_id, strategy_id, number)


async def save_version(
    services: Services,
    caller: Caller,
    strategy_id: str,
    graph: Mapping[str, Any],
    note: str = "",
    revision: int | None = None,
) -> Strategy:
    """Save a graph as the strategy's next version; its draft is dropped.

    Raises InputError for what is no graph, NotFound, and Conflict where the strategy is not at `revision`.
    """
    caller.require(Access.WRITE)
    read = await _read(services, graph)
    async with services.database.writing() as session:
        now = services.now()
        strategy = await strategies.to_change(session, caller.user_id, strategy_id, revision)
        await strategies.add_version(session, now, strategy, read["text"], read["hash"], note)
        detail = {"version": strategy.version, "hash": read["hash"]}
        await audit.append(session, now, caller.user_id, "strategy.save", strategy.id, detail)
    return strategy


async def remove(services: Services, caller: Caller, strategy_id: str, revision: int | None = None) -> None:
    """Delete a strategy with its versions; runs of it stay. Raises NotFound, and Conflict as `save_version` does."""
    caller.require(Access.WRITE)
    async with services.database.writing() as session:
        strategy = await strategies.to_change(session, caller.user_id, strategy_id, revision)
        await strategies.remove(session, strategy)
        detail = {"name": strategy.name}
        await audit.append(session, services.now(), caller.user_id, "strategy.delete", strategy.id, detail)


async def _read(services: Services, graph: Mapping[str, Any]) -> Mapping[str, Any]:
    """The text of a graph and its hash."""
    result: Mapping[str, Any] = await services.pool.call(f"{_GRAPHS}:read", {"graph": graph})
    return result


def _named(name: str) -> str:
    if not 1 <= len(name.strip()) <= 200 or not name.isprintable():
        raise InputError("The name of a strategy has 1 to 200 printable characters.")
    return name.strip()
