"""Callers of PVE's endpoints, which carry their user's id and token in the body or the query."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Depends, Request

from wickwork.server.access import Needs, allowed, services_of
from wickwork.server.problems import NotLoggedIn
from wickwork.services import identity
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database import users


class NeedsOfPve(Needs):
    """A dependency as `Needs`, that takes `id` (or `user_id`) and `token` of PVE's clients as well.

    The id is that of the user, or of their Telegram account, as PVE's clients have it.
    """

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises NotLoggedIn and Refused."""
        given = {**dict(request.query_params), **await _body(request)}
        token = given.get("token")
        if not isinstance(token, str) or "authorization" in request.headers:
            return await super().__call__(request)
        caller = await caller_of_pve(services_of(request), given.get("id") or given.get("user_id"), token)
        if caller is None:
            raise NotLoggedIn("The token is unknown, has expired, or is not of this user.")
        return allowed(request, caller, self.access)


async def caller_of_pve(services: Services, user_id: Any, token: str) -> Caller | None:
    """The caller of a token, if it belongs to the user of that id."""
    caller = await identity.of_token(services, token)
    if caller is None or isinstance(user_id, bool) or not isinstance(user_id, str | int):
        return None
    if str(user_id) == caller.user_id:
        return caller
    async with services.database.reading() as session:
        user = await users.get(session, caller.user_id)
    return caller if user.telegram is not None and user.telegram == str(user_id) else None


async def _body(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


PveReader = Annotated[Caller, Depends(NeedsOfPve(Access.READ))]
PveWriter = Annotated[Caller, Depends(NeedsOfPve(Access.WRITE))]
PveStarter = Annotated[Caller, Depends(NeedsOfPve(Access.RUN))]
"""The caller, as an argument of a route of PVE."""
