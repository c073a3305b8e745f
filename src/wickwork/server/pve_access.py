"""Callers of PVE's endpoints, which carry their user's id and token in the body.

A token in a URL would stand in logs and in the history of browsers, so it is refused there; GET requests need the
header `Authorization`.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Depends, Request

from wickwork.model.errors import Refused
from wickwork.server.access import Needs, allowed, caller_of, services_of
from wickwork.server.problems import NotLoggedIn
from wickwork.services import identity
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database import users


class NeedsOfPve(Needs):
    """A dependency as `Needs`, that takes `user_id` (or `id`) and `token` of PVE's clients as well.

    The id is that of the user, or of their Telegram account, as PVE's clients have it.
    """

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises NotLoggedIn and Refused."""
        if "token" in request.query_params:
            raise NotLoggedIn("A token in a URL stands in logs; send it in the header `Authorization: Bearer TOKEN`.")
        given = {**dict(request.query_params), **await _body(request)}
        token, user_id = given.get("token"), given.get("user_id", given.get("id"))
        services = services_of(request)
        if token is None or "authorization" in request.headers:
            caller = await caller_of(request)
        else:
            found = await identity.of_token(services, token) if isinstance(token, str) else None
            if found is None:
                raise NotLoggedIn("The token is unknown or has expired; create one with `wick tokens create NAME`.")
            caller = found
        if (token is not None or user_id is not None) and not await is_user(services, caller, user_id):
            raise Refused("`user_id` is not the user of this token.")
        return allowed(request, caller, self.access)


async def caller_of_pve(services: Services, user_id: Any, token: str) -> Caller | None:
    """The caller of a token, if it belongs to the user of that id."""
    caller = await identity.of_token(services, token)
    return caller if caller is not None and await is_user(services, caller, user_id) else None


async def is_user(services: Services, caller: Caller, user_id: Any) -> bool:
    """Whether that is the id of the caller, or of the caller's Telegram account."""
    if isinstance(user_id, bool) or not isinstance(user_id, str | int):
        return False
    if str(user_id) == caller.user_id:
        return True
    async with services.database.reading() as session:
        user = await users.get(session, caller.user_id)
    return user.telegram is not None and user.telegram == str(user_id)


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
