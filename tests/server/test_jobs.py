from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.server.conftest import ClientOf
from tests.server.test_backtests import cross
from wickwork.services.core import Services
from wickwork.store.database import job_queue, users

pytestmark = pytest.mark.anyio
_ = cross
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ONE_DATABASE
async def test_a_queued_job_is_canceled_at_once_and_the_list_has_no_logs(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    job = (await client.post("/api/backtests", json={"graph": cross, "timeframe": "1m"})).json()
    assert (job["state"], job["seconds_left"], job["attempts"]) == ("queued", None, 0)
    assert (await client.post(f"/api/jobs/{job['id']}/cancel")).json()["state"] == "canceled"
    listed = (await client.get("/api/jobs", params={"state": "canceled"})).json()["items"]
    assert [one["id"] for one in listed] == [job["id"]]
    assert "log" not in listed[0]
    again = (await client.post("/api/backtests", json={"graph": cross, "timeframe": "1m"})).json()
    assert again["id"] != job["id"]


@ONE_DATABASE
async def test_a_full_queue_is_answered_with_409(client_of: ClientOf, services: Services, cross: Any) -> None:
    object.__setattr__(services, "most_queued", 2)
    client, other = await client_of("trader"), await client_of("trader")
    for number in range(2):
        body = {"graph": cross, "capital": 1000 + number}
        assert (await client.post("/api/backtests", json=body)).status_code == 202
    refused = await client.post("/api/sweeps", json={"graph": cross, "over": {"fast.period": [1, 2]}})
    assert refused.status_code == 409
    assert "You have 2 jobs in the queue" in refused.json()["detail"]
    assert (await other.post("/api/backtests", json={"graph": cross})).status_code == 202


async def test_ids_that_are_none_are_not_found(client_of: ClientOf) -> None:
    client = await client_of("trader")
    for path in ("jobs", "papers"):
        for name in ("none", "x" * 10_000, "%F0%9F%98%80", "..%2F..", "'; drop table jobs"):
            answer = await client.get(f"/api/{path}/{name}")
            assert answer.status_code in (404, 422), (path, name, answer.text)


async def test_a_job_of_a_deleted_user_ends_with_nothing_left(services: Services) -> None:
    from wickwork.store.database import jobs

    async with services.database.writing() as session:
        user = await users.add(session, 1, "ann", "trader")
        job = await jobs.add(session, 1, user.id, "backtest", {}, "1")
        await job_queue.take(session, 2, "one", 1000, ("backtest",))
    async with services.database.writing() as session:
        await session.delete(await session.get(type(user), user.id))
    await asyncio.sleep(0)
    async with services.database.writing() as session:
        assert await job_queue.flags(session, "one", job.id) is None
        assert not await job_queue.finish(session, 3, "one", job.id, jobs.DONE, {})
