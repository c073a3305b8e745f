"""Who calls, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from wickwork.model.errors import InputError, Refused, did_you_mean


class Access(StrEnum):
    """What a call needs. These are also the scopes of tokens."""

    READ = "read"
    """Look at one's own objects and at what all share."""
    WRITE = "write"
    """Change one's own objects: strategies, settings."""
    RUN = "run"
    """Start work: backtests, sweeps, runs on paper, downloads."""
    ADMIN = "admin"
    """Change what all share: users, stored bars, the installation."""


ROLES: dict[str, frozenset[Access]] = {
    "viewer": frozenset({Access.READ}),
    "trader": frozenset({Access.READ, Access.WRITE, Access.RUN}),
    "admin": frozenset(Access),
}
"""What each role may do."""


@dataclass(frozen=True)
class Caller:
    """A user, and how they were recognized."""

    user_id: str
    name: str
    role: str
    scopes: frozenset[Access]
    """What this session or token may do: never more than the role."""
    via: str
    """`session`, `token`, `ticket` or `local` (a command on this machine)."""
    key: str = ""
    """The token or session that this access ends with, as `token:ID`; empty where there is none."""
    until: int | None = None
    """When that token or session expires (ms); None where it does not."""

    def may(self, access: Access) -> bool:
        """Whether this caller may do that."""
        return access in self.scopes

    def require(self, access: Access) -> None:
        """Raise Refused where this caller may not do that."""
        if self.may(access):
            return
        if access in ROLES[self.role]:
            raise Refused(f"The token has no scope {access}; create one with it.")
        raise Refused(f"This needs the right to {access}, which the role {self.role} does not have.")


def scopes_of(role: str, wanted: Iterable[str] | None = None) -> frozenset[Access]:
    """The scopes of a token: all of the role's, or those wanted.

    Raises InputError for one that is unknown or that the role does not have.
    """
    allowed = ROLES[role]
    if wanted is None:
        return allowed
    found = set()
    for name in wanted:
        if name not in set(Access):
            raise InputError(f"There is no scope {name!r}.{did_you_mean(name, Access)} There are {', '.join(Access)}.")
        if Access(name) not in allowed:
            raise InputError(f"The role {role} may not do {name}, so its tokens may not either.")
        found.add(Access(name))
    if not found:
        raise InputError("A token needs at least one scope.")
    return frozenset(found)
