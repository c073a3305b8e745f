"""The application: all routes, what requests pass first, and what goes on beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules

from fastapi import FastAPI

from wickwork.server import routes
from wickwork.server.guard import Guard
from wickwork.server.problems import add_handlers
from wickwork.services.core import Services
from wickwork.services.recent_callers import RecentCallers
from wickwork.settings.server import Server

Background = Callable[[], Awaitable[None]]
"""Something that goes on while the application runs; it is canceled when the application ends."""


def make_app(services: Services, settings: Server | None = None, background: Sequence[Background] = ()) -> FastAPI:
    """The application over these services."""
    settings = settings or Server()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        services.pool.start()
        tasks = [asyncio.ensure_future(one()) for one in background]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
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
    app.state.recent_callers = RecentCallers()
    add_handlers(app)
    for one in sorted(iter_modules(routes.__path__), key=lambda one: one.name):
        app.include_router(import_module(f"{routes.__name__}.{one.name}").router)
    app.add_middleware(Guard, names=(settings.host, *settings.names), large=("/api/data",))
    return app
