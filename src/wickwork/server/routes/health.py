"""Whether the server lives, is ready, and how its parts are."""

from __future__ import annotations

from typing import Literal

from fastapi import Request, Response
from pydantic import BaseModel

from wickwork.server.access import EVERYBODY, Of, Reader
from wickwork.server.operations import operations_of
from wickwork.server.resource import Shown, resource
from wickwork.services import state

router = resource("/api/health", "health")


class Alive(BaseModel):
    """That the server lives, in the words that System V4's and PowerTrader's clients expect."""

    status: Literal["healthy"] = "healthy"
    service: Literal["wickwork"] = "wickwork"


class PartShown(Shown):
    """One part of the installation."""

    name: str
    ok: bool
    detail: str


class Health(BaseModel):
    """How the installation is."""

    ok: bool
    parts: list[PartShown]


@router.get("", dependencies=EVERYBODY)
async def live() -> Alive:
    """Whether the server lives, for everybody."""
    return Alive()


@router.get("/ready", status_code=200, response_class=Response, dependencies=EVERYBODY)
async def ready(services: Of) -> Response:
    """Whether the server can work: an empty answer, for everybody; 503 where the database does not answer."""
    await state.ready(services)
    return Response(status_code=200)


@router.get("/parts")
async def parts(services: Of, caller: Reader, request: Request) -> Health:
    """How each part of the installation is: database, disk, jobs, events, bars, and the configuration file."""
    live = operations_of(request).live
    found = [
        PartShown.model_validate(one) for one in await state.parts(services, caller, request.app.state.settings.workers)
    ]
    waiting = f"{', '.join(live.waiting)} of the file need a new start" if live.waiting else "as in the file"
    found.append(PartShown(name="settings", ok=not live.fault, detail=live.fault or waiting))
    return Health(ok=all(one.ok for one in found), parts=found)
