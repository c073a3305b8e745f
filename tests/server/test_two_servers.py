"""Two server processes with PostgreSQL and Redis, a client on each, and what a failure of both leaves."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests import databases
from tests.redis_server import RedisServer
from tests.server.server_processes import ServerProcess, server_process, wait_for
from wickwork.services import identity
from wickwork.services.access import Caller, scopes_of
from wickwork.services.core import Services
from wickwork.store.database import users
from wickwork.store.database.engine import open_database

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]
ENDED = ("done", "failed", "canceled")
GRAPH: dict[str, Any] = {"nodes": {}, "wires": []}


class Client:
    """Follows the jobs on one server, as docs/server/websocket.md says, and knows the newest state of each."""

    def __init__(self, server: ServerProcess, token: str) -> None:
        self._server, self._headers = server, {"Authorization": f"Bearer {token}"}
        self.http = httpx.AsyncClient(base_url=server.url, headers=self._headers, timeout=30)
        self.seen: dict[tuple[str, int], Any] = {}
        self.states: dict[str, str] = {}
        self.follows = asyncio.Event()
        self._epoch, self._number = "", 0

    async def run(self) -> None:
        while True:
            try:
                async with connect(self._server.socket_url, additional_headers=self._headers) as socket:
                    await self._follow(socket)
            except (OSError, ConnectionClosed):
                await asyncio.sleep(0.2)

    async def _follow(self, socket: ClientConnection) -> None:
        hello = json.loads(await socket.recv())
        since = {"since": self._number, "epoch": self._epoch} if self._epoch else {}
        self._epoch = self._epoch or hello["epoch"]
        await socket.send(json.dumps({"type": "subscribe", "topics": ["jobs"], **since}))
        async for text in socket:
            message = json.loads(text)
            self.follows.set()
            if message["type"] == "event":
                self._number = message["number"]
                self.seen[self._epoch, self._number] = message["data"]
                self.states[message["data"]["id"]] = message["data"]["state"]
            elif message["type"] == "resync":
                self._epoch, self._number = message["epoch"], message["number"]
                await self._read()

    async def _read(self) -> None:
        self.states |= {job["id"]: job["state"] for job in (await self.get("/api/jobs"))["items"]}

    async def get(self, path: str) -> Any:
        """An answer, as soon as the database answers."""
        async with asyncio.timeout(30):
            while (answer := await self.http.get(path)).status_code == 503:
                await asyncio.sleep(0.2)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ended(self, job: str) -> str:
        async with asyncio.timeout(60):
            while self.states.get(job) not in ENDED:
                await asyncio.sleep(0.02)
        return self.states[job]


async def trader(url: str, folder: Path) -> str:
    database = open_database(url, folder)
    services: Any = Services(database, None, None)  # type: ignore[arg-type]
    async with database.writing() as session:
        user = await users.add(session, services.now(), "one", "trader")
    caller = Caller(user.id, user.name, user.role, scopes_of(user.role), "local")
    token = (await identity.create_token(services, caller, "test"))[1]
    await database.close()
    return token


async def test_clients_of_two_servers_see_the_same_and_all_that_was_durable_after_a_failure(
    database_url: str, postgresql_server: databases.Server, redis: RedisServer, tmp_path: Path
) -> None:
    env = {"WICKWORK_SERVER__DATABASE": database_url, "WICKWORK_SERVER__REDIS": redis.url, "WICKWORK_JIT": "0"}
    with ExitStack() as stack:
        both = [
            stack.enter_context(server_process(tmp_path / "home", "--workers", workers, wait=False, **env))
            for workers in ("1", "0")
        ]
        for server in both:
            await asyncio.to_thread(wait_for, server)
        token = await trader(database_url, tmp_path / "home" / "files")
        clients = [Client(server, token) for server in both]
        running = [asyncio.create_task(client.run()) for client in clients]
        for client in clients:
            await client.follows.wait()

        async def start(client: Client, end: str) -> str:
            answer = await client.http.post("/api/backtests", json={"graph": GRAPH, "end": end, "timeframe": "1h"})
            assert answer.status_code in (200, 202), answer.text
            job: str = answer.json()["id"]
            return job

        first = await start(clients[1], "2024-01-02")
        assert [await client.ended(first) for client in clients] == ["done", "done"]
        for client in clients:
            assert [one["state"] for one in client.seen.values()][-1] == "done"
        assert clients[0].seen == clients[1].seen
        before = len(clients[0].seen)

        second = await start(clients[1], "2024-01-20")
        redis.kill()
        await asyncio.to_thread(postgresql_server.stop)
        await asyncio.sleep(1.0)
        await asyncio.to_thread(postgresql_server.start)
        redis.start()
        assert [await client.ended(second) for client in clients] == ["done", "done"]
        for client in clients:
            found = await client.get(f"/api/jobs/{second}")
            assert (await client.get(f"/api/runs/{found['result']['run']}"))["id"] == found["result"]["run"]
        common = clients[0].seen.keys() & clients[1].seen.keys()
        assert len(common) >= before
        assert all(clients[0].seen[key] == clients[1].seen[key] for key in common)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for client in clients:
            await client.http.aclose()
        logs = [server.log.read_text() for server in both]
    assert not [line for log in logs for line in log.splitlines() if "Traceback" in line]
