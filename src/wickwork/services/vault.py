"""Secrets of users: written by them, read by the work that needs them, and never shown again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import Conflict, InputError, NotFound, Unavailable, shown
from wickwork.services import envelope
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.services.key_store import FILE, read_keys, write_keys
from wickwork.settings.secret import Secret
from wickwork.store.database import audit, secrets

MOST, LONGEST = 100, 10_000
"""Secrets of a user, and characters of one."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_SHOWN_FROM = 16
"""Characters that a secret must have for its last four to be shown."""


@dataclass(frozen=True)
class SecretShown:
    """What is shown of a secret: its name, and its last four characters where it is long enough."""

    name: str
    last: str
    changed_at: int


async def listed(services: Services, caller: Caller) -> list[SecretShown]:
    """The caller's secrets, by name."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        rows = await secrets.of_owner(session, caller.user_id)
    found = []
    for row in rows:
        value = _unsealed(services, row.owner, row.name, row.wrapped_key, row.ciphertext)
        found.append(SecretShown(row.name, value[-4:] if len(value) >= _SHOWN_FROM else "", row.changed_at))
    return found


async def put(services: Services, caller: Caller, name: str, value: str) -> SecretShown:
    """Keep a secret; one of the same name is replaced. Raises InputError, and Unavailable without the right key."""
    caller.require(Access.WRITE)
    _refuse_name(name)
    try:
        size = len(value.encode())
    except ValueError:
        size = 0
    if not 1 <= size <= LONGEST:
        raise InputError(f"A secret has 1 to {LONGEST:,} bytes.")
    async with services.database.writing() as session:
        key = await current_key(session, services)
        is_new = await secrets.get(session, caller.user_id, name) is None
        if is_new and await secrets.count(session, caller.user_id) >= MOST:
            raise Conflict(f"A user has at most {MOST} secrets; remove one.")
        now = services.now()
        await secrets.put(session, now, caller.user_id, name, *envelope.seal(key, caller.user_id, name, value))
        await audit.append(session, now, caller.user_id, "secret.set", name)
    return SecretShown(name, value[-4:] if len(value) >= _SHOWN_FROM else "", now)


async def remove(services: Services, caller: Caller, name: str) -> None:
    """Remove one of the caller's secrets. Raises NotFound."""
    caller.require(Access.WRITE)
    if not _NAME.fullmatch(name):
        raise NotFound(f"There is no secret {shown(name)!r}.")
    async with services.database.writing() as session:
        await secrets.remove(session, caller.user_id, name)
        await audit.append(session, services.now(), caller.user_id, "secret.remove", name)


async def reveal(services: Services, owner: str, name: str) -> Secret:
    """A secret, for the work that needs it. Raises NotFound, and Unavailable without the right key."""
    async with services.database.reading() as session:
        row = await secrets.get(session, owner, name) if _NAME.fullmatch(name) else None
    if row is None:
        raise NotFound(f"There is no secret {shown(name)!r}.")
    return Secret(_unsealed(services, owner, name, row.wrapped_key, row.ciphertext))


async def current_key(session: AsyncSession, services: Services) -> bytes:
    """The key in use, which stays in use until the transaction ends; the first call makes it.

    Raises Unavailable where the database was encrypted with another key than there is.
    """
    keys = read_keys(services.home, services.keys_in)
    used = await secrets.key_in_use(session, lock=True)
    if used is None:
        key = next(iter(keys.values()), None) or envelope.new_key()
        if not keys:
            write_keys(services.home, services.keys_in, [key])
        await secrets.use_key(session, envelope.key_id(key), services.now())
        return key
    if used not in keys:
        raise _wrong_key(services, used)
    return keys[used]


async def rotate(services: Services, who: str) -> int:
    """Make a new key and encrypt the keys of all secrets with it; return how many. The secrets stay the same.

    Killed at any moment it leaves every secret readable: the old key is dropped after nothing needs it any more.
    """
    fresh = envelope.new_key()
    async with services.database.writing() as session:
        await current_key(session, services)  # raises where it is not the right one
        keys = read_keys(services.home, services.keys_in)
        write_keys(services.home, services.keys_in, [fresh, *keys.values()])
        rows = await secrets.everything(session)
        for row in rows:
            try:
                own = envelope.unwrap(keys, row.owner, row.name, row.wrapped_key)
            except envelope.WrongKey:
                raise _damaged(row.name) from None
            row.wrapped_key = envelope.wrap(fresh, row.owner, row.name, own)
        now = services.now()
        await secrets.use_key(session, envelope.key_id(fresh), now)
        await audit.append(session, now, who, "secrets.rotate", envelope.key_id(fresh), {"secrets": len(rows)})
    async with services.database.writing() as session:
        if await secrets.key_in_use(session, lock=True) == envelope.key_id(fresh):  # else another one was made since
            write_keys(services.home, services.keys_in, [fresh])
    return len(rows)


def _unsealed(services: Services, owner: str, name: str, wrapped: bytes, ciphertext: bytes) -> str:
    keys = read_keys(services.home, services.keys_in)
    used = envelope.id_of(wrapped)
    if used not in keys:
        raise _wrong_key(services, used)
    try:
        return envelope.unseal(keys, owner, name, wrapped, ciphertext)
    except envelope.WrongKey:
        raise _damaged(name) from None


def _wrong_key(services: Services, used: str) -> Unavailable:
    where = "the keyring" if services.keys_in == "keyring" else str(services.home / FILE)
    return Unavailable(
        f"The secrets of this database were encrypted with the key {used}, which is not in {where}. Put that key "
        "there, from a backup or from the machine that the database came from."
    )


def _damaged(name: str) -> Unavailable:
    return Unavailable(f"The secret {shown(name)!r} was changed in the database; set it again.")


def _refuse_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InputError("The name of a secret has 1 to 100 letters, digits and the characters . _ - after the first.")
