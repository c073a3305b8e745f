"""The WebSocket of everything that happens: `docs/server/websocket.md` has its messages."""

from __future__ import annotations

from fastapi import WebSocket
from pydantic import BaseModel

from wickwork.model.errors import InputError
from wickwork.server.access import Of, Reader, caller_of, services_of, while_allowed
from wickwork.server.connection import Connection
from wickwork.server.problems import NotLoggedIn
from wickwork.server.resource import resource
from wickwork.services import identity
from wickwork.services.access import Access

router = resource("", "events")


class TicketShown(BaseModel):
    """What opens one WebSocket within half a minute, as `/ws?ticket=…`."""

    ticket: str


@router.post("/api/tickets", status_code=201)
async def ticket(services: Of, caller: Reader) -> TicketShown:
    """A ticket, for clients that cannot send a header when they open a WebSocket."""
    return TicketShown(ticket=await identity.create_ticket(services, caller))


@router.websocket("/ws")
async def follow(socket: WebSocket, ticket: str = "", format: str = "json") -> None:  # noqa: A002
    """Follow topics."""
    services = services_of(socket)
    if format not in ("json", "msgpack"):
        raise InputError("`format` must be json or msgpack.")
    caller = await identity.of_ticket(services, ticket) if ticket else await caller_of(socket)
    if caller is None:
        raise NotLoggedIn("The ticket is unknown, used up or too old.")
    caller.require(Access.READ)
    connection = Connection(socket, services.events, caller, binary=format == "msgpack")
    await while_allowed(socket, services, caller, connection.run())
