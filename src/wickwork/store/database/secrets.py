"""Secrets at rest, which only `services.vault` can read, and the id of the key in use."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import NotFound, shown
from wickwork.store.database.tables import EncryptionKey, SecretValue


async def key_in_use(session: AsyncSession, *, lock: bool = False) -> str | None:
    """The id of the key that encrypts the keys of all secrets; None before there is one.

    With `lock` it stays the same until the transaction ends.
    """
    wanted = select(EncryptionKey.id)
    return await session.scalar(wanted.with_for_update() if lock else wanted)


async def use_key(session: AsyncSession, key_id: str, at: int) -> None:
    """Keep the id of the key that is in use from now on."""
    await session.execute(delete(EncryptionKey))
    session.add(EncryptionKey(id=key_id, created_at=at))
    await session.flush()


async def of_owner(session: AsyncSession, owner: str) -> list[SecretValue]:
    """The secrets of a user, by name."""
    return list(await session.scalars(select(SecretValue).where(SecretValue.owner == owner).order_by(SecretValue.name)))


async def everything(session: AsyncSession) -> list[SecretValue]:
    """The secrets of all users, whose rows stay as they are until the transaction ends."""
    wanted = select(SecretValue).order_by(SecretValue.owner, SecretValue.name).with_for_update()
    return list(await session.scalars(wanted))


async def count(session: AsyncSession, owner: str) -> int:
    """How many secrets a user has."""
    wanted = select(func.count()).select_from(SecretValue).where(SecretValue.owner == owner)
    return await session.scalar(wanted) or 0


async def get(session: AsyncSession, owner: str, name: str) -> SecretValue | None:
    """One secret, if there is one of that name."""
    return await session.get(SecretValue, (owner, name), populate_existing=True)


async def put(session: AsyncSession, at: int, owner: str, name: str, wrapped_key: bytes, ciphertext: bytes) -> None:
    """Keep a secret; one of the same name is replaced."""
    found = await session.get(SecretValue, (owner, name), with_for_update=True)
    if found is None:
        session.add(SecretValue(owner=owner, name=name, wrapped_key=wrapped_key, ciphertext=ciphertext, changed_at=at))
    else:
        found.wrapped_key, found.ciphertext, found.changed_at = wrapped_key, ciphertext, at
    await session.flush()


async def remove(session: AsyncSession, owner: str, name: str) -> None:
    """Remove a secret. Raises NotFound."""
    mine = delete(SecretValue).where(SecretValue.owner == owner, SecretValue.name == name)
    if (await session.execute(mine.returning(SecretValue.name))).first() is None:
        raise NotFound(f"There is no secret {shown(name)!r}.")
