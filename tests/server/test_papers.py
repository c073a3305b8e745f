from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.server.conftest import ClientOf, ThreadChild
from tests.server.test_backtests import cross, finished
from wickwork.services.core import Services
from wickwork.services.events import Event
from wickwork.services.kinds.kind import PAPER
from wickwork.services.runner import Runner

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
SPAN = {"start": "2024-01-01", "end": "2024-02-01", "timeframe": "1h", "finer": "none"}
_ = cross


@pytest.fixture
async def papers(services: Services) -> AsyncIterator[None]:
    """Runs on paper go on while the test runs."""
    doing = asyncio.create_task(Runner(services, services.pool.place, 1, ThreadChild, PAPER).run())
    yield
    doing.cancel()
    await asyncio.gather(doing, return_exceptions=True)


@pytest.mark.usefixtures("papers")
async def test_a_run_on_paper_ends_with_its_bars_and_does_what_a_backtest_does(
    client_of: ClientOf, services: Services, cross: Any
) -> None:
    events: list[Event] = []
    services.events.follow(events.append)
    client = await client_of("trader")
    made = await client.post("/api/papers", json={"graph": cross, **SPAN, "speed": None})
    assert made.status_code == 201, made.text
    paper = await finished(client, made.json())
    assert paper["state"] == "done", paper
    result = paper["result"]
    assert (result["bars"], result["at"]) == (744, 1706745600000)
    run = (await client.get(f"/api/runs/{result['run']}")).json()
    assert (run["kind"], run["stats"]["ended"]) == ("paper", "the bars are over")
    fills = [one for one in events if one.data.get("type") == "fill"]
    assert {one.topic for one in fills} == {f"run:{paper['id']}"}
    assert "Z bought " in paper["log"]
    replay = (await client.post(f"/api/papers/{paper['id']}/replay")).json()
    assert replay["differences"] == []
    assert (replay["bars"], replay["fills"]) == (744, len(fills))
    assert replay["equity"] == result["equity"]
    assert [one["id"] for one in (await client.get("/api/papers")).json()["items"]] == [paper["id"]]
    stranger = await client_of("trader")
    for method, end in (("GET", ""), ("POST", "/stop"), ("POST", "/replay")):
        assert (await stranger.request(method, f"/api/papers/{paper['id']}{end}")).status_code == 404


@pytest.mark.usefixtures("papers", "runner")
async def test_a_run_that_is_stopped_is_done_and_backtests_are_done_meanwhile(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    made = (await client.post("/api/papers", json={"graph": cross, **SPAN, "speed": 50_000})).json()
    path = f"/api/papers/{made['id']}"
    async with asyncio.timeout(30):
        while not ((await client.get(path)).json()["result"] or {}).get("bars"):
            await asyncio.sleep(0.02)
    job = await finished(client, (await client.post("/api/backtests", json={"graph": cross, **SPAN})).json())
    assert job["state"] == "done"
    assert (await client.get(f"/api/papers/{job['id']}")).status_code == 404
    assert (await client.get(path)).json()["state"] == "running"
    assert (await client.post(f"{path}/stop")).json()["stop_requested"]
    paper = await finished(client, made)
    assert paper["state"] == "done"
    assert 0 < paper["result"]["bars"] < 744
    assert (await client.post(f"{path}/replay")).json()["differences"] == []


async def test_too_many_runs_and_wrong_requests_are_refused(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    for speed in (0, -1, 1e10, "fast"):
        assert (await client.post("/api/papers", json={"graph": cross, "speed": speed})).status_code == 422
    for number in range(5):
        body = {"graph": cross, "capital": 1000 + number}
        assert (await client.post("/api/papers", json=body)).status_code == 201
    refused = await client.post("/api/papers", json={"graph": cross, "capital": 1})
    assert refused.status_code == 409
    assert "stop one first" in refused.json()["detail"]
    waiting = (await client.get("/api/papers")).json()["items"][0]["id"]
    assert (await client.post(f"/api/papers/{waiting}/replay")).status_code == 404
    assert (await client.post(f"/api/jobs/{waiting}/cancel")).json()["state"] == "canceled"
