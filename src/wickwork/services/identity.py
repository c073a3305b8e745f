"""Recognizing callers by tokens, links and tickets; `sessions` does it for browsers."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress

from wickwork.model.errors import Conflict, InputError, NotFound, Refused, Unavailable, shown
from wickwork.services import vault
from wickwork.services.access import Caller, scopes_of
from wickwork.services.core import Services
from wickwork.services.secret_hash import hashed
from wickwork.services.sessions import Browser, Entered, begin, end_access
from wickwork.store.database import audit, logins, tokens, users
from wickwork.store.database.tables import LoginLink, Ticket, Token, User

PREFIX = "wick_"
"""What every token begins with, so that scanners of secrets recognize one."""
_LINK = 10 * 60_000
"""For how long a link can be used (ms)."""
_TICKET = 30_000
"""For how long a ticket can be used (ms)."""
_MOST_TOKENS = 200
_MINUTE = 60_000


async def first_start(services: Services) -> bool:
    """Make the first administrator and the key of secrets, where there is no user yet; return whether there was none.

    This user has no password: the first browser enters with a link.
    """
    try:
        async with services.database.writing() as session:
            if await users.count(session):
                return False
            now = services.now()
            admin = await users.add(session, now, "admin", "admin")
            await audit.append(session, now, "system", "user.create", admin.id, {"name": "admin", "role": "admin"})
            await vault.current_key(session, services)
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


async def local_user(services: Services, name: str) -> Caller:
    """The user of that name, for commands on this machine. Raises NotFound, and Refused for one who may not enter."""
    async with services.database.reading() as session:
        user = await users.named(session, name)
    if user is None:
        raise NotFound(f"There is no user {shown(name)!r}.")
    if user.disabled:
        raise Refused(f"The user {shown(name)!r} may not enter any more.")
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
        await logins.add_link(session, LoginLink(hash=hashed(secret), user_id=user_id, expires_at=now + _LINK), now)
    return secret


async def enter_by_link(services: Services, secret: str, browser: Browser | None = None) -> Entered:
    """Use a link, which begins a session. Raises Refused where it is unknown or used up."""
    async with services.database.writing() as session:
        used = await logins.take_link(session, hashed(secret), services.now())
        user = await session.get(User, used) if used else None
        if user is None or user.disabled:
            raise Refused("This link was used already or is too old; `wick link` prints a new one.")
        return await begin(session, services, user, "link", browser or Browser())


async def create_ticket(services: Services, caller: Caller) -> str:
    """A secret that opens one WebSocket of this caller within half a minute."""
    secret, now = secrets.token_urlsafe(32), services.now()
    ticket = Ticket(
        hash=hashed(secret),
        user_id=caller.user_id,
        scopes=sorted(caller.scopes),
        key=caller.key,
        until=caller.until,
        expires_at=now + _TICKET,
    )
    async with services.database.writing() as session:
        await logins.add_ticket(session, ticket, now)
    return secret


async def of_ticket(services: Services, secret: str) -> Caller | None:
    """The caller of a ticket, which is used up; None where there is none such."""
    if len(secret) > 100:
        return None
    async with services.database.writing() as session:
        found = await logins.take_ticket(session, hashed(secret), services.now())
        user = await session.get(User, found.user_id) if found else None
    if found is None or user is None or user.disabled:
        return None
    granted = scopes_of(user.role) & scopes_of("admin", found.scopes)
    return Caller(user.id, user.name, user.role, granted, "ticket", found.key, found.until)


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
    if caller.via == "token" and caller.until is not None:
        expires_at = min(expires_at or caller.until, caller.until)
    chosen = caller.scopes if scopes is None else scopes_of(caller.role, scopes)
    for scope in chosen:
        caller.require(scope)
    secret = PREFIX + secrets.token_urlsafe(32)
    async with services.database.writing() as session:
        now = services.now()
        if len(await tokens.of_owner(session, caller.user_id)) >= _MOST_TOKENS:
            raise Conflict(f"A user has at most {_MOST_TOKENS} tokens; revoke one that is not used any more.")
        token = await tokens.add(session, now, caller.user_id, name, hashed(secret), sorted(chosen), expires_at)
        detail = {"name": name, "scopes": sorted(chosen)}
        await audit.append(session, now, caller.user_id, "token.create", token.id, detail)
    return token, secret


async def of_token(services: Services, secret: str) -> Caller | None:
    """The caller of a token; None where there is none such or it has expired."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    key, now, generation = hashed(secret), services.now(), services.callers.generation
    known = services.callers.get(key, now)
    if known is not None:
        return known.caller
    async with services.database.reading() as session:
        found = await tokens.of_hash(session, key)
    if found is None:
        return None
    token, user = found
    if user.disabled or (token.expires_at is not None and token.expires_at <= now):
        return None
    granted = scopes_of(user.role) & scopes_of("admin", token.scopes)
    caller = Caller(user.id, user.name, user.role, granted, "token", f"token:{token.id}", token.expires_at)
    services.callers.keep(key, caller, "", now, generation)
    if token.last_used_at is None or now - token.last_used_at >= _MINUTE:
        with suppress(Unavailable):  # when it was last used is not worth refusing a request
            async with services.database.writing() as session:
                await tokens.mark_used(session, token.id, now)
    return caller


async def tokens_of(services: Services, caller: Caller) -> list[Token]:
    """The caller's tokens, the newest first, expired ones too."""
    async with services.database.reading() as session:
        return await tokens.of_owner(session, caller.user_id)


async def revoke_token(services: Services, caller: Caller, token_id: str) -> None:
    """End one of the caller's tokens, with its WebSockets. Raises NotFound."""
    async with services.database.writing() as session:
        await tokens.remove(session, caller.user_id, token_id)
        await audit.append(session, services.now(), caller.user_id, "token.revoke", token_id)
    await end_access(services, caller.user_id, f"token:{token_id}")
