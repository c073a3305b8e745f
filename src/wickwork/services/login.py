"""Entering with a name and a password, and choosing a password."""

from __future__ import annotations

import structlog

from wickwork.model.errors import InputError, Refused, WickworkError
from wickwork.services.access import Caller
from wickwork.services.core import Services
from wickwork.services.lockout import subjects_of
from wickwork.services.passwords import refuse_weak
from wickwork.services.sessions import Browser, Entered, begin, end_access, require_session
from wickwork.services.user_names import is_user_name
from wickwork.store.database import audit, sessions, users

_log = structlog.get_logger("wickwork.login")


class WrongLogin(WickworkError):
    """The name or the password is wrong; which of them is not said."""


async def enter(services: Services, name: str, password: str, browser: Browser) -> Entered:
    """Begin a session of the user with that name and password.

    Raises WrongLogin, after the same work whether there is such a user or not, and TooMany where one must wait.
    """
    name = name.strip().lower()
    subjects = subjects_of(name, browser.address)
    waits = await services.lockout.count(services.database, services.now(), subjects)
    async with services.database.reading() as session:
        user = await users.named(session, name) if is_user_name(name) else None
    right = await services.passwords.matches(user.password if user else None, password)
    if user is None or not right or user.disabled:
        _log.warning("login refused", address=browser.address, waits=waits)
        if waits and user is not None:
            async with services.database.writing() as session:
                await audit.append(session, services.now(), "system", "login.locked", user.id)
        raise WrongLogin("The name or the password is wrong.")
    await services.lockout.forgive(services.database, services.now(), subjects)
    fresh = user.password or ""
    if services.passwords.is_outdated(fresh):
        fresh = await services.passwords.hash(password)
    async with services.database.writing() as session:
        found = await users.changing(session, user.id)
        if found.disabled or found.password != user.password:
            raise WrongLogin("The name or the password is wrong.")  # changed since it was read
        found.password = fresh
        return await begin(session, services, found, "password", browser)


async def choose_password(services: Services, caller: Caller, old: str | None, new: str, browser: Browser) -> Entered:
    """Set the caller's own password, end all their sessions and begin a new one.

    `old` is needed where they have one. Raises InputError for a weak one, WrongLogin, Refused and TooMany.
    """
    require_session(caller)
    refuse_weak(new, caller.name)
    async with services.database.reading() as session:
        user = await users.get(session, caller.user_id)
    if user.password is not None:
        if old is None:
            raise InputError("`old` must be the present password.")
        subjects = subjects_of(user.name, browser.address)
        await services.lockout.count(services.database, services.now(), subjects)
        if not await services.passwords.matches(user.password, old):
            raise Refused("The present password is another one.")
        await services.lockout.forgive(services.database, services.now(), subjects)
    fresh = await services.passwords.hash(new)
    async with services.database.writing() as session:
        found = await users.changing(session, caller.user_id)
        if found.password != user.password:
            raise Refused("The password was changed meanwhile; try again.")
        found.password = fresh
        await sessions.remove_all(session, found.id)
        await audit.append(session, services.now(), found.id, "user.password", found.id)
        entered = await begin(session, services, found, "password", browser)
    await end_access(services, caller.user_id)
    return entered
