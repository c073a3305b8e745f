from __future__ import annotations

import json

import httpx
import pytest
from fastapi import FastAPI

from tests.server.conftest import ClientOf
from tests.server.sockets import Closed, connected
from wickwork.market.demo import demo_bars
from wickwork.market.store import Store
from wickwork.server.app import make_app
from wickwork.server.system_v4_app import make_system_v4_app
from wickwork.services import identity
from wickwork.services.core import Services
from wickwork.settings.server import Server

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

WHERE = {"symbol": "BTCUSDT", "timeframe": "1h"}


@pytest.fixture
def stored(services: Services) -> Store:
    """A store with 600 bars of BTC/USDT."""
    store = Store(services.home / "bars")
    store.append(demo_bars("BTC/USDT", "1h").slice(0, 600))
    return store


@pytest.mark.usefixtures("stored")
async def test_the_endpoints_have_the_shapes_of_system_v4(client_of: ClientOf) -> None:
    client = await client_of("viewer")
    assert (await client.get("/api/symbols")).json() == {"symbols": ["BTCUSDT"], "count": 1}
    assert (await client.get("/api/timeframes")).json() == {"timeframes": ["15m", "1h", "1d"]}
    listed = (await client.get("/api/indicators")).json()
    assert listed["enabled"] == list(listed["indicators"]) == ["MACD", "RSI", "Bollinger Bands"]
    assert listed["indicators"]["RSI"]["params"] == {"period": 14, "overbought": 70, "oversold": 30}
    found = (await client.get("/api/klines", params={**WHERE, "limit": 100})).json()
    times = list(found["klines"])
    assert (found["data_points"], found["timestamp_start"], found["timestamp_end"]) == (100, times[0], times[-1])
    assert list(found["klines"][times[0]]) == ["open", "high", "low", "close", "volume"]
    assert list(found["indicators"]["MACD"]) == times
    assert list(found["indicators"]["MACD"][times[0]]) == ["macd", "macd_signal", "macd_histogram"]
    signals = (await client.get("/api/signals", params=WHERE)).json()["signals"]
    assert set(signals["RSI"][0]) == {"timestamp", "signal_type", "value", "confidence", "metadata"}


@pytest.mark.usefixtures("stored")
async def test_a_smaller_limit_changes_no_value(client_of: ClientOf) -> None:
    client = await client_of("viewer")
    few, many = [
        (await client.get("/api/klines", params={**WHERE, "limit": limit})).json()["indicators"] for limit in (40, 500)
    ]
    for name, rows in few.items():
        assert rows == {at: many[name][at] for at in rows}


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("where", "status"),
    [
        ({"symbol": "NOPEUSDT", "timeframe": "1h"}, 404),
        ({"symbol": "BTCUSDT", "timeframe": "7h"}, 422),
        ({"symbol": "BTCUSDT", "timeframe": "1h", "limit": 0}, 422),
        ({"symbol": "BTCUSDT"}, 422),
    ],
)
async def test_wrong_input_is_not_a_fault_of_the_server(
    client_of: ClientOf, where: dict[str, str], status: int
) -> None:
    client = await client_of("viewer")
    answer = await client.get("/api/klines", params=where)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.usefixtures("stored")
async def test_each_user_configures_their_own_indicators_and_wrong_ones_change_nothing(client_of: ClientOf) -> None:
    ann, bob = await client_of("viewer"), await client_of("viewer")
    change = {"RSI": {"enabled": False}, "MACD": {"params": {"fast_period": 5}}}
    answer = (await ann.post("/api/indicators/configure", json=change)).json()
    assert answer["status"] == "success"
    assert answer["current_config"]["indicators"]["MACD"]["params"]["fast_period"] == 5
    assert (await ann.get("/api/indicators")).json()["enabled"] == ["MACD", "Bollinger Bands"]
    assert (await bob.get("/api/indicators")).json()["enabled"] == ["MACD", "RSI", "Bollinger Bands"]
    for wrong, status in (({"RSI": {"params": {"period": -3}}}, 422), ({"RIS": {"enabled": True}}, 404)):
        assert (
            await ann.post("/api/indicators/configure", json={"MACD": {"enabled": False}, **wrong})
        ).status_code == status
    assert (await ann.get("/api/indicators")).json()["enabled"] == ["MACD", "Bollinger Bands"]


async def test_the_demo_market_answers_only_when_the_server_is_started_with_it(
    services: Services, client_of: ClientOf
) -> None:
    client = await client_of("viewer")
    assert (await client.get("/api/klines", params=WHERE)).status_code == 404
    app = make_app(services, Server(demo=True))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=client.headers) as demo:
        answer = await demo.get("/api/klines", params=WHERE)
    assert answer.status_code == 200
    assert "made-up" in answer.headers["x-wickwork-data"]


@pytest.mark.usefixtures("stored")
async def test_its_own_port_needs_no_token_and_has_nothing_else(services: Services) -> None:
    app = make_system_v4_app(services, Server(), await identity.system_v4_user(services))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as client:
        assert (await client.get("/")).json()["status"] == "running"
        assert (await client.get("/api/health")).json()["status"] == "healthy"
        assert (await client.get("/api/klines", params=WHERE)).json()["data_points"] == 500
        assert (await client.get("/api/strategies")).status_code == 404
        stranger = {"Origin": "http://example.com"}
        assert (await client.post("/api/indicators/configure", json={}, headers=stranger)).status_code == 403
        assert (await client.get("/", headers={"Host": "example.com"})).status_code == 403


async def test_the_socket_answers_its_actions_and_pushes_newer_bars(
    app: FastAPI, client_of: ClientOf, stored: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wickwork.server.chart_socket._LOOK", 0.05)
    headers = {"authorization": (await client_of("viewer")).headers["authorization"]}
    async with connected(app, "/ws/chart?symbol=BTCUSDT&timeframe=1h", headers) as socket:
        assert (await socket.ask({"action": "ping"}))["action"] == "pong"
        latest = await socket.ask({"action": "update"})
        assert list(latest) == ["symbol", "timeframe", "latest_candle"]
        assert "action" in (await socket.ask({"action": "buy"}))["error"]
        assert "object" in (await socket.ask([1]))["error"]
        await socket.send(json.dumps({"action": "configure", "indicators": {"RSI": {"enabled": False}}}))
        assert "RIS" in (await socket.ask({"action": "configure", "indicators": {"RIS": {}}}))["error"]
        stored.append(demo_bars("BTC/USDT", "1h").slice(600, 601))
        assert json.loads(await socket.receive())["latest_candle"] != latest["latest_candle"]


async def test_a_socket_needs_a_caller(app: FastAPI) -> None:
    with pytest.raises(Closed):
        async with connected(app, "/ws/chart?symbol=BTCUSDT&timeframe=1h"):
            pass
    with pytest.raises(Closed):
        async with connected(app, "/ws/chart", {"origin": "http://example.com"}):
            pass
