from __future__ import annotations

import json
from typing import Any

import pytest

from tests.server.conftest import ClientOf
from wickwork.analytics.run import backtest
from wickwork.graph.document import to_text
from wickwork.market.demo import demo_bars
from wickwork.model.moments import moment_of
from wickwork.strategies.load import load_strategy
from wickwork.templates import template

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def cross() -> Any:
    return json.loads(to_text(load_strategy(template("ema_cross").path).graph))


async def finished(client: Any, job: Any) -> Any:
    while job["state"] in ("queued", "running"):
        job = (await client.get(f"/api/jobs/{job['id']}")).json()
    return job


@pytest.mark.usefixtures("runner")
async def test_a_saved_strategy_runs_and_its_run_has_stats_and_a_report(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    made = await client.post("/api/strategies", json={"name": "cross", "graph": cross})
    assert made.status_code == 201, made.text
    request = {"strategy": {"id": made.json()["id"]}, "end": "2024-02-01", "timeframe": "1h"}
    job = await finished(client, (await client.post("/api/backtests", json=request)).json())
    assert job["state"] == "done", job
    run = (await client.get(f"/api/runs/{job['result']['run']}")).json()
    same = backtest(template("ema_cross").path, demo_bars("BTC/USDT", "1h", stop=moment_of("2024-02-01")))
    assert run["strategy_version"] == 1
    assert run["stats"] == dict(same.stats)
    report = await client.get(f"/api/runs/{run['id']}/report.html")
    assert report.text.lower().startswith("<!doctype html")
    assert "sandbox" in report.headers["content-security-policy"]


@pytest.mark.usefixtures("runner")
async def test_the_same_run_is_found_and_not_computed_again(client_of: ClientOf, cross: Any) -> None:
    client, other = await client_of("trader"), await client_of("trader")
    request = {"graph": cross, "end": "2024-01-10"}
    runs = []
    for one in (client, client, other):
        job = await finished(one, (await one.post("/api/backtests", json=request)).json())
        runs.append(job["result"]["run"])
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.usefixtures("runner")
async def test_a_graph_with_faults_fails_with_them(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    broken = {**cross, "wires": cross["wires"][1:]}
    job = await finished(client, (await client.post("/api/backtests", json={"graph": broken})).json())
    assert job["state"] == "failed"
    assert "wire" in job["error"]
