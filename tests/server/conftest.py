"""The application over each kind of database. Work is done in threads of the test's process, so no process starts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from wickwork.context import Context
from wickwork.server.app import make_app
from wickwork.services import identity
from wickwork.services.access import Caller, scopes_of
from wickwork.services.child import Child, Place, Tools, function
from wickwork.services.core import Services
from wickwork.services.pool import Pool
from wickwork.services.runner import Runner
from wickwork.store.database import users
from wickwork.store.database.engine import Database

ClientOf = Callable[..., Awaitable[httpx.AsyncClient]]


class ThreadChild(Child):
    """Does the work in a thread of this process."""

    async def call(
        self,
        work: str,
        request: Mapping[str, Any],
        progress: Callable[[float, str], None] | None = None,
        log: Callable[[str], None] | None = None,
        answer: Callable[[Any], Awaitable[Any]] | None = None,
        publish: Callable[[Mapping[str, Any]], None] | None = None,
    ) -> Any:
        loop = asyncio.get_running_loop()

        def ask(question: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(answer(question), loop).result() if answer else None

        def on_stop(callback: Callable[[], None]) -> None:
            self.stop_work = callback

        def publish_in_loop(data: Mapping[str, Any]) -> None:
            if publish is not None:
                loop.call_soon_threadsafe(publish, data)

        tools = Tools(
            self._place,
            progress or (lambda share, stage: None),
            log or (lambda text: None),
            ask,
            publish=publish_in_loop,
            on_stop=on_stop,
        )
        return await asyncio.to_thread(function(work), dict(request), tools)

    async def stop(self) -> None:
        self.stop_work()

    def start(self) -> None:
        """Nothing has to start."""


class ThreadPool(Pool):
    """Does the work in threads of this process."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, 0)
        self._free.put_nowait(ThreadChild(place))


@pytest.fixture
async def services(database: Database, tmp_path: Path) -> Services:
    place = Place(tmp_path / "home", database.folder)
    return Services(database, Context(place.home), ThreadPool(place))


@pytest.fixture
async def runner(services: Services) -> AsyncIterator[None]:
    """Jobs are done while the test runs."""
    place = Place(services.home, services.database.folder)
    doing = asyncio.create_task(Runner(services, place, 1, ThreadChild).run())
    yield
    doing.cancel()
    await asyncio.gather(doing, return_exceptions=True)


@pytest.fixture
def app(services: Services) -> FastAPI:
    return make_app(services)


@pytest.fixture
async def client_of(app: FastAPI, services: Services) -> AsyncIterator[ClientOf]:
    """Makes a client with a token of a new user: `await client_of("viewer")`; without a role it has no token."""
    async with AsyncExitStack() as stack:
        count = 0

        async def make(role: str = "", **settings: Any) -> httpx.AsyncClient:
            nonlocal count
            count += 1
            headers = {"Authorization": f"Bearer {await token_of(services, role, count)}"} if role else {}
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            client = httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1:8420", headers=headers, **settings
            )
            return await stack.enter_async_context(client)

        yield make


async def token_of(services: Services, role: str, number: int) -> str:
    """A token of a new user with that role."""
    async with services.database.writing() as session:
        user = await users.add(session, services.now(), f"{role}-{number}", role)
    caller = Caller(user.id, user.name, role, scopes_of(role), "local")
    return (await identity.create_token(services, caller, "test"))[1]
