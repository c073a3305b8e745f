"""Starting the server."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import socket
from ssl import SSLContext
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from fastapi import FastAPI

from wickwork.context import Context
from wickwork.model.errors import InputError
from wickwork.server import websocket_protocol
from wickwork.server.app import Background, make_app
from wickwork.server.listening import address_of, listen, refuse_exposed, tls_context
from wickwork.server.live_settings import LiveSettings, Source
from wickwork.server.logs import logging_to, set_level
from wickwork.server.open_sockets import ClosesSockets
from wickwork.server.operations import Operations
from wickwork.server.protocol import timed
from wickwork.server.running import noted, sole_server
from wickwork.server.stopping import PATIENCE, Beside, Main
from wickwork.server.system_v4_app import make_system_v4_app
from wickwork.services import identity, jobs
from wickwork.services.child import Child, Place
from wickwork.services.collect import keep_collecting
from wickwork.services.core import Services
from wickwork.services.events import LocalEvents
from wickwork.services.kinds.kind import PAPER
from wickwork.services.pool import Pool
from wickwork.services.runner import Runner
from wickwork.services.watch import Watch
from wickwork.settings import Settings
from wickwork.settings.server import Server
from wickwork.store.database import upkeep
from wickwork.store.database.engine import Database, open_database
from wickwork.store.server_lock import running

if TYPE_CHECKING:
    from wickwork.services.redis_events import RedisEvents

_FILES = "files"
"""The folder of stored files, in that of the installation."""
BACKUPS = "backups"
"""The folder of the backups that are made before an upgrade or a forced restore."""
WARM = "wickwork.services.work.warm:warm"
_log = structlog.get_logger("wickwork.server")


def open_services(settings: Settings, home: Path) -> Services:
    """The services over a folder: its database is `wickwork.sqlite` in it, unless the settings name another.

    Raises InputError for a URL that is none, and for files of nodes that cannot be used.
    """
    place = Place(home, home / _FILES, tuple(settings.path(one) for one in settings.server.nodes))
    context = Context(home).with_nodes(place.nodes)
    redis = settings.server.redis
    events = redis_events(redis.reveal()) if redis else LocalEvents()
    return Services(
        database_of(settings, home),
        context,
        Pool(place, warm=WARM),
        events,
        keys_in=settings.server.secrets_key,
        most_queued=settings.server.queued_jobs,
    )


def database_of(settings: Settings, home: Path) -> Database:
    """The database of a folder. Raises InputError for a URL that is none."""
    named = settings.server.database
    url = named.reveal() if named else f"sqlite:///{(home / 'wickwork.sqlite').absolute()}"
    return open_database(url, home / _FILES)


def redis_events(url: str) -> RedisEvents:
    """The messages of all processes that use the same Redis. Raises InputError where its client is not installed."""
    try:
        from wickwork.services.redis_events import RedisEvents
    except ModuleNotFoundError:
        raise InputError("Redis needs its client; install it with `pip install 'wickwork[redis]'`.") from None
    return RedisEvents(url)


def serve(services: Services, settings: Server, say: Callable[[str], None], source: Source | None = None) -> None:
    """Serve until the process is interrupted; `say` is called with the link that opens the page.

    `source` is what the settings were read from, and is read again when it changes. Raises InputError and Refused
    before anything is opened: for a port in use, a certificate that cannot be read, a folder that cannot be written
    to, and another server over the same database.
    """
    refuse_exposed(settings)
    if settings.system_v4_port == settings.port:
        raise InputError(
            f"server.system_v4_port is {settings.port}, as server.port is; choose another for one of them."
        )
    key = Path(settings.key) if settings.key else None
    tls = tls_context(Path(settings.certificate), key) if settings.certificate else None
    operations = Operations(LiveSettings(settings, source))
    with ExitStack() as stack:
        stack.enter_context(sole_server(services.home, services.database))
        main = stack.enter_context(closing(listen(settings.host, settings.port)))
        second = listen("127.0.0.1", settings.system_v4_port) if settings.system_v4_port else None
        if second is not None:
            stack.enter_context(closing(second))
        stack.enter_context(logging_to(services.home, settings.log_level, operations.log.take))
        stack.enter_context(noted(services.home, address_of(settings)))
        loop = stack.enter_context(asyncio.Runner(loop_factory=uvicorn.Config("", log_config=None).get_loop_factory()))
        loop.run(_serve(services, settings, say, operations, Listening(main, second, tls)))


@dataclass(frozen=True)
class Listening:
    """What accepts connections."""

    main: socket
    system_v4: socket | None
    tls: SSLContext | None


async def _serve(
    services: Services, settings: Server, say: Callable[[str], None], operations: Operations, listening: Listening
) -> None:
    await upkeep.upgrade(services.database, services.home / BACKUPS)
    with running(services.database.folder):
        await _serve_until_stopped(services, settings, say, operations, listening)


async def _serve_until_stopped(
    services: Services, settings: Server, say: Callable[[str], None], operations: Operations, listening: Listening
) -> None:
    await identity.first_start(services)
    admin = await identity.local_admin(services)
    link = await identity.create_link(services, admin.user_id)
    background = background_of(services, settings)
    background += [partial(operations.live.run, services), partial(operations.log.run, services.events)]
    if listening.system_v4 is not None:
        background.append(partial(_serve_system_v4, services, operations, listening.system_v4))
    app = make_app(services, settings, background, operations)
    operations.live.on_change(lambda changed: set_level(changed.log_level))
    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, operations.live.reload_soon)
    config = _config(
        app,
        timeout_graceful_shutdown=PATIENCE,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        **timed(**websocket_protocol.LIMITS),
    )
    tls = listening.tls
    if tls is not None:
        config.ssl_context_factory = lambda config, default: tls
    await Main(config, operations.sockets, lambda: _begun(settings, link, say)).serve([listening.main])
    _log.info("stopped")


def _begun(settings: Server, link: str, say: Callable[[str], None]) -> None:
    _log.info("listening", host=settings.host, port=settings.port, processor_seconds=round(time.process_time(), 2))
    say(f"{address_of(settings)}/enter?link={link}")


def _config(app: FastAPI, **settings: Any) -> uvicorn.Config:
    return uvicorn.Config(app, log_config=None, access_log=False, server_header=False, **settings)


def background_of(services: Services, settings: Server) -> list[Background]:
    """What goes on beside the requests."""
    found: list[Background] = [services.events.run, Watch(services).run, partial(keep_collecting, services)]
    found += runners_of(services, settings, settings.workers)
    if settings.keep_jobs:
        found.append(partial(jobs.keep_pruned, services, settings.keep_jobs))
    return found


def runners_of(services: Services, settings: Server, workers: int) -> list[Background]:
    """What does jobs: `workers` at once, and the runs on paper beside them."""
    found: list[Background] = []
    if workers:
        found.append(Runner(services, services.pool.place, workers).run)
    if workers and settings.papers:
        # Bars do not wait, so a run on paper has the priority of the server itself.
        make_child = partial(Child, niceness=0)
        found.append(Runner(services, services.pool.place, settings.papers, make_child, PAPER).run)
    return found


async def _serve_system_v4(services: Services, operations: Operations, listening: socket) -> None:
    """Serve System V4's clients; after a fault, on a new socket at the same port."""
    if listening.fileno() == -1:
        listening = listen("127.0.0.1", operations.live.now.system_v4_port or 0)
    app = make_system_v4_app(services, operations.live.now, await identity.system_v4_user(services))
    operations.live.on_change(partial(setattr, app.state, "settings"))
    app.add_middleware(ClosesSockets, sockets=operations.sockets)
    limits = websocket_protocol.LIMITS
    server = Beside(_config(app, lifespan="off", timeout_graceful_shutdown=1, proxy_headers=False, **limits))
    try:
        await server.serve([listening])
    except asyncio.CancelledError:
        await server.shutdown()
        raise
