"""What happens, for those who follow it: numbered messages on topics; the last ones are kept for who comes back."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Protocol

import msgspec

_JSON, _PACK = msgspec.json.Encoder(), msgspec.msgpack.Encoder()
KEPT = 10_000
"""Messages that are kept for clients that come back, unless they are larger than `_KEPT_BYTES` in all."""
_KEPT_BYTES = 32_000_000
_SUBJECTS = 10_000
"""Of so many subjects the newest version is kept."""
_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Event:
    """One message."""

    number: int
    """One more than that of the message before it, on all topics together."""
    topic: str
    owner: str | None
    """The user who may see it; None for everybody."""
    data: Mapping[str, Any]
    subject: str = ""
    """What it is about; empty where nothing else is about the same."""

    @cached_property
    def as_json(self) -> bytes:
        """The message as followers get it; encoded once for all of them."""
        return encoded(self._message())

    @cached_property
    def as_msgpack(self) -> bytes:
        """The same in MessagePack, which has no integers of more than 64 bits: they become floats."""
        try:
            return _PACK.encode(self._message())
        except (OverflowError, UnicodeEncodeError):
            return _PACK.encode(json.loads(self.as_json, parse_int=_integer_or_float))

    def _message(self) -> dict[str, Any]:
        return {"type": "event", "number": self.number, "topic": self.topic, "data": self.data}


Follower = Callable[[Event | None], None]
"""Called in the event loop with each message, and with None where messages were lost or numbering began anew.

It must neither block nor raise.
"""


class Events(Protocol):
    """A stream of messages."""

    @property
    def kind(self) -> str:
        """Between whom: `local` to one process, or through `redis`."""

    @property
    def epoch(self) -> str:
        """Changes when numbering begins anew; numbers of another epoch mean nothing."""

    @property
    def last(self) -> int:
        """The number of the newest message."""

    async def publish(
        self, topic: str, owner: str | None, data: Mapping[str, Any], subject: str = "", version: int = 0
    ) -> bool:
        """Send a message; False where it could not be sent now.

        Where several processes publish the same change: a message with a `subject` is sent only if its `version` is
        higher than that of every message before it with this subject, from whatever process.
        """

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Call `follower` with every message from now on; returns what ends that."""

    async def since(self, number: int) -> Sequence[Event] | None:
        """The messages after that number, None where some of them are no longer kept."""

    async def watched_until(self) -> int | None:
        """The time given to `set_watched_until` last, by whatever process; None where none was."""

    async def set_watched_until(self, at: int) -> None:
        """Record that all changes before this time (ms) have been published."""

    async def ping(self) -> None:
        """Raise Unavailable where messages cannot be sent now."""

    async def run(self) -> None:
        """What has to go on meanwhile."""


class LocalEvents:
    """The messages of one process."""

    kind = "local"

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(8)
        self.last = 0
        self._kept: deque[Event] = deque()
        self._kept_bytes = 0
        self._versions: OrderedDict[str, int] = OrderedDict()
        self._followers: set[Follower] = set()

    async def publish(
        self, topic: str, owner: str | None, data: Mapping[str, Any], subject: str = "", version: int = 0
    ) -> bool:
        """Send a message; one with a `subject` only if its `version` is higher than those before."""
        if subject:
            if self._versions.get(subject, version - 1) >= version:
                return True
            self._versions[subject] = version
            self._versions.move_to_end(subject)
            if len(self._versions) > _SUBJECTS:
                self._versions.popitem(last=False)
        self.deliver(Event(self.last + 1, topic, owner, data, subject))
        return True

    def deliver(self, event: Event) -> None:
        """Keep a message that has its number, and pass it to all followers."""
        if event.number != self.last + 1:
            self.restart(self.epoch, event.number - 1)
        self.last = event.number
        self._kept.append(event)
        self._kept_bytes += len(event.as_json)
        while len(self._kept) > KEPT or self._kept_bytes > _KEPT_BYTES:
            self._kept_bytes -= len(self._kept.popleft().as_json)
        for follower in tuple(self._followers):
            follower(event)

    def restart(self, epoch: str, last: int) -> None:
        """Go on after message `last` of an epoch; what was kept is no longer valid, as messages between are missing."""
        self.epoch, self.last = epoch, last
        self._kept.clear()
        self._kept_bytes = 0
        for follower in tuple(self._followers):
            follower(None)

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Call `follower` with every message from now on; returns what ends that."""
        self._followers.add(follower)
        return lambda: self._followers.discard(follower)

    def kept_since(self, number: int) -> Sequence[Event] | None:
        """The messages after that number, None where some of them are no longer kept."""
        missed = self.last - number
        if not 0 <= missed <= len(self._kept):
            return None
        return list(islice(self._kept, len(self._kept) - missed, None))

    async def since(self, number: int) -> Sequence[Event] | None:
        """The messages after that number, None where some of them are no longer kept."""
        return self.kept_since(number)

    async def watched_until(self) -> int | None:
        """None: what happened before this process began is in no epoch of it."""
        return None

    async def set_watched_until(self, at: int) -> None:
        """Nothing has to be recorded."""

    async def ping(self) -> None:
        """Messages can always be sent."""

    async def run(self) -> None:
        """Nothing has to go on."""
        await asyncio.Event().wait()


def encoded(value: Any) -> bytes:
    """A value as JSON; what is no text (half of a surrogate pair) is replaced in it."""
    try:
        return _JSON.encode(value)
    except UnicodeEncodeError:
        return _JSON.encode(json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace")))


def _integer_or_float(text: str) -> int | float:
    value = int(text)
    return value if abs(value) <= _LARGEST_INTEGER else float(value)
