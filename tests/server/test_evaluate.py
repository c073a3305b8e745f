from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import pytest

from tests.server.conftest import ClientOf
from wickwork.analytics.run import backtest
from wickwork.graph.document import to_text
from wickwork.market.demo import demo_bars
from wickwork.model.moments import moment_of
from wickwork.strategies.load import load_strategy
from wickwork.templates import template

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SPAN = {"start": "2024-01-01", "end": "2024-03-01", "timeframe": "1h", "instruments": ["BTC/USDT"]}


@pytest.fixture(scope="module")
def cross() -> Any:
    return json.loads(to_text(load_strategy(template("ema_cross").path).graph))


async def test_an_evaluation_is_the_backtest(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("viewer")
    body = {"graph": cross, **SPAN, "wires": ["fast"], "points": 100}
    answer = await client.post("/api/evaluate", json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    bars = demo_bars("BTC/USDT", "1h", moment_of("2024-01-01"), moment_of("2024-03-01"))
    run = backtest(template("ema_cross").path, bars)
    assert found["stats"] == dict(run.stats)
    assert (found["faults"], found["bars"]) == ([], len(bars))
    assert len(found["fills"]["price"]) == len(run.fills)
    curve = found["equity"]
    assert len(curve["values"]) <= 100
    assert (min(curve["values"]), max(curve["values"])) == (run.equity.min(), run.equity.max())
    fast = [one for one in found["wires"]["fast"][0]["values"] if one is not None]
    assert (min(fast), max(fast)) == (np.nanmin(run.columns["fast"]), np.nanmax(run.columns["fast"]))


async def test_wires_that_do_not_fit_into_memory_together_are_the_same(
    client_of: ClientOf, cross: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await client_of("viewer")
    body = {"graph": cross, **SPAN, "wires": ["slow", "fast", "slow", "bars.close"], "points": 50}
    at_once = (await client.post("/api/evaluate", json=body)).json()
    monkeypatch.setattr("wickwork.services.work.evaluate._MOST_VALUES", 1)
    assert (await client.post("/api/evaluate", json=body)).json() == at_once
    assert list(at_once["wires"]) == ["slow", "fast", "bars.close"]


async def test_a_window_has_its_bars_alone(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("viewer")
    body = {"graph": cross, **SPAN, "from_bar": 1000, "to_bar": 1100, "wires": ["slow"]}
    found = (await client.post("/api/evaluate", json=body)).json()
    assert len(found["equity"]["times"]) == len(found["wires"]["slow"][0]["times"]) == 100
    assert all(found["equity"]["times"][0] <= at <= found["equity"]["times"][-1] for at in found["fills"]["filled_at"])


async def test_faults_are_an_answer(client_of: ClientOf, cross: Any) -> None:
    client = await client_of("viewer")
    broken = {**cross, "wires": [wire for wire in cross["wires"] if wire[1] != "buy.when"]}
    found = (await client.post("/api/evaluate", json={"graph": broken, **SPAN})).json()
    assert [(one["node"], one["port"]) for one in found["faults"]] == [("buy", "when")]
    assert found["equity"] is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wires": ["nothing"]}, "nothing"),
        ({"from_bar": 10_000_000}, "no bars"),
        ({"timeframe": "7q"}, "7q"),
        ({"instruments": ["NOPE/USDT"]}, "NOPE"),
        ({"start": "soon"}, "start"),
        ({"costs": {"fee_pct": -3}}, "fee_pct"),
        ({"params": {"fast.period": -3}}, "fast"),
        ({"graph": {"nodes": []}}, "graph"),
        ({"points": 1}, "points"),
        ({"window": 1}, "window"),
        ({"timeframe": "1m", "start": "2021-01-01", "end": "2025-01-01"}, "1,000,000"),
        ({"finer": "1m", "start": "2021-01-01", "end": "2025-01-01"}, "1,000,000"),
        ({"instruments": ["BTC/USDT", "BTCUSDT"]}, "twice"),
        ({"instruments": ["B" * 101]}, "100"),
        ({"wires": ["w" * 201]}, "200"),
        ({"wires": [f"w{i}" for i in range(15)], "points": 20_000}, "300,000"),
        ({"timeframe": ""}, "timeframe"),
        ({"params": {"fast.period": {"a": 1}}}, "params"),
        ({"strategy": {"id": "x", "version": 2**31}}, "version"),
    ],
)
async def test_what_is_wrong_is_named(client_of: ClientOf, cross: Any, change: Any, words: str) -> None:
    client = await client_of("viewer")
    answer = await client.post("/api/evaluate", json={"graph": cross, **SPAN, **change})
    found = answer.json()
    assert len(answer.content) < 5_000
    named = found["faults"][0]["node"] if "faults" in found else found["detail"]
    assert answer.status_code in (200, 404, 422)
    assert words in named


async def test_a_newer_evaluation_of_the_same_page_takes_the_place_of_the_older(
    client_of: ClientOf, cross: Any
) -> None:
    client = await client_of("viewer")
    body = {"graph": cross, **SPAN}
    answers = await asyncio.gather(
        *(client.post("/api/evaluate", json=body, headers={"X-Client": "page"}) for _ in range(3))
    )
    assert sorted(one.status_code for one in answers) == [200, 409, 409]


@pytest.mark.parametrize("path", ["/api/evaluate", "/api/backtests", "/api/strategies"])
async def test_bodies_that_cannot_be_kept_are_refused(client_of: ClientOf, path: str) -> None:
    client = await client_of("trader")
    for text in ('"costs": {"fee_pct": NaN}', '"rules": {"\\ud800": 1}', '"name": "\\u0000"'):
        answer = await client.post(path, content=f"{{{text}}}", headers={"content-type": "application/json"})
        place = text.split('"')[1]
        assert (answer.status_code, f"body: {place}" in answer.text or f"a name in {place}" in answer.text) == (
            422,
            True,
        )
    long = await client.post(path, json={"k" * 100_000: 1})
    assert (long.status_code, len(long.content) < 3_000) == (422, True)
