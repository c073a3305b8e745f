"""Starting the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from socket import socket

import uvicorn

from wickwork.context import Context
from wickwork.server.app import make_app
from wickwork.services import identity
from wickwork.services.child import Place
from wickwork.services.core import Services
from wickwork.services.pool import Pool
from wickwork.services.runner import Runner
from wickwork.store.database import schema
from wickwork.store.database.engine import open_database
from wickwork.store.durable import make_folder

WARM = "wickwork.services.work.warm:warm"


def open_services(home: Path, database: str = "", nodes: tuple[Path, ...] = (), *, pool: int = 1) -> Services:
    """The services over a folder: its database is `wickwork.sqlite` in it, unless the URL of another is given."""
    make_folder(home)
    url = database or f"sqlite:///{(home / 'wickwork.sqlite').absolute()}"
    place = Place(home, home / "files", nodes)
    context = Context(home).with_nodes(nodes)
    return Services(open_database(url, place.files), context, Pool(place, pool, warm=WARM))


def serve(services: Services, host: str, port: int, workers: int, say: Callable[[str], None]) -> None:
    """Serve until the process is interrupted; `say` is called with the link that opens the page."""
    with asyncio.Runner(loop_factory=uvicorn.Config("", log_config=None).get_loop_factory()) as loop:
        loop.run(_serve(services, host, port, workers, say))


async def _serve(services: Services, host: str, port: int, workers: int, say: Callable[[str], None]) -> None:
    await schema.upgrade(services.database)
    await identity.first_start(services)
    admin = await identity.local_admin(services)
    link = await identity.create_link(services, admin.user_id)
    place = Place(services.home, services.database.folder)
    runner = Runner(services, place, workers) if workers else None
    app = make_app(services, runner)
    config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=5)
    await _Server(config, lambda: say(f"http://{host}:{port}/enter?link={link}")).serve()


class _Server(uvicorn.Server):
    """A server that calls `listening` when connections are accepted."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening()
