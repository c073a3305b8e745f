from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.redis_server import RedisServer
from wickwork.model.errors import InputError
from wickwork.services.events import Event
from wickwork.services.redis_events import RedisEvents

pytestmark = pytest.mark.anyio
Pair = tuple[RedisEvents, RedisEvents]


@pytest.fixture
async def pair(redis: RedisServer) -> AsyncIterator[Pair]:
    """The messages of two server processes."""
    both = RedisEvents(redis.url), RedisEvents(redis.url)
    running = [asyncio.create_task(one.run()) for one in both]
    await until(lambda: both[0].epoch == both[1].epoch)
    yield both
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for one in both:
        await one.close()


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def publish(events: RedisEvents, number: int, *rest: Any) -> bool:
    return await events.publish("jobs", None, {"n": number}, *rest)


def numbers(seen: list[Event | None]) -> list[int | None]:
    return [event and event.data["n"] for event in seen]


async def test_followers_of_both_processes_see_the_same_stream(pair: Pair) -> None:
    seen: tuple[list[Event | None], list[Event | None]] = ([], [])
    for events, mine in zip(pair, seen, strict=True):
        events.follow(mine.append)
    for number in range(20):
        await publish(pair[number % 2], number)
    await until(lambda: all(len(mine) == 20 for mine in seen))
    assert seen[0] == seen[1]
    assert [event and event.number for event in seen[0]] == list(range(1, 21))


async def test_of_one_subject_no_version_is_sent_twice_or_after_a_newer_one(pair: Pair) -> None:
    seen: list[Event | None] = []
    pair[0].follow(seen.append)
    for process, version in ((0, 1), (1, 1), (1, 3), (0, 2), (0, 3), (0, 4)):
        assert await publish(pair[process], version, "a job", version)
    await publish(pair[0], 2, "another job", 2)
    await until(lambda: len(seen) == 4)
    assert numbers(seen) == [1, 3, 4, 2]


async def test_a_client_comes_back_to_the_other_process(pair: Pair, redis: RedisServer) -> None:
    for number in range(5):
        await publish(pair[0], number)
    await until(lambda: pair[1].last == 5)
    later = RedisEvents(redis.url)
    reading = asyncio.create_task(later.run())
    await until(lambda: later.last == 5)
    for events in (pair[1], later):
        missed = await events.since(2)
        assert missed is not None
        assert [event.number for event in missed] == [3, 4, 5]
        assert await events.since(6) is None
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await later.close()


async def test_after_redis_was_killed_followers_begin_a_new_epoch_and_the_stream_goes_on(
    pair: Pair, redis: RedisServer
) -> None:
    seen: list[Event | None] = []
    pair[1].follow(seen.append)
    await publish(pair[0], 1)
    await until(lambda: len(seen) == 1)
    epoch = pair[1].epoch
    redis.kill()
    assert not await publish(pair[0], 2)
    redis.start()
    await until(lambda: pair[1].epoch != epoch and pair[0].epoch == pair[1].epoch)
    assert await publish(pair[0], 3)
    await until(lambda: len(seen) == 3)
    assert numbers(seen) == [1, None, 3]


async def test_a_stream_that_was_deleted_begins_a_new_epoch(pair: Pair) -> None:
    seen: list[Event | None] = []
    for number in range(3):
        await publish(pair[0], number)
    await until(lambda: pair[1].last == 3)
    pair[1].follow(seen.append)
    epoch = pair[1].epoch
    await pair[0]._redis.flushall()
    await publish(pair[0], 3)
    await until(lambda: pair[1].epoch != epoch)
    await publish(pair[0], 4)
    await until(lambda: len(seen) >= 2)
    assert seen[0] is None
    assert numbers(seen)[-1] == 4


async def test_entries_of_other_programs_do_not_end_the_stream(pair: Pair) -> None:
    seen: list[Event | None] = []
    pair[0].follow(seen.append)
    for entry in ({"x": "y"}, {"m": "{"}, {"m": "[1]"}, {"m": "null"}):
        await pair[0]._redis.xadd("wickwork:events", entry, id="0-*")  # type: ignore[arg-type]
    await publish(pair[1], 5)
    await until(lambda: len(seen) == 5)
    assert numbers(seen) == [None, None, None, None, 5]


async def test_a_reader_ends_at_whichever_moment_it_is_canceled(redis: RedisServer) -> None:
    for moment in range(60):
        events = RedisEvents(redis.url)
        reading = asyncio.create_task(events.run())
        for _ in range(moment):
            await asyncio.sleep(0)
        reading.cancel()
        _, going_on = await asyncio.wait([reading], timeout=5)
        assert not going_on, moment
        await events.close()


def test_an_url_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="redis://"):
        RedisEvents("localhost:6379")
