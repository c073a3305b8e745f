"""PVE's endpoints for users, with its paths and shapes; errors are problem details as everywhere."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from pydantic import BaseModel, Field

from wickwork.server.access import EVERYBODY, Of
from wickwork.server.problems import NotLoggedIn
from wickwork.server.pve_access import PveReader, PveWriter, caller_of_pve
from wickwork.server.resource import resource
from wickwork.server.routes.telegram import widget_of
from wickwork.server.signed_fields import SIGNED_FIELDS, signed_fields
from wickwork.services import pve_users as service

router = resource("/api", "PVE")

_ID = "The id of the user, or of their Telegram account."


class Credentials(BaseModel):
    """What PVE's clients send with every request."""

    id: str | int | None = Field(default=None, description=_ID)
    user_id: str | int | None = Field(default=None, description=_ID)
    token: str | None = Field(default=None, max_length=1000, repr=False)


class ProfileChange(Credentials):
    """What to change of a profile."""

    first_name: str | None = Field(default=None, max_length=200)
    last_name: str | None = Field(default=None, max_length=200)
    key: str | None = Field(default=None, max_length=1000, repr=False, description="The API key of an exchange.")
    key_secret: str | None = Field(default=None, max_length=1000, repr=False, description="Its secret.")


class Done(BaseModel):
    """That it was done."""

    status: Literal["success"] = "success"
    message: str


class LoggedIn(Done):
    """A login."""

    user_id: str
    token: str = Field(description="For the endpoints of PVE and for all others, as `Authorization: Bearer`.")


class Profile(BaseModel):
    """A profile. Keys are masked."""

    id: str
    first_name: str = ""
    last_name: str = ""
    username: str
    key: str | None
    key_secret: str | None


class UserInfo(BaseModel):
    """A user."""

    status: Literal["success"] = "success"
    user_info: Profile


@router.post("/telegram-auth", dependencies=EVERYBODY, openapi_extra=SIGNED_FIELDS)
async def telegram_auth(services: Of, request: Request) -> LoggedIn:
    """A token for the fields of Telegram's widget, which work once. The account must be one that a user has."""
    user_id, token = await service.log_in(services, await signed_fields(request), widget_of(request))
    return LoggedIn(message="Authorization successful", user_id=user_id, token=token)


@router.post("/verify-token", dependencies=EVERYBODY)
async def verify_token(services: Of, body: Credentials) -> Done:
    """Whether a token is valid and belongs to that user; 401 where it does not."""
    if await caller_of_pve(services, body.id or body.user_id, body.token or "") is None:
        raise NotLoggedIn("The token is unknown, has expired, or is not of this user.")
    return Done(message="Token is valid")


@router.post("/get-user-info")
async def get_user_info(services: Of, caller: PveReader, body: Credentials) -> UserInfo:
    """The caller's profile."""
    return UserInfo(user_info=Profile(**await service.profile(services, caller)))


@router.post("/update-user")
async def update_user(services: Of, caller: PveWriter, body: ProfileChange) -> Done:
    """Change the caller's profile. Keys are kept encrypted, as the secrets `pve.key` and `pve.key_secret`."""
    await service.change(services, caller, body.model_dump(include={*service.NAMES, *service.KEYS}))
    return Done(message="User data updated successfully")
