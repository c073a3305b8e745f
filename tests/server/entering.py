"""Browsers that have entered, for tests: clients with a session's cookie and its CSRF token."""

from __future__ import annotations

import httpx

from tests.server.conftest import ClientOf
from wickwork.server.access import CSRF_HEADER
from wickwork.services import identity
from wickwork.services.core import Services
from wickwork.store.database import users

PASSWORD = "four quiet words here"  # noqa: S105


async def browser_of(
    client_of: ClientOf, services: Services, role: str = "trader", name: str = "ann"
) -> httpx.AsyncClient:
    """A browser in which a user of that role has entered by a link; the user is made where there is none."""
    async with services.database.writing() as session:
        user = await users.named(session, name) or await users.add(session, services.now(), name, role)
    client = await client_of()
    answer = await client.get("/enter", params={"link": await identity.create_link(services, user.id)})
    assert answer.status_code == 200, answer.text
    use_csrf(client)
    return client


async def log_in(client: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    """The answer to a login; after a right one the client has a session."""
    answer = await client.post("/api/session", json={"name": name, "password": password})
    if answer.status_code == 201:
        use_csrf(client)
    return answer


def use_csrf(client: httpx.AsyncClient) -> None:
    client.headers[CSRF_HEADER] = client.cookies["wickwork-csrf"]
