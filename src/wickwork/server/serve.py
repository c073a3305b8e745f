"""Starting the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from socket import socket

import uvicorn

from wickwork.context import Context
from wickwork.model.errors import InputError
from wickwork.server.app import Background, make_app
from wickwork.server.protocol import timed
from wickwork.server.system_v4_app import make_system_v4_app
from wickwork.services import identity
from wickwork.services.child import Place
from wickwork.services.core import Services
from wickwork.services.events import Events, LocalEvents
from wickwork.services.pool import Pool
from wickwork.services.runner import Runner
from wickwork.services.watch import Watch
from wickwork.settings import Settings
from wickwork.settings.server import Server
from wickwork.store.database import schema
from wickwork.store.database.engine import open_database
from wickwork.store.durable import make_folder

WARM = "wickwork.services.work.warm:warm"


def open_services(settings: Settings, home: Path) -> Services:
    """The services over a folder: its database is `wickwork.sqlite` in it, unless the settings name another.

    Raises InputError for a URL that is none, and for files of nodes that cannot be used.
    """
    make_folder(home)
    named = settings.server.database
    url = named.reveal() if named else f"sqlite:///{(home / 'wickwork.sqlite').absolute()}"
    place = Place(home, home / "files", tuple(settings.path(one) for one in settings.server.nodes))
    context = Context(home).with_nodes(place.nodes)
    redis = settings.server.redis
    events = redis_events(redis.reveal()) if redis else LocalEvents()
    database, pool = open_database(url, place.files), Pool(place, warm=WARM)
    return Services(database, context, pool, events, keys_in=settings.server.secrets_key)


def redis_events(url: str) -> Events:
    """The messages of all processes that use the same Redis. Raises InputError where its client is not installed."""
    try:
        from wickwork.services.redis_events import RedisEvents
    except ModuleNotFoundError:
        raise InputError("Redis needs its client; install it with `pip install 'wickwork[redis]'`.") from None
    return RedisEvents(url)


def serve(services: Services, settings: Server, say: Callable[[str], None]) -> None:
    """Serve until the process is interrupted; `say` is called with the link that opens the page."""
    config = uvicorn.Config("", log_config=None)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as loop:
        loop.run(_serve(services, settings, say))


async def _serve(services: Services, settings: Server, say: Callable[[str], None]) -> None:
    await schema.upgrade(services.database)
    await identity.first_start(services)
    admin = await identity.local_admin(services)
    link = await identity.create_link(services, admin.user_id)
    app = make_app(services, settings, background_of(services, settings))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        **timed(),
    )
    await _Server(config, lambda: say(f"http://{settings.host}:{settings.port}/enter?link={link}")).serve()


def background_of(services: Services, settings: Server) -> list[Background]:
    """What goes on beside the requests."""
    found: list[Background] = [services.events.run, Watch(services).run]
    if settings.workers:
        place = Place(services.home, services.database.folder)
        found.append(Runner(services, place, settings.workers).run)
    if settings.system_v4_port:
        found.append(partial(_serve_system_v4, services, settings, settings.system_v4_port))
    return found


async def _serve_system_v4(services: Services, settings: Server, port: int) -> None:
    app = make_system_v4_app(services, settings, await identity.system_v4_user(services))
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off")
    server = _SecondServer(config)
    try:
        await server.serve()
    except asyncio.CancelledError:
        await server.shutdown()
        raise


class _SecondServer(uvicorn.Server):
    """A server beside another one, which ends both."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


class _Server(uvicorn.Server):
    """A server that calls `listening` when connections are accepted."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening()
