"""The application: all routes, the errors, and what begins and ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules

from fastapi import FastAPI

from wickwork.server import routes
from wickwork.server.problems import add_handlers
from wickwork.services.core import Services
from wickwork.services.runner import Runner


def make_app(services: Services, runner: Runner | None = None) -> FastAPI:
    """The application over these services; with a `runner` it also does jobs."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        services.pool.start()
        doing = asyncio.create_task(runner.run()) if runner else None
        try:
            yield
        finally:
            if doing is not None:
                doing.cancel()
                with suppress(asyncio.CancelledError):
                    await doing
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
    add_handlers(app)
    for one in sorted(iter_modules(routes.__path__), key=lambda one: one.name):
        app.include_router(import_module(f"{routes.__name__}.{one.name}").router)
    return app
