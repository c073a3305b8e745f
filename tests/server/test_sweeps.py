from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.server.conftest import ClientOf
from tests.server.test_backtests import cross, finished

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
SPAN = {"start": "2024-01-01", "end": "2024-02-01", "timeframe": "1h", "finer": "none"}
_ = cross


@pytest.mark.usefixtures("runner")
async def test_a_sweep_has_a_table_the_best_and_how_much_is_luck(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    over = {"fast.period": {"from": 4, "to": 10, "step": 2}, "slow.period": [20, 30, 40]}
    body = {"graph": cross, **SPAN, "over": over, "by": "total_return"}
    job = await finished(client, (await client.post("/api/sweeps", json=body)).json())
    assert job["state"] == "done", job
    run = (await client.get(f"/api/runs/{job['result']['run']}")).json()
    stats = run["stats"]
    assert (run["kind"], stats["tried"], stats["by"]) == ("sweep", 12, "total_return")
    assert stats["luckiest_sharpe"] > 0
    path = f"/api/sweeps/{run['id']}/table"
    table = (await client.get(path, params={"by": "total_return", "count": 5})).json()
    returns = [row[table["columns"].index("total_return")] for row in table["rows"]]
    assert (table["total"], len(returns)) == (12, 5)
    assert returns == sorted(returns, reverse=True)
    assert returns[0] == stats["best"][0]["stats"]["total_return"]
    rest = (await client.get(path, params={"by": "total_return", "offset": 10})).json()
    assert len(rest["rows"]) == 2
    tried = (await client.get(path)).json()["rows"]
    assert [row[:2] for row in tried[:4]] == [[4, 20], [4, 30], [4, 40], [6, 20]]
    text = (await client.get(f"{path}.csv")).text
    assert [row[:2] for row in csv.reader(io.StringIO(text))][1] == ["4", "20"]
    again = await finished(client, (await client.post("/api/sweeps", json=body)).json())
    assert again["result"] == job["result"]
    other = await finished(client, (await client.post("/api/sweeps", json=body | {"end": "2024-01-20"})).json())
    assert other["result"] != job["result"]
    assert (await client.get(path, params={"by": "sharp"})).json()["detail"].endswith("Did you mean 'sharpe'?")
    stranger = await client_of("trader")
    for end in ("", ".csv"):
        assert (await stranger.get(path + end)).status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"over": {"fast.period": {"from": 1, "to": 1e9}}}, "more than 100,000 values"),
        ({"over": {"fast.period": {"from": 1, "to": 1000}, "slow.period": {"from": 1, "to": 1000}}}, "1,000,000 comb"),
        ({"over": {"fast.period": {"from": 9, "to": 1}}}, "from the lower to the higher"),
        ({"over": {"fast.period": {"from": 1, "to": 9, "step": 0}}}, "step"),
        ({"over": {"fast.period": []}}, "at least 1"),
        ({"over": {"fast.period": [[1]]}}, "over"),
        ({"over": {}}, "over"),
        ({"over": {"fast.period": {"from": 1}}}, "to"),
        ({}, "over"),
    ],
)
async def test_what_cannot_be_varied_is_refused_at_once(
    client_of: ClientOf, cross: Any, change: Any, words: str
) -> None:
    client = await client_of("trader")
    answer = await client.post("/api/sweeps", json={"graph": cross, **SPAN, **change})
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


@pytest.mark.usefixtures("runner")
async def test_what_the_strategy_does_not_have_fails_with_a_sentence(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("trader")
    for change, words in (
        ({"over": {"nothing.period": [1, 2]}}, "nothing"),
        ({"over": {"fast.period": ["x"]}}, "fast"),
        ({"over": {"fast.period": [5]}, "by": "beauty"}, "beauty"),
    ):
        job = await finished(client, (await client.post("/api/sweeps", json={"graph": cross, **SPAN, **change})).json())
        assert job["state"] == "failed"
        assert words in job["error"]
