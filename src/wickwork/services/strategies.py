"""Strategies of a caller: versions that never change, and one draft."""

from __future__ import annotations

from collections.abc import Mapping
from operator import gt, lt
from typing import Any, Literal, NamedTuple

from wickwork.model.errors import InputError, NotFound, shown
from wickwork.services import graphs
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database import audit, strategies
from wickwork.store.database.strategies import Entry
from wickwork.store.database.tables import Strategy, StrategyVersion

_SOURCES = "wickwork.services.work.sources"
NEWEST, DRAFT = "newest", "draft"
"""What a text of a strategy is named by, besides the number of a version."""
Order = Literal["newest", "name", "changed"]


class Text(NamedTuple):
    """A strategy, and one of its texts: that of a version, or its draft."""

    strategy: Strategy
    version: StrategyVersion | None
    """None for the draft, and where the strategy has no version yet."""
    document: str | None


class Made(NamedTuple):
    """A new strategy, and what the import of a LiteGraph file made of it."""

    strategy: Strategy
    report: Mapping[str, Any] | None


async def page(
    services: Services,
    caller: Caller,
    after: tuple[Any, str] | None,
    count: int,
    search: str = "",
    order: Order = "newest",
) -> list[Entry]:
    """The caller's strategies whose names have these words, in that order, of those that follow `after`.

    `after` is the key of the last one of the page before (`key_of`).
    """
    caller.require(Access.READ)
    async with services.database.reading() as session:
        found = await strategies.entries(session, caller.user_id)
    words = search.casefold().split()
    chosen = [one for one in found if all(word in one.name.casefold() for word in words)]
    chosen.sort(key=lambda one: key_of(one, order), reverse=order != "name")
    if after is not None:
        follows = gt if order == "name" else lt
        chosen = [one for one in chosen if follows(key_of(one, order), after)]
    return chosen[:count]


def key_of(entry: Entry, order: Order) -> tuple[Any, str]:
    """What a list in that order is sorted by."""
    return {"newest": entry.id, "name": entry.name.casefold(), "changed": entry.updated_at}[order], entry.id


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


