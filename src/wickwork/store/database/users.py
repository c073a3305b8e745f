"""Users."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import Conflict, NotFound, shown
from wickwork.store.database.tables import User
from wickwork.store.ids import new_id


async def count(session: AsyncSession) -> int:
    """How many users there are."""
    return await session.scalar(select(func.count()).select_from(User)) or 0


async def add(session: AsyncSession, at: int, name: str, role: str, password: str | None = None) -> User:
    """A new user; `password` is a hash. Raises Conflict where the name is taken."""
    if await session.scalar(select(User.id).where(User.name == name)):
        raise Conflict(f"There is a user {shown(name)!r} already; choose another name.")
    user = User(id=new_id(at), name=name, role=role, password=password, telegram=None, created_at=at)
    session.add(user)
    await session.flush()
    return user


async def get(session: AsyncSession, user_id: str) -> User:
    """One user. Raises NotFound."""
    user = await session.get(User, user_id)
    if user is None:
        raise NotFound(f"There is no user {shown(user_id)!r}.")
    return user


async def named(session: AsyncSession, name: str) -> User | None:
    """The user of that name, if there is one."""
    return await session.scalar(select(User).where(User.name == name))


async def first_admin(session: AsyncSession) -> User | None:
    """The oldest administrator who may enter."""
    wanted = select(User).where(User.role == "admin", User.disabled.is_(False)).order_by(User.id).limit(1)
    return await session.scalar(wanted)


async def page(session: AsyncSession, before: str | None, count: int) -> list[User]:
    """Users, the newest first; `before` is the id of the last one of the page before."""
    wanted = select(User).order_by(User.id.desc()).limit(count)
    return list(await session.scalars(wanted if before is None else wanted.where(User.id < before)))


async def changing(session: AsyncSession, user_id: str) -> User:
    """One user, whose row no other transaction changes meanwhile. Raises NotFound."""
    user = await session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound(f"There is no user {shown(user_id)!r}.")
    return user


async def active_admins(session: AsyncSession) -> int:
    """How many administrators may enter; their rows stay as they are until the transaction ends."""
    wanted = select(User.id).where(User.role == "admin", User.disabled.is_(False)).order_by(User.id).with_for_update()
    return len((await session.scalars(wanted)).all())


async def of_telegram(session: AsyncSession, telegram: str) -> User | None:
    """The user with that numeric id of Telegram, if there is one."""
    return await session.scalar(select(User).where(User.telegram == telegram))
