"""Users, for administrators."""

from __future__ import annotations

from typing import Literal

from fastapi import Response
from pydantic import BaseModel, Field

from wickwork.server.access import Admin, Of
from wickwork.server.resource import Before, Body, Count, Page, Shown, paged, resource
from wickwork.services import users as service
from wickwork.services.users import Change

router = resource("/api/users", "users")

Role = Literal["viewer", "trader", "admin"]
_TELEGRAM = "The numeric id of their Telegram account: only listed accounts may enter with Telegram. Empty for none."


class NewUser(Body):
    """A user to be made."""

    name: str = Field(min_length=1, max_length=100, description="Of a-z, 0-9 and . _ - + @.")
    role: Role
    telegram: str = Field(default="", max_length=20, description=_TELEGRAM)


class UserChange(Body):
    """What to change of a user; what is left out stays."""

    role: Role | None = None
    disabled: bool | None = Field(default=None, description="Whether the user may not enter; what they own stays.")
    telegram: str | None = Field(default=None, max_length=20, description=_TELEGRAM)
    forget_password: bool = Field(default=False, description="Remove the password and end all sessions.")


class UserShown(Shown):
    """A user."""

    id: str
    name: str
    role: Role
    telegram: str | None
    disabled: bool
    created_at: int = Field(description="ms since 1970, UTC.")


class Link(BaseModel):
    """A link with which a user enters once, within ten minutes."""

    link: str = Field(description="The path and query to open, below the address of this server.")


class UserMade(UserShown, Link):
    """A new user, with the link for them."""


@router.get("")
async def listed(services: Of, caller: Admin, before: Before = None, count: Count = 50) -> Page[UserShown]:
    """All users, the newest first."""
    return paged(await service.page(services, caller, before, count + 1), count, UserShown)


@router.post("", status_code=201)
async def create(services: Of, caller: Admin, body: NewUser, response: Response) -> UserMade:
    """Make a user, who enters with the link of the answer; it is shown once."""
    user, secret = await service.create(services, caller, body.name, body.role, body.telegram)
    response.headers["Location"] = f"{router.prefix}/{user.id}"
    return UserMade(**UserShown.model_validate(user).model_dump(), link=f"/enter?link={secret}")


@router.get("/{user_id}")
async def one(services: Of, caller: Admin, user_id: str) -> UserShown:
    """One user."""
    return UserShown.model_validate(await service.get(services, caller, user_id))


@router.patch("/{user_id}")
async def change(services: Of, caller: Admin, user_id: str, body: UserChange) -> UserShown:
    """Change a user. Sessions, tokens and WebSockets lose at once what the user may not do any more."""
    wanted = Change(body.role, body.disabled, body.telegram, body.forget_password)
    return UserShown.model_validate(await service.change(services, caller, user_id, wanted))


@router.post("/{user_id}/link", status_code=201)
async def link(services: Of, caller: Admin, user_id: str) -> Link:
    """A new link for a user; it is shown once."""
    return Link(link=f"/enter?link={await service.link(services, caller, user_id)}")


@router.delete("/{user_id}", status_code=204)
async def delete(services: Of, caller: Admin, user_id: str) -> None:
    """Delete a user with all that they own: strategies, runs, jobs, tokens, settings and secrets."""
    await service.remove(services, caller, user_id)
