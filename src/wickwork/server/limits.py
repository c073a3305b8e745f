"""How many requests an address and a user may send, by kind of route."""

from __future__ import annotations

import time
from typing import Any

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from wickwork.model.errors import TooMany
from wickwork.settings.server import Server

REQUESTS, STARTS, LOGINS = "requests", "starts", "logins"
"""Kinds: every request; one that starts work; one with which somebody enters."""
FREE = "/hooks"
"""Requests below this path have limits of their own: a sender that is refused with 429 does not send again."""
_ENTERING = (
    "/enter",
    "/api/session",
    "/api/session/password",
    "/api/telegram",
    "/api/telegram-auth",
    "/api/verify-token",
)
_MOST = 50_000


class Counters(Storage):
    """Counts in memory, without the threads and tasks of the library's own storage; what has expired is dropped."""

    STORAGE_SCHEME = ["wickwork+memory"]  # noqa: RUF012

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._counts: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """No error can come from here."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, within a window of `expiry` seconds that begins with the first."""
        now = time.monotonic()
        count, end = self._counts.get(key, (0, 0.0))
        if end <= now:
            self._make_room(now)
            count, end = 0, now + expiry
        self._counts[key] = count + amount, end
        return count + amount

    def get(self, key: str) -> int:
        """The count now."""
        count, end = self._counts.get(key, (0, 0.0))
        return count if end > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        return time.time() + max(0.0, self._counts.get(key, (0, 0.0))[1] - time.monotonic())

    def check(self) -> bool:
        """It is always there."""
        return True

    def reset(self) -> int | None:
        """Forget everything."""
        count = len(self._counts)
        self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one."""
        self._counts.pop(key, None)

    def _make_room(self, now: float) -> None:
        if len(self._counts) >= _MOST:
            self._counts = {key: one for key, one in self._counts.items() if one[1] > now}
        if len(self._counts) >= _MOST:
            self._counts.clear()


class Limits:
    """The limits of one server process. A limit of 0 is none."""

    def __init__(self, settings: Server) -> None:
        given = {
            REQUESTS: settings.requests_per_minute,
            STARTS: settings.starts_per_minute,
            LOGINS: settings.logins_per_minute,
        }
        self._items: dict[str, RateLimitItem] = {
            kind: RateLimitItemPerMinute(count) for kind, count in given.items() if count
        }
        self._limiter = FixedWindowRateLimiter(Counters())

    def refuse(self, kind: str, who: str) -> None:
        """Count a request of an address or a user. Raises TooMany where there were too many within a minute."""
        item = self._items.get(kind)
        if item is None or self._limiter.hit(item, kind, who):
            return
        left = self._limiter.get_window_stats(item, kind, who).reset_time - time.time()
        raise TooMany(
            f"There were more than {item.amount:,} {kind} in a minute; go on in {max(1, round(left))} s.", left
        )


def is_entering(method: str, path: str) -> bool:
    """Whether somebody enters with that request."""
    known = path in _ENTERING or path.startswith("/api/telegram/")
    return known and (method != "GET" or path == "/enter" or path.startswith("/api/telegram/"))
