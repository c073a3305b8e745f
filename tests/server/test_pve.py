"""PVE's endpoints: its paths and shapes, without its faults (the numbers are those of docs/server/pve.md)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.compat.pve.lite import Lite
from tests.server.conftest import ClientOf
from wickwork import demo_bars, parse_instrument
from wickwork.market.store import Store
from wickwork.services.core import Services

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

START = 1_704_067_200_000
SPAN = {"start_date": "2024-01-01T00:00:00", "end_date": "2024-01-21T00:00:00"}
MADE_FOR = {**SPAN, "symbol": "ANIMEUSDT", "timeframe": "15min"}

TWO_DAYS = {**MADE_FOR, "end_date": "2024-01-03T00:00:00"}


def strategy(stop: float = 0.99) -> Any:
    """Long on a crossing of averages, with a limit above and a conditional order below."""
    lite = Lite()
    close = lite.node("get/close")
    fast = lite.node("indicators/ma", close, lite.value("integer", 5), properties={"ma_type": "sma"})
    slow = lite.node("indicators/ma", close, lite.value("integer", 20), properties={"ma_type": "sma"})
    flat = lite.node("compare/equal", (lite.node("trade/get_position"), 1), lite.value("float", 0))
    entry = lite.node("logic/and", lite.node("compare/cross_over", fast, slow), flat)
    quantity = lite.node("math/divide_float", lite.value("float", 200), close)
    above = lite.node("math/multiply_float", close, lite.value("float", 1.01))
    below = lite.node("math/multiply_float", close, lite.value("float", stop))
    buy, sell = lite.value("bool", True), lite.value("bool", False)
    bought = lite.node("trade/create_order", lite.node("logic/if", entry), buy, sell, None, quantity)
    target = lite.node("trade/create_order", bought, sell, buy, above, quantity)
    ended = lite.node("trade/create_conditional_order", target, sell, below, quantity)
    filled = [(lite.node("trade/get_order", (one, 1)), 4) for one in (ended, target)]
    lite.node("trade/cancel_all_order", lite.node("logic/if", lite.node("logic/or", *filled)))
    lite.node("tools/add_indicator", fast, lite.value("string", "Fast"))
    lite.node("tools/add_signal", entry, lite.value("string", "Entries"))
    return lite.data()


@pytest.fixture
def stored(services: Services) -> None:
    """Twenty days of a coin that costs some 0.02."""
    bars = demo_bars("SOL/USDT:USDT", "15m", START, START + 1920 * 900_000)
    cheap = {name: getattr(bars, name) * 2e-4 for name in ("open", "high", "low", "close")}
    Store(services.home / "bars").append(replace(bars, instrument=parse_instrument("ANIME/USDT:USDT"), **cheap))


async def finished(client: Any, answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    while True:
        job = (await client.get(f"/api/jobs/{answer.json()['job']}")).json()
        if job["state"] not in ("queued", "running"):
            return job


async def test_a_graph_is_kept_whole_with_the_run_it_was_made_for(client_of: ClientOf) -> None:
    client = await client_of("trader")
    graph = {**strategy(), "extra": {"ds": {"scale": 0.7}}, "config": {"links_ontop": True}}
    for given in (graph, json.dumps(graph), {"graph": graph, "graphName": "Other"}):
        saved = await client.post("/api/save-graph", json={"name": "cross", "graph_data": given, **MADE_FOR})
        assert (saved.status_code, saved.json()["status"]) == (200, "success"), saved.text
        assert saved.json()["warnings"] == []
        loaded = (await client.post("/api/load-graph", json={"name": "cross"})).json()
        assert loaded == {"status": "success", "graph_data": graph, "left_out": [], **MADE_FOR}
    for path in ("/api/get-saved-graphs", "/api/get-graphs"):
        (one,) = (await client.get(path)).json()["graphs"]
        assert (one["name"], one["id"]) == ("cross", saved.json()["id"])


async def test_an_empty_strategy_is_created_once_and_deleted(client_of: ClientOf) -> None:
    client, other = await client_of("trader"), await client_of("trader")
    made = await client.post("/api/create-empty-strategy", json={"name": " new "})
    assert made.json()["status"] == "success"
    assert (await client.post("/api/create-empty-strategy", json={"name": "new"})).status_code == 409
    assert (await client.post("/api/create-empty-strategy", json={"name": "  "})).status_code == 422
    loaded = (await client.post("/api/load-graph", json={"name": "new"})).json()
    assert loaded["graph_data"]["nodes"] == []
    assert (await client.post("/api/compile-graph", json={"name": "new"})).status_code == 422
    gone = {"strategy_id": made.json()["id"]}
    assert (await other.post("/api/delete-graph", json=gone)).status_code == 404
    assert (await client.post("/api/delete-graph", json=gone)).json()["status"] == "success"
    assert (await client.post("/api/load-graph", json={"name": "new"})).status_code == 404


@pytest.mark.usefixtures("runner", "stored")
async def test_a_backtest_has_its_chart_and_the_analysis_its_keys(client_of: ClientOf, services: Services) -> None:
    client = await client_of("trader")
    await client.post("/api/save-graph", json={"name": "cross", "graph_data": strategy(), **MADE_FOR})
    job = await finished(client, await client.post("/api/compile-graph", json={"name": "cross"}))
    assert job["state"] == "done", job
    (run,) = (await client.get("/api/runs")).json()["items"]
    assert (run["kind"], run["name"], run["strategy_version"]) == ("backtest", "cross", 1)
    (listed,) = (await client.get("/api/get-backtests")).json()["backtests"]
    assert (listed["graph_name"], listed["symbol"], listed["timeframe"]) == ("cross", "ANIMEUSDT", "15min")
    assert listed["analyzer_result_id"] is None
    which = {"backtest_id": listed["id"]}
    assert (await client.get("/api/get-analyzer-result", params=which)).status_code == 404
    chart = (await client.get("/api/get-backtest", params=which)).json()["backtest"]
    assert chart["orders"] == listed["orders"]
    assert chart["graph"] == strategy()
    first, last = chart["backtest_data"][0], chart["backtest_data"][-1]
    assert (first["date"], last["date"] - first["date"]) == (START // 1000, 1919 * 900)
    assert set(first) == {"date", "open", "high", "low", "close", "volume", "Fast", "$Entries"}
    assert (first["Fast"], first["$Entries"] in (None, False)) == (None, True)
    assert last["Fast"] == pytest.approx(sum(one["close"] for one in chart["backtest_data"][-5:]) / 5)
    assert chart["min_move"] == chart["minMove"] == 10.0 ** -chart["precision"]

    launched = await client.post("/api/launch-analyzer", json={**which, "initial_capital": 300})
    assert (await finished(client, launched))["state"] == "done"
    (listed,) = (await client.get("/api/get-backtests")).json()["backtests"]
    assert listed["analyzer_result_id"] == listed["id"]
    result = (await client.get("/api/get-analyzer-result", params=which)).json()["analyzer_result"]
    trades = result["Trades Details"]
    assert result["Number of Trades"] == len(trades) > 3
    # 1.7.5: prices were rounded to 4 decimals, the orders of a trade were missing, funding was not deducted, and the
    # curve began with the first closed trade.
    assert any(one["entry_price"] != round(one["entry_price"], 4) for one in trades)
    for one in trades:
        bought = [fill for fill in one["orders"] if fill["side"] == "BUY"]
        sold = [fill for fill in one["orders"] if fill["side"] == "SELL"]
        assert sum(fill["qty"] for fill in bought) == pytest.approx(sum(fill["qty"] for fill in sold))
        gross = (one["exit_price"] - one["entry_price"]) * one["qty"]
        assert one["profit"] == pytest.approx(gross - one["fees"] - one["funding_cost"], abs=1e-9)
        assert sum(fill["fee"] for fill in one["orders"]) == pytest.approx(one["fees"])
    assert result["Equity Curve"][0]["equity"] == result["Initial Capital"] == 300.0
    assert result["Final Capital"] == result["Equity Curve"][-1]["equity"]
    assert result["Total PnL"] == pytest.approx(result["Final Capital"] - 300.0)
    assert result["Max Drawdown (%)"] > 0.0
    assert result["DF Duration"] == "19d 23h 45m 0s"
    # 1.7.3: a target and a stop in one bar both filled, and turned the position.
    assert all(one["qty"] > 0.0 for one in trades)


@pytest.mark.usefixtures("runner", "stored")
async def test_compiling_again_within_ten_seconds_is_answered_with_the_wait(
    client_of: ClientOf, services: Services
) -> None:
    client, other = await client_of("trader"), await client_of("trader")
    for one in (client, other):
        await one.post("/api/save-graph", json={"name": "cross", "graph_data": strategy(), **TWO_DAYS})
    job = await finished(client, await client.post("/api/run-backtest", json={"name": "cross"}))
    assert job["state"] == "done", job
    again = await client.post("/api/compile-graph", json={"name": "cross"})
    assert again.status_code == 429
    assert 1 <= again.json()["retry_after"] <= 10
    assert again.headers["retry-after"] == str(again.json()["retry_after"])
    assert (await other.post("/api/compile-graph", json={"name": "cross"})).status_code == 200
    run = {"backtest_id": (await client.get("/api/get-backtests")).json()["backtests"][0]["id"]}
    assert (await client.post("/api/launch-analyzer", json=run)).status_code == 200
    assert (await client.post("/api/launch-analyzer", json=run)).status_code == 429


@pytest.mark.usefixtures("runner", "stored")
async def test_nobody_reaches_the_backtests_of_another(client_of: ClientOf) -> None:
    client, other = await client_of("trader"), await client_of("admin")
    await client.post("/api/save-graph", json={"name": "cross", "graph_data": strategy(), **TWO_DAYS})
    await finished(client, await client.post("/api/compile-graph", json={"name": "cross"}))
    run = {"backtest_id": (await client.get("/api/get-backtests")).json()["backtests"][0]["id"]}
    assert (await other.get("/api/get-backtests")).json()["backtests"] == []
    assert (await other.get("/api/get-saved-graphs")).json()["graphs"] == []
    for answer in (
        await other.get("/api/get-backtest", params=run),
        await other.get("/api/get-analyzer-result", params=run),
        await other.post("/api/launch-analyzer", json=run),
        await other.post("/api/load-graph", json={"name": "cross"}),
        await other.post("/api/compile-graph", json={"name": "cross"}),
        await client.get("/api/get-backtest", params={"backtest_id": "1"}),
        await client.get("/api/get-backtest", params={"backtest_id": "\0"}),
    ):
        assert answer.status_code in (400, 404), answer.text


async def test_an_unknown_node_is_named_when_it_is_saved_and_when_it_is_compiled(client_of: ClientOf) -> None:
    client = await client_of("trader")
    graph = strategy()
    graph["nodes"].append({"id": 900, "type": "trade/of_the_future", "pos": [0, 0], "properties": {}})
    saved = await client.post("/api/save-graph", json={"name": "cross", "graph_data": graph, **MADE_FOR})
    assert "trade/of_the_future" in saved.json()["warnings"][0]
    assert (await client.post("/api/load-graph", json={"name": "cross"})).json()["graph_data"] == graph
    refused = await client.post("/api/compile-graph", json={"name": "cross"})
    assert refused.status_code == 422
    assert "n900" in refused.json()["errors"][0]["field"]


@pytest.mark.parametrize(
    "wrong", [{"start_date": "01.02.2024"}, {"end_date": "soon"}, {"timeframe": "often"}, {"symbol": "??"}]
)
async def test_a_run_that_cannot_be_read_is_refused(client_of: ClientOf, wrong: dict[str, str]) -> None:
    client = await client_of("trader")
    body = {"name": "x", "graph_data": strategy(), **MADE_FOR, **wrong}
    answer = await client.post("/api/save-graph", json=body)
    assert answer.status_code == 422
    assert next(iter(wrong.values())) in answer.json()["detail"]


@pytest.mark.parametrize(
    "graph_data",
    ["", "[]", "{}", '{"nodes": 1}', "[" * 100_000, {}, {"nodes": [1]}, {"nodes": [{"id": 1}]}, {"graph": None}],
)
async def test_what_is_no_litegraph_is_refused(client_of: ClientOf, graph_data: Any) -> None:
    client = await client_of("trader")
    answer = await client.post("/api/save-graph", json={"name": "x", "graph_data": graph_data})
    assert answer.status_code == 422, answer.text
    assert (await client.get("/api/get-saved-graphs")).json()["graphs"] == []


async def test_the_token_comes_in_the_body_or_the_header_and_never_in_the_url(
    client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_ENV", "dev")  # 1.7.7: this was the default, and nobody needed a token
    client, other, nobody = await client_of("trader"), await client_of("trader"), await client_of()
    token = client.headers["authorization"].removeprefix("Bearer ")
    session = (await client.get("/api/session")).json()
    mine = {"user_id": session["user_id"], "token": token}
    theirs = (await other.get("/api/session")).json()["user_id"]
    path, name = "/api/create-empty-strategy", {"name": "a"}
    assert (await nobody.post(path, json={**name, **mine})).status_code == 200
    assert (await nobody.post(path, json=name)).status_code == 401
    assert (await nobody.post(path, json={**name, **mine, "token": "wick_x"})).status_code == 401
    assert (await nobody.post(path, json={**name, **mine, "token": 1})).status_code == 401
    assert (await nobody.post(path, json={**name, "token": token})).status_code == 403
    assert (await nobody.post(path, json={**name, **mine, "user_id": theirs})).status_code == 403
    assert (await nobody.post(path, json={**name, "user_id": session["user_id"]})).status_code == 401
    assert (await nobody.post(path, content=b"\xff", headers={"content-type": "text/plain"})).status_code == 401
    for query in ({"token": token}, {"token": token, "id": session["user_id"]}):
        answer = await client.get("/api/get-saved-graphs", params=query)
        assert answer.status_code == 401
        assert "URL" in answer.json()["detail"]
    assert (await nobody.get("/api/get-saved-graphs", params={"id": session["user_id"]})).status_code == 401
    assert (await client.get("/api/get-saved-graphs", params={"id": session["user_id"]})).status_code == 200
    assert (await client.get("/api/get-backtests", params={"user_id": theirs})).status_code == 403
    assert (await nobody.post("/api/load-dev-templates", json=mine)).status_code in (404, 405)
