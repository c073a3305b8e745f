"""What happens, for those who follow it: messages on topics, numbered, the last ones kept for who comes back."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import msgspec

_JSON, _PACK = msgspec.json.Encoder(), msgspec.msgpack.Encoder()
KEPT = 10_000
"""Messages that are kept for those who come back."""


@dataclass(frozen=True)
class Event:
    """One message."""

    number: int
    """Larger than that of every message before it, on all topics together."""
    topic: str
    owner: str | None
    """The user who may see it; None for everybody."""
    data: Mapping[str, Any]

    @cached_property
    def as_json(self) -> bytes:
        """The message as followers get it; encoded once for all of them."""
        return _JSON.encode(self._message())

    @cached_property
    def as_msgpack(self) -> bytes:
        """The same in MessagePack."""
        return _PACK.encode(self._message())

    def _message(self) -> dict[str, Any]:
        return {"type": "event", "number": self.number, "topic": self.topic, "data": self.data}


Follower = Callable[[Event], None]
"""Called with each message in the event loop; it must not block."""


class Events(Protocol):
    """A stream of messages."""

    @property
    def epoch(self) -> str:
        """Changes when numbering begins anew; numbers of another epoch say nothing."""

    @property
    def last(self) -> int:
        """The number of the newest message."""

    async def publish(self, topic: str, owner: str | None, data: Mapping[str, Any], once: str = "") -> None:
        """Send a message; of several with the same `once`, from whatever process, only the first."""

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Call `follower` with every message from now on; returns what ends that."""

    async def since(self, number: int) -> Sequence[Event] | None:
        """The messages after that number, None where some of them are no longer kept."""

    async def run(self) -> None:
        """What has to go on meanwhile."""


class LocalEvents:
    """The messages of one process."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(8)
        self.last = 0
        self._kept: deque[Event] = deque(maxlen=KEPT)
        self._once: deque[str] = deque(maxlen=KEPT)
        self._followers: set[Follower] = set()

    async def publish(self, topic: str, owner: str | None, data: Mapping[str, Any], once: str = "") -> None:
        """Send a message; of several with the same `once` only the first."""
        if once:
            if once in self._once:
                return
            self._once.append(once)
        self.last += 1
        self.deliver(Event(self.last, topic, owner, data))

    def deliver(self, event: Event) -> None:
        """Keep a message that has its number, and pass it to all followers."""
        self.last = event.number
        self._kept.append(event)
        for follower in tuple(self._followers):
            follower(event)

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Call `follower` with every message from now on; returns what ends that."""
        self._followers.add(follower)
        return lambda: self._followers.discard(follower)

    async def since(self, number: int) -> Sequence[Event] | None:
        """The messages after that number, None where some of them are no longer kept."""
        if number > self.last:
            return None
        found = [event for event in self._kept if event.number > number]
        return found if len(found) == self.last - number else None

    async def run(self) -> None:
        """Nothing has to go on."""
        await asyncio.Event().wait()
