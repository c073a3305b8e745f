"""A database server that is killed: requests get 503, then work again, and jobs go on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import databases
from tests.conftest import NO_POSTGRESQL, refuse_or_skip
from tests.server.conftest import ClientOf
from tests.store.database.made import graph_text
from wickwork.services.core import Services
from wickwork.services.verify import faults_of
from wickwork.services.watch import Watch
from wickwork.services.work import backtest
from wickwork.store.files import Files

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


@pytest.fixture
def server(postgresql_server: databases.Server | None) -> Iterator[databases.Server]:
    if postgresql_server is None:
        refuse_or_skip(NO_POSTGRESQL)
    yield postgresql_server
    if not postgresql_server.answers():
        postgresql_server.start()


@pytest.mark.usefixtures("runner")
async def test_requests_and_jobs_go_on_after_a_restart(
    client_of: ClientOf, services: Services, server: databases.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, keep, loop = asyncio.Event(), backtest.keep, asyncio.get_running_loop()
    watching = asyncio.create_task(Watch(services).run())

    def keep_without_database(done: Any, files: Files) -> Any:
        if not stopped.is_set():
            server.stop("immediate")
            loop.call_soon_threadsafe(stopped.set)
        return keep(done, files)

    monkeypatch.setattr(backtest, "keep", keep_without_database)
    client, graph = await client_of("trader"), json.loads(graph_text())
    job = (await client.post("/api/backtests", json={"graph": graph, "end": "2024-01-10"})).json()
    await stopped.wait()
    for method, path, body in (
        ("GET", "/api/strategies", None),
        ("POST", "/api/strategies", {"name": "x", "graph": graph}),
        ("GET", f"/api/jobs/{job['id']}", None),
        ("GET", "/api/health/ready", None),
    ):
        answer = await client.request(method, path, json=body)
        assert answer.status_code == 503, (path, answer.text)
        assert "does not answer" in answer.json()["detail"]
    await asyncio.to_thread(server.start)
    assert (await client.post("/api/strategies", json={"name": "x", "graph": graph})).status_code == 201
    state = {"state": "running"}
    while state["state"] == "running":
        await asyncio.sleep(0.05)
        state = (await client.get(f"/api/jobs/{job['id']}")).json()
    assert state["state"] == "done", state
    assert not watching.done()
    watching.cancel()
    assert await faults_of(services.database) == []


@pytest.mark.usefixtures("runner")
async def test_a_question_of_a_job_waits_for_the_database(
    client_of: ClientOf, server: databases.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, digest, loop = asyncio.Event(), backtest.digest, asyncio.get_running_loop()

    def digest_without_database(value: Any) -> str:
        if not asked.is_set():
            server.stop("immediate")
            loop.call_soon_threadsafe(asked.set)
        return digest(value)

    monkeypatch.setattr(backtest, "digest", digest_without_database)
    client, graph = await client_of("trader"), json.loads(graph_text())
    job = (await client.post("/api/backtests", json={"graph": graph, "end": "2024-01-10"})).json()
    await asked.wait()
    await asyncio.sleep(0.3)
    await asyncio.to_thread(server.start)
    state = {"state": "running"}
    while state["state"] == "running":
        await asyncio.sleep(0.05)
        state = (await client.get(f"/api/jobs/{job['id']}")).json()
    assert state["state"] == "done", state
