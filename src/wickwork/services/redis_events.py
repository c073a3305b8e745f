"""One stream of messages for several server processes, in Redis.

Each process appends to the stream and reads what all append. While Redis does not answer, messages are not sent:
`publish` returns False, and the publisher tries again.

Redis may lose its newest messages when it restarts, and then gives their numbers to others. So numbers hold for one
run of Redis: after it restarts, or lost the stream, there is a new epoch, and followers read the state anew.

No timeout of the client library is used but the one for connecting: it waits with `asyncio.wait_for`, which in Python
3.11 loses a cancellation that comes when the wait is over, so that a canceled reader would go on for ever.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from wickwork.model.errors import InputError, Unavailable
from wickwork.services.events import KEPT, Event, Follower, LocalEvents, encoded

_STREAM, _EPOCH, _WATCHED, _VERSION = "wickwork:events", "wickwork:epoch", "wickwork:watched", "wickwork:version:"
_VERSION_SECONDS = 3600
_WAIT = 1.0
"""Seconds between two attempts to reach Redis."""
_PATIENCE = 5.0
"""Seconds for an answer of Redis."""
_BLOCK = 2.0
"""Seconds for which Redis waits for a message; then the epoch is looked at again."""
_BATCH = 500
_FAULTS = (RedisError, OSError, TimeoutError)
_log = structlog.get_logger("wickwork.events")

# One script, so that a version is never recorded without its message. "0-*": Redis gives the next number.
_PUBLISH = """
if ARGV[2] ~= '' then
  local newest = redis.call('GET', KEYS[3])
  if newest and tonumber(newest) >= tonumber(ARGV[2]) then return 0 end
  redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3])
end
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SET', KEYS[2], ARGV[4]) end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], '0-*', 'm', ARGV[1])
return 1
"""
# The epoch belongs to the stream: where one of both is missing, there is a new epoch.
_OPEN = """
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('SET', KEYS[2], ARGV[1])
  redis.call('XGROUP', 'CREATE', KEYS[1], 'made', '$', 'MKSTREAM')
  redis.call('XGROUP', 'DESTROY', KEYS[1], 'made')
end
return {redis.call('GET', KEYS[2]), redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)}
"""


class RedisEvents:
    """The messages of all processes that use the same Redis. Its errors are logged, not raised."""

    kind = "redis"

    def __init__(self, url: str) -> None:
        """Nothing is connected yet. Raises InputError for what is no URL of Redis."""
        try:
            self._redis: Redis = Redis.from_url(
                url, socket_timeout=None, socket_connect_timeout=3, retry=Retry(NoBackoff(), 0)
            )
        except ValueError:
            raise InputError(
                "`server.redis` is no URL of Redis; write redis://HOST:PORT/0, with rediss:// for TLS."
            ) from None
        self._local = LocalEvents()

    @property
    def epoch(self) -> str:
        """Changes when Redis restarted or lost its stream."""
        return self._local.epoch

    @property
    def last(self) -> int:
        """The number of the newest message that this process has read."""
        return self._local.last

    async def publish(
        self, topic: str, owner: str | None, data: Mapping[str, Any], subject: str = "", version: int = 0
    ) -> bool:
        """Append a message to the stream; False where Redis does not take it now.

        One with a `subject` is appended only if its `version` is higher than those before, from whatever process.
        """
        text = encoded([topic, owner, data, subject])
        keys = (_STREAM, _EPOCH, _VERSION + subject)
        arguments = (text, version if subject else "", _VERSION_SECONDS, secrets.token_hex(4), KEPT)
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._redis.eval(_PUBLISH, len(keys), *keys, *arguments)
        except _FAULTS as error:
            _log.warning("redis", reason=_reason(error))
            return False
        return True

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Call `follower` with every message from now on; returns what ends that."""
        return self._local.follow(follower)

    async def since(self, number: int) -> Sequence[Event] | None:
        """The messages after that number, None where some of them are no longer kept."""
        kept, last = self._local.kept_since(number), self._local.last
        if kept is not None or number > last:
            return kept
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await self._redis.xrange(_STREAM, min=f"(0-{number}", max=f"0-{last}")
        except _FAULTS:
            return None
        events = [event for entry in found or () if (event := _event(entry)) is not None]
        return events if len(events) == last - number else None

    async def watched_until(self) -> int | None:
        """The time given to `set_watched_until` last, by whatever process; None where none was."""
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await self._redis.get(_WATCHED)
        except _FAULTS:
            return None
        return int(found) if found and found.isdigit() else None

    async def set_watched_until(self, at: int) -> None:
        """Record that all changes before this time (ms) have been published."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._redis.set(_WATCHED, at)
        except _FAULTS as error:
            _log.warning("redis", reason=_reason(error))

    async def run(self) -> None:
        """Read the stream until this is canceled."""
        opened = False
        while True:
            try:
                await self._open(again=opened)
                opened = True
                await self._read()
            except _FAULTS as error:
                _log.warning("redis", reason=_reason(error))
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

    async def _open(self, *, again: bool) -> None:
        """Where the epoch changed, go on with the newest message of the new one."""
        async with asyncio.timeout(_PATIENCE):
            answer: Any = await self._redis.eval(_OPEN, 2, _STREAM, _EPOCH, secrets.token_hex(4))
            server: Any = await self._redis.info("server")
        word, newest = answer
        epoch = f"{word.decode()}{server['run_id'][:8]}"
        if not again or epoch != self._local.epoch:
            self._local.restart(epoch, _number(newest[0][0]) if newest else 0)

    async def _read(self) -> None:
        """Deliver the next messages, if any come within the time for which Redis waits."""
        async with asyncio.timeout(_BLOCK + _PATIENCE):
            stream = {_STREAM: f"0-{self._local.last}"}
            answer: Any = await self._redis.xread(stream, count=_BATCH, block=int(_BLOCK * 1000))  # type: ignore[arg-type]
        for entry in answer[0][1] if answer else ():
            event = _event(entry)
            if event is not None:
                self._local.deliver(event)
            else:
                self._local.restart(self._local.epoch, _number(entry[0]))


def _number(key: bytes) -> int:
    return int(key.decode().partition("-")[2])


def _event(entry: Any) -> Event | None:
    """The message of an entry; None for an entry that another program made."""
    try:
        topic, owner, data, subject = msgspec.json.decode(entry[1][b"m"])
    except (KeyError, ValueError, TypeError, msgspec.DecodeError):
        return None
    return Event(_number(entry[0]), topic, owner, data, subject)


def _reason(error: BaseException) -> str:
    return str(error) or "no answer in time"
