"""Sessions of browsers. Only hashes of their cookies are kept."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import NotFound, shown
from wickwork.store.database.tables import BrowserSession, Ticket, User

MOST = 50
"""Sessions of one user; one more ends the oldest."""


async def add(session: AsyncSession, fresh: BrowserSession) -> None:
    """Keep a new session, and remove those of the same user that have expired or are too many."""
    mine = BrowserSession.user_id == fresh.user_id
    await session.execute(delete(BrowserSession).where(mine, BrowserSession.expires_at <= fresh.created_at))
    kept = await session.scalars(select(BrowserSession.id).where(mine).order_by(BrowserSession.id.desc()))
    surplus = kept.all()[MOST - 1 :]
    if surplus:
        await session.execute(delete(BrowserSession).where(BrowserSession.id.in_(surplus)))
    session.add(fresh)
    await session.flush()


async def of_hash(session: AsyncSession, hashed: str) -> tuple[BrowserSession, User] | None:
    """The session of that cookie's hash and its user, if there is one."""
    wanted = select(BrowserSession, User).join(User, User.id == BrowserSession.user_id)
    row = (await session.execute(wanted.where(BrowserSession.hash == hashed))).first()
    return (row[0], row[1]) if row else None


async def of_user(session: AsyncSession, user_id: str, now: int) -> list[BrowserSession]:
    """The open sessions of a user, the newest first."""
    wanted = select(BrowserSession).where(BrowserSession.user_id == user_id, BrowserSession.expires_at > now)
    return list(await session.scalars(wanted.order_by(BrowserSession.id.desc())))


async def mark_used(session: AsyncSession, session_id: str, at: int) -> None:
    """Keep when a session was last used (ms)."""
    await session.execute(
        update(BrowserSession)
        .where(BrowserSession.id == session_id, BrowserSession.last_used_at < at)
        .values(last_used_at=at)
    )


async def remove(session: AsyncSession, user_id: str, session_id: str) -> None:
    """End a session. Raises NotFound where the user has none of that id."""
    mine = delete(BrowserSession).where(BrowserSession.user_id == user_id, BrowserSession.id == session_id)
    if (await session.execute(mine.returning(BrowserSession.id))).first() is None:
        raise NotFound(f"There is no session {shown(session_id)!r}.")


async def remove_hash(session: AsyncSession, hashed: str) -> tuple[str, str] | None:
    """End the session of that cookie's hash; its id and its user's, if there was one."""
    gone = delete(BrowserSession).where(BrowserSession.hash == hashed)
    row = (await session.execute(gone.returning(BrowserSession.id, BrowserSession.user_id))).first()
    return (row[0], row[1]) if row else None


async def remove_all(session: AsyncSession, user_id: str) -> None:
    """End every session of a user, and void the tickets for WebSockets that they made."""
    await session.execute(delete(BrowserSession).where(BrowserSession.user_id == user_id))
    await session.execute(delete(Ticket).where(Ticket.user_id == user_id))
