"""Users as PVE's clients see them: a token by Telegram's widget, and a profile with the keys of an exchange."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.model.errors import InputError
from wickwork.services import identity, vault
from wickwork.services.access import Access, Caller, scopes_of
from wickwork.services.core import Services
from wickwork.services.telegram import user_signed
from wickwork.settings.secret import Secret
from wickwork.store.database import audit, preferences, users

NAMES = ("first_name", "last_name", "username")
KEYS = ("key", "key_secret")
_PREFERENCE = "pve.profile"
_NAME = "PVE, by Telegram"
_TOKEN = 30 * 24 * 3_600_000
"""For how long the token of a login is valid (ms)."""


async def log_in(services: Services, fields: Mapping[str, str | int], bot: Secret | None) -> tuple[str, str]:
    """The user's id and a new token, which takes the place of that of the login before.

    Raises WrongLogin where Telegram's widget has not signed these fields, and Refused for accounts that are not listed.
    """
    async with services.database.writing() as session:
        user = await user_signed(session, services, fields, bot)
        profile = {name: str(fields.get(name, ""))[:200] for name in NAMES}
        await preferences.put(session, services.now(), user.id, _PREFERENCE, profile)
        await audit.append(session, services.now(), user.id, "session.begin", detail={"by": "telegram", "for": "pve"})
    caller = Caller(user.id, user.name, user.role, scopes_of(user.role), "local")
    for token in await identity.tokens_of(services, caller):
        if token.name == _NAME:
            await identity.revoke_token(services, caller, token.id)
    return user.id, (await identity.create_token(services, caller, _NAME, None, services.now() + _TOKEN))[1]


async def profile(services: Services, caller: Caller) -> dict[str, Any]:
    """The caller's profile; of the keys only the last characters are shown."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        user = await users.get(session, caller.user_id)
        kept = await preferences.get(session, caller.user_id, _PREFERENCE, {})
    last = {one.name: one.last for one in await vault.listed(services, caller)}
    shown = {name: f"…{last[f'pve.{name}']}" if f"pve.{name}" in last else None for name in KEYS}
    return {"id": user.telegram or user.id, "username": user.name} | {n: v for n, v in kept.items() if v} | shown


async def change(services: Services, caller: Caller, changes: Mapping[str, Any]) -> None:
    """Change names of the profile and the keys, which are kept encrypted. What is left out or masked stays."""
    caller.require(Access.WRITE)
    for name, value in changes.items():
        if value is not None and (not isinstance(value, str) or len(value) > 1000 or not value.isprintable()):
            raise InputError(f"{name} must be a text of at most 1000 printable characters.")
    for name in KEYS:
        value = changes.get(name)
        if value and not value.startswith("…"):
            await vault.put(services, caller, f"pve.{name}", value)
    async with services.database.writing() as session:
        kept = await preferences.get(session, caller.user_id, _PREFERENCE, {})
        fresh = {name: changes[name] for name in NAMES if changes.get(name) is not None}
        await preferences.put(session, services.now(), caller.user_id, _PREFERENCE, {**kept, **fresh})
