from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI

from tests.server.conftest import ClientOf
from tests.server.sockets import Closed, Socket, connected
from wickwork.server import connection
from wickwork.services.core import Services
from wickwork.services.watch import Watch

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


async def said(socket: Socket, kind: str = "") -> Any:
    """The next message, of that type."""
    while True:
        found = json.loads(await socket.receive())
        if not kind or found["type"] == kind:
            return found


async def bearer(client_of: ClientOf, role: str = "viewer") -> tuple[dict[str, str], str]:
    client = await client_of(role)
    user = (await client.get("/api/session")).json()["user_id"]
    return {"authorization": client.headers["authorization"]}, user


async def test_a_follower_gets_the_messages_of_its_topics_that_it_may_see(
    app: FastAPI, services: Services, client_of: ClientOf
) -> None:
    headers, user = await bearer(client_of)
    async with connected(app, "/ws", headers) as socket:
        assert (await said(socket))["type"] == "hello"
        assert await socket.ask({"type": "subscribe", "topics": ["jobs"]}) == {"type": "subscribed", "topics": ["jobs"]}
        for topic, owner in (("jobs", user), ("jobs", "another"), ("other", user), ("jobs", None)):
            await services.events.publish(topic, owner, {"of": owner})
        found = [await said(socket) for _ in range(2)]
        assert [(one["number"], one["data"]["of"]) for one in found] == [(1, user), (4, None)]


async def test_who_comes_back_gets_what_was_missed_and_who_is_too_late_is_told(
    app: FastAPI, services: Services, client_of: ClientOf
) -> None:
    headers, user = await bearer(client_of)
    for number in range(5):
        await services.events.publish("jobs", user, {"n": number})
    async with connected(app, "/ws", headers) as socket:
        epoch = (await said(socket))["epoch"]
        await socket.ask({"type": "subscribe", "topics": ["jobs"], "since": 2, "epoch": epoch})
        assert [(await said(socket))["number"] for _ in range(3)] == [3, 4, 5]
        await socket.ask({"type": "unsubscribe", "topics": ["jobs"]})
        await socket.ask({"type": "subscribe", "topics": ["jobs"], "since": 2, "epoch": "older"})
        assert await said(socket) == {"type": "resync", "topics": ["jobs"], "number": 5}


async def test_messagepack(app: FastAPI, services: Services, client_of: ClientOf) -> None:
    headers, user = await bearer(client_of)
    async with connected(app, "/ws?format=msgpack", headers) as socket:
        await socket.receive()
        await socket.to_server.put(
            {"type": "websocket.receive", "bytes": msgspec.msgpack.encode({"type": "subscribe", "topics": ["jobs"]})}
        )
        await socket.receive()
        await services.events.publish("jobs", user, {"n": 1})
        raw = await socket.receive()
        assert isinstance(raw, bytes)
        assert msgspec.msgpack.decode(raw)["data"] == {"n": 1}


async def test_a_slow_client_is_closed_with_1013_and_holds_no_more_than_its_queue(
    app: FastAPI, services: Services, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MOST_WAITING", 10)
    headers, user = await bearer(client_of)
    async with connected(app, "/ws", headers) as socket:
        await socket.ask({"type": "subscribe", "topics": ["jobs"]})
        for number in range(30):
            await services.events.publish("jobs", user, {"n": number})
        with pytest.raises(Closed) as closed:  # noqa: PT012
            for _ in range(40):
                await socket.receive(5)
        assert closed.value.code == 1013


async def test_of_bars_only_the_newest_message_of_a_series_waits(
    app: FastAPI, services: Services, client_of: ClientOf
) -> None:
    headers, _ = await bearer(client_of)
    async with connected(app, "/ws", headers) as socket:
        await said(socket)
        await socket.ask({"type": "subscribe", "topics": ["bars"]})
        for _ in range(50):
            await services.events.publish("bars", None, {"pair": "BTC_USDT"})
        await services.events.publish("bars", None, {"pair": "ETH_USDT"})
        assert [(await said(socket))["number"] for _ in range(2)] == [50, 51]


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{", '{"type": 1}', '{"type":"subscribe"}', '{"type":"subscribe","topics":[1]}',
             '{"type":"subscribe","topics":["log"]}', '{"type":"subscribe","topics":' + json.dumps(["x"] * 3) + "x}"],
)  # fmt: skip
async def test_nonsense_is_answered_with_an_error(app: FastAPI, client_of: ClientOf, text: str) -> None:
    headers, _ = await bearer(client_of)
    async with connected(app, "/ws", headers) as socket:
        await said(socket)
        await socket.send(text)
        assert (await said(socket))["type"] == "error"
        assert await socket.ask({"type": "ping"}) == {"type": "pong"}


async def test_a_ticket_opens_one_socket(app: FastAPI, client_of: ClientOf) -> None:
    client = await client_of("viewer")
    ticket = (await client.post("/api/tickets")).json()["ticket"]
    async with connected(app, f"/ws?ticket={ticket}") as socket:
        assert (await said(socket))["type"] == "hello"
    for path in (f"/ws?ticket={ticket}", "/ws?ticket=none", "/ws"):
        with pytest.raises(Closed):
            async with connected(app, path):
                pass


@pytest.mark.usefixtures("runner")
async def test_progress_of_a_job_is_published(app: FastAPI, services: Services, client_of: ClientOf) -> None:
    client = await client_of("trader")
    watching = asyncio.create_task(Watch(services).run())
    async with connected(app, "/ws", {"authorization": client.headers["authorization"]}) as socket:
        await said(socket)
        await socket.ask({"type": "subscribe", "topics": ["jobs"]})
        await client.post("/api/backtests", json={"graph": {"nodes": {}, "wires": []}})
        states = []
        while not states or states[-1] in ("queued", "running"):
            states.append((await said(socket, "event"))["data"]["state"])
    watching.cancel()
    assert states[-1] == "done"
