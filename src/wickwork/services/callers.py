"""Callers that were recognized a moment ago, so that not every request needs the database, and whose access ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wickwork.services.access import Caller
from wickwork.services.events import Event

TOPIC = "access"
"""On which processes tell each other whose access has ended."""
_KEPT = 5_000
"""For how long a caller is kept (ms)."""
_MOST = 10_000
"""Callers that are kept; one more, and all are read anew."""


@dataclass(frozen=True)
class Known:
    """A caller, and the CSRF token of its session (an empty text for a token's)."""

    caller: Caller
    csrf: str
    kept_until: int


class Callers:
    """The callers of one process.

    When access ends in this process, it has ended with the next request; another process is told through the events,
    and without them sees it within five seconds.
    """

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._watched: dict[object, tuple[Caller, Callable[[], None]]] = {}
        self.generation = 0
        """Grows whenever access of somebody ends."""

    def get(self, hashed: str, now: int) -> Known | None:
        """The caller of that hash of a secret, if it was recognized within the last seconds."""
        found = self._known.get(hashed)
        return found if found is not None and now < found.kept_until else None

    def keep(self, hashed: str, caller: Caller, csrf: str, now: int, generation: int) -> None:
        """Keep a caller. `generation` is that of before the database was read: what ended since is not kept."""
        if generation != self.generation:
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        until = now + _KEPT if caller.until is None else min(now + _KEPT, caller.until)
        self._known[hashed] = Known(caller, csrf, until)

    def watch(self, caller: Caller, ended: Callable[[], None]) -> Callable[[], None]:
        """Call `ended`, which must not block, when the access of this caller ends; returns what stops that."""
        token = object()
        self._watched[token] = caller, ended
        return lambda: self._watched.pop(token, None) and None

    def end(self, user_id: str, key: str = "") -> None:
        """End the access of a user: all of it, or what was given by the token or session of that `Caller.key`."""
        self.generation += 1

        def concerns(caller: Caller) -> bool:
            return caller.user_id == user_id and key in ("", caller.key)

        self._known = {hashed: one for hashed, one in self._known.items() if not concerns(one.caller)}
        for token, (caller, ended) in tuple(self._watched.items()):
            if concerns(caller):
                self._watched.pop(token, None)
                ended()

    def take(self, event: Event | None) -> None:
        """A message of another process, or of this one, which has done it already; None where some were lost."""
        if event is None:
            self.generation += 1
            self._known.clear()
        elif event.topic == TOPIC and event.owner is not None:
            self.end(event.owner, str(event.data.get("key", "")))