async def versions(
    services: Services, caller: Caller, strategy_id: str, before: int | None, count: int
) -> list[StrategyVersion]:
    """The newest versions without their documents, of those before that number. Raises NotFound."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        return await strategies.versions(session, caller.user_id, strategy_id, before, count)


async def text(services: Services, caller: Caller, strategy_id: str, which: str = NEWEST) -> Text:
    """A strategy with the text of `newest` (its newest version, if it has one), of `draft`, or of a number's version.

    Raises NotFound where the strategy does not have it.
    """
    caller.require(Access.READ)
    async with services.database.reading() as session:
        strategy = await strategies.get(session, caller.user_id, strategy_id)
        if which == DRAFT:
            if strategy.draft is None:
                raise NotFound(f"The strategy {shown(strategy.name)!r} has no draft.")
            return Text(strategy, None, strategy.draft)
        if which == NEWEST and not strategy.version:
            return Text(strategy, None, None)
        number = None if which == NEWEST else int(which)
        found = await strategies.version(session, caller.user_id, strategy_id, number)
    return Text(strategy, found, found.document)


async def document(services: Services, caller: Caller, strategy_id: str, which: str = NEWEST) -> str:
    """The text that `text` finds. Raises NotFound where there is none."""
    found = await text(services, caller, strategy_id, which)
    if found.document is None:
        raise NotFound(f"The strategy {shown(found.strategy.name)!r} has no version yet; save one.")
    return found.document


async def create(
    services: Services,
    caller: Caller,
    name: str | None,
    source: Literal["graph", "template", "litegraph", "share"] | None = None,
    given: Any = None,
    note: str = "",
) -> Made:
    """A new strategy, whose first version is what is `given`; without a source it has none.

    A source is a graph, the name of a template, a LiteGraph file, or a share file.

    Without a name it gets that of its graph. Raises InputError for what cannot be read, NotFound for an unknown
    template, and Conflict for a name that the caller's strategies have already.
    """
    caller.require(Access.WRITE)
    read = await _read_source(services, source, given, name or "") if source is not None else None
    chosen = checked_name(name if name is not None else read["name"] if read else "")
    async with services.database.writing() as session:
        now = services.now()
        strategy = await strategies.add(session, now, caller.user_id, chosen)
        if read is not None:
            await strategies.add_version(session, now, strategy, read["text"], read["hash"], checked_note(note))
        detail = {"name": chosen, "from": source or "nothing"}
        await audit.append(session, now, caller.user_id, "strategy.create", strategy.id, detail)
    return Made(strategy, read.get("report") if read else None)


async def save_version(
    services: Services,
    caller: Caller,
    strategy_id: str,
    graph: Mapping[str, Any] | str,
    note: str = "",
    revision: int | None = None,
) -> tuple[Strategy, bool]:
    """Save a graph as the strategy's next version; returns whether there is one more.

    There is none where the text is that of the newest version. With a revision the draft is dropped, which the caller
    has read or written then; without one it stays. Raises InputError for what is no graph, NotFound, and ChangedSince
    where the strategy is not at `revision`.
    """
    caller.require(Access.WRITE)
    read = await graphs.read(services, graph)
    async with services.database.writing() as session:
        strategy = await strategies.get(session, caller.user_id, strategy_id, to_change=True)
        strategies.require_revision(strategy, revision)
        newest = await strategies.version(session, caller.user_id, strategy_id, None) if strategy.version else None
        is_new = newest is None or newest.document != read["text"]
        drops = revision is not None and strategy.draft is not None
        if is_new or drops:
            strategies.change(strategy, services.now())
        if drops:
            strategy.draft = None
        if is_new:
            await strategies.add_version(
                session, services.now(), strategy, read["text"], read["hash"], checked_note(note)
            )
            detail = {"version": strategy.version, "hash": read["hash"]}
            await audit.append(session, services.now(), caller.user_id, "strategy.save", strategy.id, detail)
    return strategy, is_new


async def save_draft(
    services: Services, caller: Caller, strategy_id: str, graph: Mapping[str, Any] | str, revision: int
) -> Strategy:
    """Keep a graph, which may have faults, as the draft.

    Raises InputError for what is no graph, NotFound, and ChangedSince where the strategy is not at `revision`: another
    editor has changed it, whose draft must not be lost.
    """
    caller.require(Access.WRITE)
    read = await graphs.read(services, graph)
    async with services.database.writing() as session:
        strategy = await strategies.to_change(session, services.now(), caller.user_id, strategy_id, revision)
        strategy.draft = read["text"]
    return strategy


async def drop_draft(services: Services, caller: Caller, strategy_id: str, revision: int | None = None) -> Strategy:
    """Remove the draft. Raises NotFound where there is none, and ChangedSince as `save_draft` does."""
    caller.require(Access.WRITE)
    async with services.database.writing() as session:
        strategy = await strategies.to_change(session, services.now(), caller.user_id, strategy_id, revision)
        if strategy.draft is None:
            raise NotFound(f"The strategy {shown(strategy.name)!r} has no draft.")
        strategy.draft = None
    return strategy


async def rename(
    services: Services, caller: Caller, strategy_id: str, name: str, revision: int | None = None
) -> Strategy:
    """Give a strategy another name. Raises NotFound, ChangedSince, and Conflict for a name that is taken."""
    caller.require(Access.WRITE)
    chosen = checked_name(name)
    async with services.database.writing() as session:
        strategy = await strategies.to_change(session, services.now(), caller.user_id, strategy_id, revision)
        detail = {"from": strategy.name, "to": chosen}
        await strategies.rename(session, strategy, chosen)
        await audit.append(session, services.now(), caller.user_id, "strategy.rename", strategy.id, detail)
    return strategy


async def duplicate(services: Services, caller: Caller, strategy_id: str, name: str | None = None) -> Strategy:
    """A new strategy with the newest version of another as its first, and its draft. Without a name it is a copy of it.

    Raises NotFound, and Conflict for a name that is taken.
    """
    caller.require(Access.WRITE)
    async with services.database.writing() as session:
        now = services.now()
        old = await strategies.get(session, caller.user_id, strategy_id)
        taken = {one.name for one in await strategies.entries(session, caller.user_id)}
        chosen = checked_name(name) if name is not None else _free_copy(old.name, taken)
        made = await strategies.add(session, now, caller.user_id, chosen)
        if old.version:
            was = await strategies.version(session, caller.user_id, strategy_id, None)
            note = f"A copy of version {was.number} of {old.name}."
            await strategies.add_version(session, now, made, was.document, was.graph_hash, note)
        made.draft = old.draft
        detail = {"name": chosen, "from": old.id}
        await audit.append(session, now, caller.user_id, "strategy.create", made.id, detail)
    return made


async def remove(services: Services, caller: Caller, strategy_id: str, revision: int | None = None) -> None:
    """Delete a strategy with its versions; runs of it stay. Raises NotFound, and ChangedSince as others do."""
    caller.require(Access.WRITE)
    async with services.database.writing() as session:
        strategy = await strategies.to_change(session, services.now(), caller.user_id, strategy_id, revision)
        await strategies.remove(session, strategy)
        detail = {"name": strategy.name}
        await audit.append(session, services.now(), caller.user_id, "strategy.delete", strategy.id, detail)


async def _read_source(services: Services, source: str, given: Any, name: str) -> dict[str, Any]:
    """What the strategy is made of: `text`, `hash`, `name`, and `report` of a LiteGraph file."""
    if source == "graph":
        return await graphs.read(services, given)
    request = {"text": graphs.json_text(given, "the file")}
    if source == "litegraph":
        request["name"] = name
    if source == "template":
        request = {"template": given}
    found: dict[str, Any] = await services.pool.call(f"{_SOURCES}:of_{source}", request)
    return found


def _free_copy(name: str, taken: set[str]) -> str:
    """The first of `NAME copy`, `NAME copy 2` … that is free."""
    number = 1
    while True:
        copy = f"{name[:180]} copy{f' {number}' if number > 1 else ''}"
        if copy not in taken:
            return copy
        number += 1


def checked_name(name: str) -> str:
    """A name without blanks around it. Raises InputError for what cannot be one."""
    name = name.strip()
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise InputError("The name of a strategy has 1 to 200 printable characters.")
    return name


def checked_note(note: str) -> str:
    """A note of a version. Raises InputError for characters that cannot be shown."""
    if not note.replace("\n", "").replace("\t", "").isprintable():
        raise InputError("The note of a version has characters that cannot be shown; remove them.")
    return note
