"""Waiting after failed logins: longer after each, for the user name and for the address.

An attempt is counted before the password is compared, and taken back when it was right: of many attempts at once no
more are compared than of as many in a row.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

from wickwork.model.errors import TooMany
from wickwork.store.database import logins
from wickwork.store.database.engine import Database

FREE_BY_NAME, FREE_BY_ADDRESS = 5, 20
"""Failures in a row without a wait."""
LONGEST = 15 * 60_000
"""The longest wait (ms)."""
_MOST = 20_000


@dataclass(frozen=True)
class Subject:
    """What attempts are counted of."""

    hashed: str
    free: int


def subjects_of(name: str, address: str) -> tuple[Subject, Subject]:
    """The user name and the address of an attempt; of IPv6 the network (/64), which is what a customer gets."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        parsed = None
    if isinstance(parsed, IPv6Address):
        address = parsed.ipv4_mapped.exploded if parsed.ipv4_mapped else parsed.exploded[:19]
    return Subject(_hashed("name", name), FREE_BY_NAME), Subject(_hashed("address", address), FREE_BY_ADDRESS)


def wait_after(count: int, free: int) -> int:
    """For how long the next attempt must wait after that many failures (ms): 1 s, 2 s, 4 s … 15 min."""
    return 0 if count < free else min(1000 << min(count - free, 20), LONGEST)


@dataclass(frozen=True)
class Lockout:
    """The waits that this process has seen, so that refusing an attempt costs nothing; the database has all of them."""

    _locked: dict[str, int] = field(default_factory=dict)

    async def count(self, database: Database, now: int, subjects: tuple[Subject, ...]) -> bool:
        """Count an attempt as failed; whether a wait begins with it. Raises TooMany where one must wait."""
        for one in subjects:
            self._refuse(one, self._locked.get(one.hashed, 0), now)
        begins = False
        async with database.writing() as session:
            rows = [
                await logins.failures_of(session, one.hashed, now) for one in sorted(subjects, key=lambda s: s.hashed)
            ]
            by_hash = {row.subject: row for row in rows}
            for one in subjects:
                self._refuse(one, by_hash[one.hashed].locked_until, now)
            for one in subjects:
                row = by_hash[one.hashed]
                row.count += 1
                wait = wait_after(row.count, one.free)
                row.locked_until = now + wait
                begins = begins or row.count == one.free
        return begins

    async def forgive(self, database: Database, now: int, subjects: tuple[Subject, ...]) -> None:
        """Take the attempt back that was right: the name is free again, the address has its one attempt back."""
        name, address = subjects
        async with database.writing() as session:
            for one in sorted(subjects, key=lambda s: s.hashed):
                row = await logins.failures_of(session, one.hashed, now)
                row.count = 0 if one is name else max(0, row.count - 1)
                row.locked_until = now
        for one in (name, address):
            self._locked.pop(one.hashed, None)

    def _refuse(self, subject: Subject, locked_until: int, now: int) -> None:
        if locked_until <= now:
            return
        if len(self._locked) >= _MOST:
            self._locked.clear()
        self._locked[subject.hashed] = locked_until
        seconds = (locked_until - now) / 1000
        raise TooMany(f"There were too many failed logins; try again in {max(1, round(seconds))} s.", seconds)


def _hashed(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}:{text}".encode("utf-8", "surrogatepass")).hexdigest()
