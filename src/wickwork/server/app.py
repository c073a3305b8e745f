"""The application: all routes, what requests pass first, and what goes on beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules

from fastapi import FastAPI

from wickwork.server import routes
from wickwork.server.addresses import Proxies
from wickwork.server.docs_pages import add_docs_pages
from wickwork.server.guard import MOST_BYTES_OF_FILES, MOST_BYTES_OF_GRAPHS, Guard
from wickwork.server.limits import Limits
from wickwork.server.live_settings import LiveSettings
from wickwork.server.metrics import Measured
from wickwork.server.open_sockets import ClosesSockets
from wickwork.server.operations import Operations
from wickwork.server.page import add_page
from wickwork.server.problems import add_handlers
from wickwork.server.routes.telegram import provider_of
from wickwork.server.specification import describe
from wickwork.server.supervised import end, supervised
from wickwork.services.core import Services
from wickwork.settings.server import Server

Background = Callable[[], Awaitable[None]]
"""Something that goes on while the application runs; it is canceled when the application ends."""

_OF_GRAPHS = ("strategies", "graphs", "evaluate", "backtests", "sweeps", "papers", "save-graph")
_LARGE = {"/api/data": MOST_BYTES_OF_FILES, **{f"/api/{name}": MOST_BYTES_OF_GRAPHS for name in _OF_GRAPHS}}
"""The most bytes of a body, by how the paths begin that take more than others."""


def make_app(
    services: Services,
    settings: Server | None = None,
    background: Sequence[Background] = (),
    operations: Operations | None = None,
) -> FastAPI:
    """The application over these services. `operations` are made of the settings where none are given."""
    settings = settings or Server()
    operations = operations or Operations(LiveSettings(settings))

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        services.pool.start()
        unfollow = services.events.follow(services.callers.take)
        tasks = [asyncio.ensure_future(supervised(one)) for one in background]
        try:
            yield
        finally:
            await end(tasks)
            unfollow()
            services.pool.close()
            await services.database.close()

    app = FastAPI(
        title="Wickwork",
        version=version("wickwork"),
        summary="What you tested is what trades.",
        lifespan=life,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    app.state.settings = settings
    app.state.operations = operations
    app.state.telegram = provider_of(settings)
    operations.live.on_change(partial(setattr, app.state, "settings"))
    add_handlers(app)
    for one in sorted(iter_modules(routes.__path__), key=lambda one: one.name):
        app.include_router(import_module(f"{routes.__name__}.{one.name}").router)
    add_docs_pages(app)
    add_page(app)
    describe(app)
    app.state.limits = limits = Limits(settings)
    proxies = Proxies.of(settings.proxies)
    names = (settings.host, *settings.names)
    app.add_middleware(Guard, names=names, large=_LARGE, limits=limits, proxies=proxies)
    app.add_middleware(ClosesSockets, sockets=operations.sockets)
    app.add_middleware(Measured, metrics=operations.metrics)
    return app
