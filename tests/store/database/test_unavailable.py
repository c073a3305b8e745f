from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from wickwork.model.errors import Conflict, Unavailable
from wickwork.store.database import engine, users
from wickwork.store.database.engine import Database

pytestmark = pytest.mark.anyio


class ServerError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("the server says no")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [("57P01", Unavailable), ("57P02", Unavailable), ("57P03", Unavailable), ("08006", Unavailable),
     ("53300", Unavailable), ("42601", DBAPIError)],
)  # fmt: skip
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_server_that_starts_or_stops_is_unavailable(database: Database, sqlstate: str, kind: Any) -> None:
    with pytest.raises(kind), engine._explained(database.url):
        raise DBAPIError("SELECT", None, ServerError(sqlstate))


async def finds_none(*_: Any) -> None:
    return None


async def test_what_another_process_made_meanwhile_is_a_conflict(database: Database) -> None:
    async def add() -> None:
        async with database.writing() as session:
            session.scalar = finds_none  # type: ignore[method-assign,assignment]
            await users.add(session, 1, "one", "viewer")

    await add()
    with pytest.raises(Conflict, match="at the same moment"):
        await add()
