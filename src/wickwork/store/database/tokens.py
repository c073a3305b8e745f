"""Personal tokens of programs. Only hashes are kept."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import NotFound, shown
from wickwork.store.database.tables import Token, User
from wickwork.store.ids import new_id


async def add(
    session: AsyncSession, at: int, owner: str, name: str, hashed: str, scopes: Sequence[str], expires_at: int | None
) -> Token:
    """A new token by its hash; `expires_at` in ms, None for one without an end."""
    token = Token(
        id=new_id(at), owner=owner, name=name, hash=hashed, scopes=list(scopes), created_at=at, expires_at=expires_at
    )
    session.add(token)
    await session.flush()
    return token


async def of_hash(session: AsyncSession, hashed: str) -> tuple[Token, User] | None:
    """The token of that hash and its user, if there is one."""
    wanted = select(Token, User).join(User, User.id == Token.owner).where(Token.hash == hashed)
    row = (await session.execute(wanted)).first()
    return (row[0], row[1]) if row else None


async def of_owner(session: AsyncSession, owner: str) -> list[Token]:
    """All tokens of a user, the newest first."""
    return list(await session.scalars(select(Token).where(Token.owner == owner).order_by(Token.id.desc())))


async def remove(session: AsyncSession, owner: str, token_id: str) -> None:
    """End a token. Raises NotFound where the owner has none of that id."""
    done = await session.execute(delete(Token).where(Token.owner == owner, Token.id == token_id).returning(Token.id))
    if done.first() is None:
        raise NotFound(f"There is no token {shown(token_id)!r}.")


async def mark_used(session: AsyncSession, token_id: str, at: int) -> None:
    """Keep when a token was last used (ms)."""
    await session.execute(update(Token).where(Token.id == token_id).values(last_used_at=at))
