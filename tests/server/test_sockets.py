from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI

from tests.server.conftest import ClientOf
from tests.server.sockets import Closed, Socket, connected
from wickwork.model.errors import Unavailable
from wickwork.server import connection, outbox
from wickwork.services.core import Services
from wickwork.services.events import LocalEvents
from wickwork.services.recent_callers import RecentCallers
from wickwork.services.watch import Watch

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


async def said(socket: Socket, kind: str = "") -> Any:
    """The next message, of that type."""
    while True:
        found = json.loads(await socket.receive())
        if not kind or found["type"] == kind:
            return found


async def closed_with(socket: Socket) -> int:
    """The code with which the connection is closed, after messages that were sent before."""
    while True:
        try:
            await socket.receive()
        except Closed as closed:
            return closed.code


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
        assert await said(socket) == {"type": "resync", "topics": ["jobs"], "epoch": epoch, "number": 5}


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
    monkeypatch.setattr(outbox, "MOST_WAITING", 10)
    headers, user = await bearer(client_of)
    async with connected(app, "/ws", headers) as socket:
        await socket.ask({"type": "subscribe", "topics": ["jobs"]})
        for number in range(30):
            await services.events.publish("jobs", user, {"n": number})
        assert await closed_with(socket) == 1013


async def test_of_bars_only_the_newest_message_of_a_series_waits(
    app: FastAPI, services: Services, client_of: ClientOf
) -> None:
    headers, _ = await bearer(client_of)
    async with connected(app, "/ws", headers) as socket:
        await said(socket)
        await socket.ask({"type": "subscribe", "topics": ["bars"]})
        for number in range(50):
            await services.events.publish("bars", None, {"pair": "BTC_USDT"}, "BTC_USDT", number)
        await services.events.publish("bars", None, {"pair": "ETH_USDT"}, "ETH_USDT", 1)
        await services.events.publish("bars", None, {"pair": "BTC_USDT"}, "BTC_USDT", 51)
        assert [(await said(socket))["number"] for _ in range(2)] == [51, 52]


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
    for path in (f"/ws?ticket={ticket}", "/ws?ticket=none", "/ws", "/ws?format=xml", f"/ws?ticket={'x' * 10_000}"):
        with pytest.raises(Closed) as closed:
            async with connected(app, path):
                pass
        assert closed.value.code == 1008


async def test_a_database_that_does_not_answer_closes_with_1013(
    app: FastAPI, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, _ = await bearer(client_of)

    async def fails(*_: Any) -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(RecentCallers, "of_token", fails)
    with pytest.raises(Closed) as closed:
        async with connected(app, "/ws", headers):
            pass
    assert closed.value.code == 1013


async def test_when_numbering_begins_anew_a_client_is_told_to_read_the_state_again(
    app: FastAPI, services: Services, client_of: ClientOf
) -> None:
    headers, user = await bearer(client_of)
    events = services.events
    assert isinstance(events, LocalEvents)
    async with connected(app, "/ws", headers) as socket:
        await said(socket)
        await socket.ask({"type": "subscribe", "topics": ["jobs", "bars"]})
        await events.publish("jobs", user, {"n": 1})
        events.restart("newer", 7)
        await events.publish("jobs", user, {"n": 2})
        found = [await said(socket) for _ in range(3)]
    assert [one.get("number") for one in found] == [1, 7, 8]
    assert found[1] == {"type": "resync", "topics": ["bars", "jobs"], "epoch": "newer", "number": 7}


async def test_messages_published_while_missed_ones_are_looked_up_come_after_them(
    app: FastAPI, services: Services, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, user = await bearer(client_of)
    events = services.events
    assert isinstance(events, LocalEvents)
    find = events.since

    async def since(number: int) -> Any:
        for _ in range(3):
            await events.publish("jobs", user, {})
        return await find(number)

    for _ in range(3):
        await events.publish("jobs", user, {})
    monkeypatch.setattr(events, "since", since)
    async with connected(app, "/ws", headers) as socket:
        epoch = (await said(socket))["epoch"]
        await socket.ask({"type": "subscribe", "topics": ["jobs"], "since": 1, "epoch": epoch})
        assert [(await said(socket))["number"] for _ in range(5)] == [2, 3, 4, 5, 6]


async def test_a_client_that_does_not_read_is_closed_with_1013(
    app: FastAPI, services: Services, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.1)
    headers, user = await bearer(client_of)
    async with connected(app, "/ws", headers) as socket:
        await said(socket)
        await socket.ask({"type": "subscribe", "topics": ["jobs"]})
        socket.stall()
        await services.events.publish("jobs", user, {"n": 1})
        await asyncio.sleep(0.3)
        socket.resume()
        assert await closed_with(socket) == 1013


async def test_answers_that_a_client_does_not_read_are_bounded_too(
    app: FastAPI, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_WAITING", 10)
    headers, _ = await bearer(client_of)
    async with connected(app, "/ws", headers) as socket:
        await said(socket)
        socket.stall()
        for _ in range(50):
            await socket.send('{"type":"ping"}')
        await asyncio.sleep(0.2)
        socket.resume()
        assert await closed_with(socket) == 1013


async def test_a_flood_of_messages_stays_at_the_client(app: FastAPI, client_of: ClientOf) -> None:
    headers, _ = await bearer(client_of)
    async with connected(app, "/ws", headers) as socket:
        for _ in range(1000):
            await socket.send('{"type":"ping"}')
        await asyncio.sleep(0.3)
        assert socket.to_server.qsize() > 500
        while not socket.to_server.empty():
            socket.to_server.get_nowait()


async def test_a_client_follows_a_bounded_number_of_topics(app: FastAPI, client_of: ClientOf) -> None:
    headers, _ = await bearer(client_of)
    async with connected(app, "/ws", headers) as socket:
        await said(socket)
        first = [f"job:{number}" for number in range(200)]
        assert len((await socket.ask({"type": "subscribe", "topics": first}))["topics"]) == 200
        assert (await socket.ask({"type": "subscribe", "topics": ["job:200"]}))["type"] == "error"
        assert (await socket.ask({"type": "unsubscribe", "topics": first}))["topics"] == []
        assert (await socket.ask({"type": "subscribe", "topics": ["job:200"] * 9}))["topics"] == ["job:200"]


async def test_the_log_is_for_administrators(app: FastAPI, services: Services, client_of: ClientOf) -> None:
    headers, _ = await bearer(client_of, "admin")
    async with connected(app, "/ws", headers) as socket:
        await said(socket)
        assert (await socket.ask({"type": "subscribe", "topics": ["log"]}))["type"] == "subscribed"
        await services.events.publish("log", None, {"event": "request"})
        assert (await said(socket))["data"] == {"event": "request"}


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
