"""Settings of users, by name, as JSON."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.store.database.tables import Preference, User


async def get(session: AsyncSession, owner: str, name: str, default: Any = None) -> Any:
    """The value of a setting, `default` where the owner has none."""
    found = await session.get(Preference, (owner, name))
    return default if found is None else json.loads(found.value)


async def of_owner(session: AsyncSession, owner: str, *, lock: bool = False) -> dict[str, Any]:
    """All settings of an owner; with `lock` nobody else changes any of them until the transaction ends."""
    if lock:
        await session.execute(select(User.id).where(User.id == owner).with_for_update())
    rows = await session.scalars(select(Preference).where(Preference.owner == owner).order_by(Preference.name))
    return {row.name: json.loads(row.value) for row in rows}


async def put(session: AsyncSession, at: int, owner: str, name: str, value: Any) -> None:
    """Set a setting to a value of plain JSON."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    found = await session.get(Preference, (owner, name), with_for_update=True)
    if found is None:
        session.add(Preference(owner=owner, name=name, value=text, changed_at=at))
    else:
        found.value, found.changed_at = text, at
    await session.flush()


async def remove(session: AsyncSession, owner: str, name: str) -> None:
    """Remove a setting, if there is one of that name."""
    await session.execute(delete(Preference).where(Preference.owner == owner, Preference.name == name))
