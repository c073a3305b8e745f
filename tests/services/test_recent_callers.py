from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import ThreadPool, token_of
from wickwork.context import Context
from wickwork.services import identity, recent_callers
from wickwork.services.child import Place
from wickwork.services.core import Services
from wickwork.services.recent_callers import RecentCallers
from wickwork.store.database import tokens
from wickwork.store.database.engine import Database, open_database

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
async def services(database: Database, tmp_path: Path) -> Services:
    place = Place(tmp_path, database.folder)
    return Services(database, Context(place.home), ThreadPool(place))


async def remove_all(database: Database, owner: str) -> None:
    async with database.writing() as session:
        for token in await tokens.of_owner(session, owner):
            await tokens.remove(session, owner, token.id)


async def test_a_token_is_looked_up_once_and_ends_when_this_process_removes_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    recent, secret, looks, find = RecentCallers(), await token_of(services, "viewer", 1), [], identity.of_token

    async def counted(*given: Any) -> Any:
        looks.append(given)
        return await find(*given)

    monkeypatch.setattr(identity, "of_token", counted)
    callers = [await recent.of_token(services, secret) for _ in range(5)]
    assert len(looks) == 1
    assert callers[0] is not None
    assert await recent.of_token(services, "wick_none") is None
    await remove_all(services.database, callers[0].user_id)
    assert await recent.of_token(services, secret) is None


async def test_a_token_that_another_process_removed_ends_soon(
    services: Services, monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    recent, secret = RecentCallers(), await token_of(services, "viewer", 1)
    caller = await recent.of_token(services, secret)
    assert caller is not None
    other = open_database(database_url, tmp_path)
    await remove_all(other, caller.user_id)
    await other.close()
    monkeypatch.setattr(recent_callers.time, "monotonic", lambda: float("inf"))
    assert await recent.of_token(services, secret) is None
