"""One stream of messages for several server processes, in Redis.

Each process appends to the stream and reads what all append. While Redis does not answer, messages are not sent; what
they say is in the database, and a follower that comes back with an old number is told to read it anew.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from wickwork.model.errors import Unavailable
from wickwork.services.events import KEPT, Event, Follower, LocalEvents

_STREAM, _EPOCH, _ONCE = "wickwork:events", "wickwork:epoch", "wickwork:once:"
_ONCE_SECONDS = 300
_WAIT = 1.0
_log = structlog.get_logger("wickwork.events")


class RedisEvents:
    """The messages of all processes that use the same Redis. Its errors are logged, not raised."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_timeout=10, socket_connect_timeout=3)
        self._local = LocalEvents()

    @property
    def epoch(self) -> str:
        """Changes when Redis lost its stream."""
        return self._local.epoch

    @property
    def last(self) -> int:
        """The number of the newest message that this process has read."""
        return self._local.last

    async def publish(self, topic: str, owner: str | None, data: Mapping[str, Any], once: str = "") -> None:
        """Append a message to the stream; of several with the same `once`, from whatever process, only the first."""
        text = json.dumps([topic, owner, data], ensure_ascii=False, allow_nan=False)
        try:
            if once and not await self._redis.set(_ONCE + once, 1, nx=True, ex=_ONCE_SECONDS):
                return
            # "0-*": the number is one more than that of the newest, given by Redis itself.
            await self._redis.xadd(_STREAM, {"m": text}, id="0-*", maxlen=KEPT, approximate=True)
        except (RedisError, OSError) as error:
            _log.warning("redis", reason=str(error))

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Call `follower` with every message from now on; returns what ends that."""
        return self._local.follow(follower)

    async def since(self, number: int) -> Sequence[Event] | None:
        """The messages after that number, None where some of them are no longer kept."""
        if number > self._local.last:
            return None
        try:
            found = await self._redis.xrange(_STREAM, min=f"(0-{number}", max=f"0-{self._local.last}")
        except (RedisError, OSError):
            return None
        events = [_event(entry) for entry in found or ()]
        return events if len(events) == self._local.last - number else None

    async def run(self) -> None:
        """Read the stream, for ever."""
        number: int | None = None
        while True:
            try:
                epoch = await self._current_epoch()
                if number is None or epoch != self._local.epoch:
                    newest = await self._redis.xrevrange(_STREAM, count=1)
                    number = _number(newest[0][0]) if newest else 0
                    self._local.epoch, self._local.last = epoch, number
                answer: Any = await self._redis.xread({_STREAM: f"0-{number}"}, count=500, block=5000)
                for entry in answer[0][1] if answer else ():
                    event = _event(entry)
                    number = event.number
                    self._local.deliver(event)
            except (RedisError, OSError) as error:
                _log.warning("redis", reason=str(error))
                await asyncio.sleep(_WAIT)

    async def ping(self) -> None:
        """Raise Unavailable where Redis does not answer."""
        try:
            await self._redis.ping()
        except (RedisError, OSError) as error:
            raise Unavailable(f"Redis does not answer: {error}.") from None

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _current_epoch(self) -> str:
        """A word that is in Redis for as long as the stream is."""
        await self._redis.set(_EPOCH, secrets.token_hex(8), nx=True)
        found: Any = await self._redis.get(_EPOCH)
        return str((found or b"").decode())


def _number(key: Any) -> int:
    return int(key.decode().partition("-")[2])


def _event(entry: Any) -> Event:
    topic, owner, data = json.loads(entry[1][b"m"])
    return Event(_number(entry[0]), topic, owner, data)
