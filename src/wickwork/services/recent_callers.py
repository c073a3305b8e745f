"""Callers of tokens that were looked up a moment ago, so that a program with many requests costs few queries.

What this process changes in the database counts from the next request on; what another process changes, such as
`wick tokens`, after a second.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict

from wickwork.services import identity
from wickwork.services.access import Caller
from wickwork.services.core import Services

SECONDS = 1.0
_MOST = 1_000


class RecentCallers:
    """The callers of one process, by the hash of their token."""

    def __init__(self) -> None:
        self._found: OrderedDict[bytes, tuple[Caller, float, int]] = OrderedDict()

    async def of_token(self, services: Services, secret: str) -> Caller | None:
        """The caller of a token; None where there is none such or it has expired."""
        key = hashlib.sha256(secret.encode()).digest()
        writes, now = services.database.writes.count, time.monotonic()
        known = self._found.get(key)
        if known is not None and known[1] > now and known[2] == writes:
            return known[0]
        caller = await identity.of_token(services, secret)
        self._found.pop(key, None)
        if caller is not None:
            self._found[key] = caller, now + SECONDS, writes
            if len(self._found) > _MOST:
                self._found.popitem(last=False)
        return caller
