"""What logins need: links and tickets, failures that are counted, logins by Telegram, and signed ones already used."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.store.database.tables import LoginFailures, LoginLink, TelegramLogin, Ticket, UsedLogin

FORGOTTEN = 24 * 3_600_000
"""After how long without an attempt failures are forgotten (ms)."""


async def add_link(session: AsyncSession, link: LoginLink, now: int) -> None:
    """Keep a link, and remove those that nobody used in time."""
    await session.execute(delete(LoginLink).where(LoginLink.expires_at < now))
    session.add(link)


async def take_link(session: AsyncSession, hashed: str, now: int) -> str | None:
    """The id of the user whom a link admits; the link is used up. None where there is none."""
    mine = delete(LoginLink).where(LoginLink.hash == hashed, LoginLink.expires_at >= now)
    return await session.scalar(mine.returning(LoginLink.user_id))


async def add_ticket(session: AsyncSession, ticket: Ticket, now: int) -> None:
    """Keep a ticket, and remove those that nobody used in time."""
    await session.execute(delete(Ticket).where(Ticket.expires_at < now))
    session.add(ticket)


async def take_ticket(session: AsyncSession, hashed: str, now: int) -> Ticket | None:
    """A ticket, which is used up; None where there is none."""
    mine = delete(Ticket).where(Ticket.hash == hashed, Ticket.expires_at >= now)
    return (await session.execute(mine.returning(Ticket))).scalar_one_or_none()


async def failures_of(session: AsyncSession, subject: str, now: int) -> LoginFailures:
    """The failures of a subject, locked until the transaction ends; a new row where there is none."""
    await session.execute(delete(LoginFailures).where(LoginFailures.locked_until < now - FORGOTTEN))
    fresh = {"subject": subject, "count": 0, "locked_until": now}
    await session.execute(_insert(session, LoginFailures).values(fresh).on_conflict_do_nothing())
    wanted = select(LoginFailures).where(LoginFailures.subject == subject).with_for_update()
    return (await session.scalars(wanted)).one()


async def add_telegram(session: AsyncSession, login: TelegramLogin, now: int) -> None:
    """Keep a login that begins, and remove those that nobody finished in time."""
    await session.execute(delete(TelegramLogin).where(TelegramLogin.expires_at < now))
    session.add(login)
    await session.flush()


async def take_telegram(session: AsyncSession, hashed: str, now: int) -> tuple[str, str] | None:
    """The nonce and the verifier of a login that has begun, which is used up; None where there is none."""
    mine = delete(TelegramLogin).where(TelegramLogin.hash == hashed, TelegramLogin.expires_at >= now)
    row = (await session.execute(mine.returning(TelegramLogin.nonce, TelegramLogin.verifier))).first()
    return (row[0], row[1]) if row else None


async def use_once(session: AsyncSession, hashed: str, now: int, expires_at: int) -> bool:
    """Keep that a signed login was used; whether it is the first time. After `expires_at` (ms) it is forgotten."""
    await session.execute(delete(UsedLogin).where(UsedLogin.expires_at < now))
    fresh = _insert(session, UsedLogin).values(hash=hashed, expires_at=expires_at).on_conflict_do_nothing()
    return (await session.execute(fresh.returning(UsedLogin.hash))).first() is not None


def _insert(session: AsyncSession, table: Any) -> Any:
    kind = session.get_bind().dialect.name
    return (postgresql if kind == "postgresql" else sqlite).insert(table)
