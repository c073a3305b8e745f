"""Users, as administrators see them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import Conflict, InputError, did_you_mean
from wickwork.services.access import ROLES, Access, Caller
from wickwork.services.core import Services
from wickwork.services.identity import create_link
from wickwork.services.sessions import end_access
from wickwork.services.user_names import refuse_user_name
from wickwork.store.database import audit, sessions, users
from wickwork.store.database.tables import User


@dataclass(frozen=True)
class Change:
    """What to change of a user; None leaves it."""

    role: str | None = None
    disabled: bool | None = None
    telegram: str | None = None
    """The numeric id of their Telegram account; an empty text for none."""
    forget_password: bool = False


async def page(services: Services, caller: Caller, before: str | None, count: int) -> list[User]:
    """Users, the newest first."""
    caller.require(Access.ADMIN)
    async with services.database.reading() as session:
        return await users.page(session, before, count)


async def get(services: Services, caller: Caller, user_id: str) -> User:
    """One user. Raises NotFound."""
    caller.require(Access.ADMIN)
    async with services.database.reading() as session:
        return await users.get(session, user_id)


async def create(services: Services, caller: Caller, name: str, role: str, telegram: str = "") -> tuple[User, str]:
    """A new user without a password, and the secret of a link with which they enter within ten minutes.

    Raises InputError, and Conflict where the name or the Telegram account is another user's.
    """
    caller.require(Access.ADMIN)
    refuse_user_name(name)
    _refuse_role(role)
    async with services.database.writing() as session:
        now = services.now()
        user = await users.add(session, now, name, role)
        if telegram:
            await _set_telegram(session, user, telegram)
        detail = {"name": name, "role": role, "telegram": telegram}
        await audit.append(session, now, caller.user_id, "user.create", user.id, detail)
    return user, await create_link(services, user.id)


async def link(services: Services, caller: Caller, user_id: str) -> str:
    """The secret of a new link for a user. Raises NotFound, and Conflict where the user is disabled."""
    caller.require(Access.ADMIN)
    async with services.database.writing() as session:
        user = await users.changing(session, user_id)
        if user.disabled:
            raise Conflict("This user is disabled, so a link would not open anything; enable the user first.")
        await audit.append(session, services.now(), caller.user_id, "user.link", user_id)
    return await create_link(services, user_id)


async def change(services: Services, caller: Caller, user_id: str, wanted: Change) -> User:
    """Change a user; what their sessions and tokens may do changes at once.

    Raises NotFound, InputError, and Conflict where no administrator would be left.
    """
    caller.require(Access.ADMIN)
    if wanted.role is not None:
        _refuse_role(wanted.role)
    async with services.database.writing() as session:
        admins = await users.active_admins(session)
        user = await users.changing(session, user_id)
        was_admin = user.role == "admin" and not user.disabled
        if wanted.role is not None:
            user.role = wanted.role
        if wanted.disabled is not None:
            user.disabled = wanted.disabled
        if was_admin and (user.role != "admin" or user.disabled) and admins == 1:
            raise Conflict("This is the last administrator; make another one first.")
        if wanted.telegram is not None:
            await _set_telegram(session, user, wanted.telegram)
        if wanted.forget_password:
            user.password = None
        if user.disabled or wanted.forget_password:
            await sessions.remove_all(session, user_id)
        detail = {"role": user.role, "disabled": user.disabled, "telegram": user.telegram or ""}
        if wanted.forget_password:
            detail["password"] = "forgotten"  # noqa: S105
        await audit.append(session, services.now(), caller.user_id, "user.change", user_id, detail)
    await end_access(services, user_id)
    return user


async def remove(services: Services, caller: Caller, user_id: str) -> None:
    """Delete a user with all that they own. Raises NotFound, and Conflict where no administrator would be left."""
    caller.require(Access.ADMIN)
    async with services.database.writing() as session:
        admins = await users.active_admins(session)
        user = await users.changing(session, user_id)
        if user.role == "admin" and not user.disabled and admins == 1:
            raise Conflict("This is the last administrator; make another one first.")
        await session.delete(user)
        await audit.append(session, services.now(), caller.user_id, "user.delete", user_id, {"name": user.name})
    await end_access(services, user_id)


def _refuse_role(role: str) -> None:
    if role not in ROLES:
        raise InputError(f"There is no role {role!r}.{did_you_mean(role, ROLES)} There are {', '.join(ROLES)}.")


async def _set_telegram(session: AsyncSession, user: User, telegram: str) -> None:
    if telegram and not (telegram.isascii() and telegram.isdigit() and len(telegram) <= 20 and telegram[0] != "0"):
        raise InputError(
            "`telegram` is the numeric id of a Telegram account, not a name; a bot such as @userinfobot shows it."
        )
    other = await users.of_telegram(session, telegram) if telegram else None
    if other is not None and other.id != user.id:
        raise Conflict("Another user has this Telegram account.")
    user.telegram = telegram or None
    await session.flush()
