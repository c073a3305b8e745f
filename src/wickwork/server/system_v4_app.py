"""System V4's API on a port of its own, for its clients, which have no token.

Only this machine reaches it, and it only reads, but for the configuration of indicators, which belongs to this port.
"""

from __future__ import annotations

from fastapi import FastAPI
from pydantic import BaseModel

from wickwork.server.guard import Guard
from wickwork.server.problems import add_handlers
from wickwork.server.routes import system_v4
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.settings.server import Server


class Root(BaseModel):
    """What this is."""

    name: str = "Wickwork, System V4's API"
    version: str = "0.1.0"
    status: str = "running"


class Healthy(BaseModel):
    """Whether it runs."""

    status: str = "healthy"
    service: str = "wickwork"


def make_system_v4_app(services: Services, settings: Server, user_id: str) -> FastAPI:
    """The application of the port; its callers are the user of that id, who may read and nothing else."""
    app = FastAPI(title="System V4", version="0.1.0", docs_url=None, redoc_url=None)
    app.state.services, app.state.settings = services, settings
    app.state.caller = Caller(user_id, "system-v4", "viewer", frozenset({Access.READ}), "local")
    add_handlers(app)

    @app.get("/")
    async def root() -> Root:
        """What this is."""
        return Root()

    @app.get("/api/health")
    async def health() -> Healthy:
        """Whether it runs."""
        return Healthy()

    app.include_router(system_v4.router)
    app.add_middleware(Guard)
    return app
