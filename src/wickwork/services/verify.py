"""Checking that everything the installation keeps is whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.graph.document import from_text
from wickwork.model.errors import WickworkError
from wickwork.store.database import audit, integrity, schema
from wickwork.store.database.engine import Damaged, Database
from wickwork.store.files import Files


async def faults_of(database: Database) -> list[str]:
    """What is wrong, as sentences: in the database, the audit log, the files of runs, the versions of strategies.

    Raises Refused for a newer schema, and Unavailable where the database does not answer.
    """
    try:
        version = await schema.version_of(database)
        found = await integrity.of_tables(database)
    except Damaged as error:
        return [str(error)]
    if version is None:
        return found
    if found:
        return [*found, "The audit log, the files of runs and the strategies were not checked because of this."]
    if version != schema.newest():
        return [f"The schema {version} is older than {schema.newest()}; run `wick db upgrade` first."]
    files = Files(database.folder)
    with files.not_collected():
        for check in (_audit, lambda session: integrity.of_files(session, files), integrity.of_versions, _strategies):
            found += await _checked(database, check)
    return found


async def _checked(database: Database, check: Callable[[AsyncSession], Awaitable[list[str]]]) -> list[str]:
    """The faults of one check; pages that are too damaged to be read are one, and the other checks go on."""
    try:
        async with database.reading() as session:
            return await check(session)
    except Damaged as error:
        return [str(error)]


async def _audit(session: AsyncSession) -> list[str]:
    fault = await audit.first_fault(session)
    return [fault] if fault else []


async def _strategies(session: AsyncSession) -> list[str]:
    found = []
    async for one in integrity.versions(session):
        where = f"Version {one.number} of the strategy {one.strategy_id}"
        try:
            changed = from_text(one.document).hash() != one.graph_hash
        except WickworkError as error:
            found.append(f"{where} cannot be read: {error}")
        else:
            if changed:
                found.append(f"{where} was changed after it was saved: its hash is another.")
    return found
