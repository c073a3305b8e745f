"""Sessions of browsers: how they begin, who they belong to, and how they end."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import Refused, Unavailable
from wickwork.services.access import Caller, scopes_of
from wickwork.services.callers import TOPIC
from wickwork.services.core import Services
from wickwork.services.secret_hash import hashed
from wickwork.store.database import audit, sessions
from wickwork.store.database.tables import BrowserSession, User
from wickwork.store.ids import new_id

LONGEST = 14 * 24 * 3_600_000
"""For how long a browser stays logged in (ms)."""
_UNUSED = 3 * 24 * 3_600_000
"""A session ends that was not used for so long (ms)."""
_MINUTE = 60_000


@dataclass(frozen=True)
class Browser:
    """What is known of a browser that enters."""

    address: str = ""
    agent: str = ""
    cookie: str = ""
    """The secret of the session that it had before, which ends."""


@dataclass(frozen=True)
class Entered:
    """A new session: the secret of its cookie, its CSRF token, and who has entered."""

    cookie: str
    csrf: str
    caller: Caller


async def begin(session: AsyncSession, services: Services, user: User, by: str, browser: Browser) -> Entered:
    """Begin a session of a user, who has entered by a link, a password or Telegram; that of before ends."""
    now, cookie, csrf = services.now(), secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    if browser.cookie:
        before = await sessions.remove_hash(session, hashed(browser.cookie))
        if before is not None:
            services.callers.end(before[1], f"session:{before[0]}")
    fresh = BrowserSession(
        hash=hashed(cookie), id=new_id(now), user_id=user.id, csrf=csrf, by=by, address=browser.address[:100],
        agent=_printable(browser.agent), created_at=now, last_used_at=now, expires_at=now + LONGEST,
    )  # fmt: skip
    await sessions.add(session, fresh)
    await audit.append(session, now, user.id, "session.begin", fresh.id, {"by": by, "address": browser.address[:100]})
    return Entered(cookie, csrf, _caller(user, fresh))


async def of_cookie(services: Services, cookie: str) -> tuple[Caller, str] | None:
    """The caller of a session's cookie, and the session's CSRF token; None where it has ended."""
    if len(cookie) > 100:
        return None
    key, now, generation = hashed(cookie), services.now(), services.callers.generation
    known = services.callers.get(key, now)
    if known is not None:
        return known.caller, known.csrf
    async with services.database.reading() as session:
        row = await sessions.of_hash(session, key)
    if row is None:
        return None
    found, user = row
    if user.disabled or found.expires_at <= now or found.last_used_at + _UNUSED <= now:
        return None
    caller = _caller(user, found)
    services.callers.keep(key, caller, found.csrf, now, generation)
    if now - found.last_used_at >= _MINUTE:
        with suppress(Unavailable):  # when it was last used is not worth refusing a request
            async with services.database.writing() as session:
                await sessions.mark_used(session, found.id, now)
    return caller, found.csrf


async def listed(services: Services, caller: Caller) -> list[BrowserSession]:
    """The caller's open sessions, the newest first."""
    async with services.database.reading() as session:
        now = services.now()
        found = await sessions.of_user(session, caller.user_id, now)
    return [one for one in found if one.last_used_at + _UNUSED > now]


async def end(services: Services, caller: Caller, session_id: str) -> None:
    """End one of the caller's sessions, with its WebSockets. Raises NotFound."""
    async with services.database.writing() as session:
        await sessions.remove(session, caller.user_id, session_id)
        await audit.append(session, services.now(), caller.user_id, "session.end", session_id)
    await end_access(services, caller.user_id, f"session:{session_id}")


async def end_all(services: Services, caller: Caller) -> None:
    """End all of the caller's sessions, this one too."""
    async with services.database.writing() as session:
        await sessions.remove_all(session, caller.user_id)
        await audit.append(session, services.now(), caller.user_id, "session.end_all")
    await end_access(services, caller.user_id)


async def end_access(services: Services, user_id: str, key: str = "") -> None:
    """Forget who was recognized and close their WebSockets, here and in other processes.

    With `key` only what that token or session (`Caller.key`) gave. To be called after the change was committed.
    """
    services.callers.end(user_id, key)
    await services.events.publish(TOPIC, user_id, {"key": key})


def require_session(caller: Caller) -> None:
    """Raise Refused where the caller is no person in a browser: a token must not outlive itself by what it changes."""
    if caller.via != "session":
        raise Refused("This is for people who have logged in with a browser, not for tokens.")


def _caller(user: User, found: BrowserSession) -> Caller:
    return Caller(
        user.id, user.name, user.role, scopes_of(user.role), "session", f"session:{found.id}", found.expires_at
    )


def _printable(text: str) -> str:
    return "".join(one for one in text[:200] if one.isprintable())
