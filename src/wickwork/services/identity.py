"""Recognizing callers by tokens, links and sessions."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from sqlalchemy import delete

from wickwork.model.errors import Conflict, InputError, Refused
from wickwork.services.access import Caller, scopes_of
from wickwork.services.core import Services
from wickwork.store.database import audit, tokens, users
from wickwork.store.database.tables import BrowserSession, LoginLink, Ticket, Token, User

PREFIX = "wick_"
"""What every token begins with, so that scanners of secrets recognize one."""
_LINK = 10 * 60_000
"""For how long a link can be used (ms)."""
_TICKET = 30_000
"""For how long a ticket can be used (ms)."""
_SESSION = 14 * 24 * 3_600_000
"""For how long a browser stays logged in (ms)."""


def hashed(secret: str) -> str:
    """The hash under which a random secret is kept; it has 256 bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def first_start(services: Services) -> bool:
    """Make the first administrator, where there is no user yet; return whether there was none.

    This user has no password: the first browser enters with a link.
    """
    try:
        async with services.database.writing() as session:
            if await users.count(session):
                return False
            now = services.now()
            admin = await users.add(session, now, "admin", "admin")
            await audit.append(session, now, "system", "user.create", admin.id, {"name": "admin", "role": "admin"})
    except Conflict:  # another process starts at the same moment
        return False
    return True


async def local_admin(services: Services) -> Caller:
    """The oldest administrator, for commands on this machine, whose user can read the database anyway."""
    async with services.database.reading() as session:
        user = await users.first_admin(session)
    if user is None:
        raise InputError("There is no administrator yet; start the server once with `wick up`.")
    return Caller(user.id, user.name, user.role, scopes_of(user.role), "local")


async def system_v4_user(services: Services) -> str:
    """The id of the user without a password to whom the configuration of System V4's port belongs."""
    async with services.database.writing() as session:
        found = await users.named(session, "system-v4")
        return (found or await users.add(session, services.now(), "system-v4", "viewer")).id


async def create_link(services: Services, user_id: str) -> str:
    """A secret that opens one session within ten minutes."""
    secret, now = secrets.token_urlsafe(32), services.now()
    async with services.database.writing() as session:
        await session.execute(delete(LoginLink).where(LoginLink.expires_at < now))
        session.add(LoginLink(hash=hashed(secret), user_id=user_id, expires_at=now + _LINK))
    return secret


async def enter_by_link(services: Services, secret: str) -> tuple[str, str]:
    """Use a link: the secret of a new session, and its CSRF token. Raises Refused where it is unknown or used up."""
    async with services.database.writing() as session:
        now = services.now()
        used = await session.scalar(
            delete(LoginLink)
            .where(LoginLink.hash == hashed(secret), LoginLink.expires_at >= now)
            .returning(LoginLink.user_id)
        )
        user = await session.get(User, used) if used else None
        if user is None or user.disabled:
            raise Refused("This link was used already or is too old; `wick link` prints a new one.")
        cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        session.add(
            BrowserSession(hash=hashed(cookie), user_id=user.id, csrf=csrf, created_at=now, expires_at=now + _SESSION)
        )
        await audit.append(session, now, user.id, "session.begin", detail={"by": "link"})
    return cookie, csrf


async def of_session(services: Services, cookie: str) -> tuple[Caller, str] | None:
    """The caller of a session's cookie, and the session's CSRF token; None where it has ended."""
    async with services.database.reading() as session:
        found = await session.get(BrowserSession, hashed(cookie))
        user = await session.get(User, found.user_id) if found else None
    if found is None or user is None or user.disabled or found.expires_at < services.now():
        return None
    return Caller(user.id, user.name, user.role, scopes_of(user.role), "session"), found.csrf


async def create_ticket(services: Services, caller: Caller) -> str:
    """A secret that opens one WebSocket of this caller within half a minute."""
    secret, now = secrets.token_urlsafe(32), services.now()
    async with services.database.writing() as session:
        await session.execute(delete(Ticket).where(Ticket.expires_at < now))
        scopes = sorted(caller.scopes)
        session.add(Ticket(hash=hashed(secret), user_id=caller.user_id, scopes=scopes, expires_at=now + _TICKET))
    return secret


async def of_ticket(services: Services, secret: str) -> Caller | None:
    """The caller of a ticket, which is used up; None where there is none such."""
    async with services.database.writing() as session:
        mine = delete(Ticket).where(Ticket.hash == hashed(secret), Ticket.expires_at >= services.now())
        found = (await session.execute(mine.returning(Ticket.user_id, Ticket.scopes))).first()
        user = await session.get(User, found[0]) if found else None
    if found is None or user is None or user.disabled:
        return None
    granted = scopes_of(user.role) & scopes_of("admin", found[1])
    return Caller(user.id, user.name, user.role, granted, "ticket")


async def create_token(
    services: Services,
    caller: Caller,
    name: str,
    scopes: Iterable[str] | None = None,
    expires_at: int | None = None,
) -> tuple[Token, str]:
    """A new token of the caller and its secret, which is not kept.

    `scopes` are all that the caller has, where none are named. Raises InputError for scopes beyond those.
    """
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise InputError("The name of a token has 1 to 100 printable characters.")
    if expires_at is not None and expires_at <= services.now():
        raise InputError("The token would have expired already; choose a later time.")
    chosen = caller.scopes if scopes is None else scopes_of(caller.role, scopes)
    for scope in chosen:
        caller.require(scope)
    secret = PREFIX + secrets.token_urlsafe(32)
    async with services.database.writing() as session:
        now = services.now()
        token = await tokens.add(session, now, caller.user_id, name, hashed(secret), sorted(chosen), expires_at)
        detail = {"name": name, "scopes": sorted(chosen)}
        await audit.append(session, now, caller.user_id, "token.create", token.id, detail)
    return token, secret


async def of_token(services: Services, secret: str) -> Caller | None:
    """The caller of a token; None where there is none such or it has expired."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    async with services.database.reading() as session:
        found = await tokens.of_hash(session, hashed(secret))
    if found is None:
        return None
    token, user = found
    if user.disabled or (token.expires_at is not None and token.expires_at <= services.now()):
        return None
    granted = scopes_of(user.role) & frozenset(scopes_of("admin", token.scopes))
    return Caller(user.id, user.name, user.role, granted, "token")
