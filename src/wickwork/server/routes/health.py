"""Whether the server lives, is ready, and how its parts are."""

from __future__ import annotations

from fastapi import Response
from pydantic import BaseModel

from wickwork.model.errors import NotFound, WickworkError
from wickwork.server.access import EVERYBODY, Of, Reader
from wickwork.server.resource import resource
from wickwork.store.database import schema

router = resource("/api/health", "health")


class Part(BaseModel):
    """One part of the installation."""

    name: str
    ok: bool
    detail: str


class Health(BaseModel):
    """How the installation is."""

    ok: bool
    parts: list[Part]


@router.get("", status_code=200, response_class=Response, dependencies=EVERYBODY)
async def live() -> Response:
    """Whether the server lives: an empty answer, for everybody."""
    return Response(status_code=200)


@router.get("/ready", status_code=200, response_class=Response, dependencies=EVERYBODY)
async def ready(services: Of) -> Response:
    """Whether the server can work: an empty answer, for everybody; 503 where the database does not answer."""
    await schema.version_of(services.database)
    return Response(status_code=200)


@router.get("/parts")
async def parts(services: Of, caller: Reader) -> Health:
    """How each part of the installation is."""
    found = []
    try:
        version = await schema.version_of(services.database)
        found.append(Part(name="database", ok=True, detail=f"{services.database.kind}, schema {version}"))
    except (WickworkError, NotFound) as error:
        found.append(Part(name="database", ok=False, detail=str(error)))
    return Health(ok=all(one.ok for one in found), parts=found)
