from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.redis_server import RedisServer
from wickwork.services.events import Event
from wickwork.services.redis_events import RedisEvents

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pair(redis: RedisServer) -> AsyncIterator[tuple[RedisEvents, RedisEvents]]:
    """The messages of two server processes."""
    both = RedisEvents(redis.url), RedisEvents(redis.url)
    running = [asyncio.create_task(one.run()) for one in both]
    while not all(one.epoch for one in both) or both[0].epoch != both[1].epoch:
        await asyncio.sleep(0.01)
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


async def test_followers_of_both_processes_see_the_same_stream(pair: tuple[RedisEvents, RedisEvents]) -> None:
    seen: tuple[list[Event], list[Event]] = ([], [])
    for events, mine in zip(pair, seen, strict=True):
        events.follow(mine.append)
    for number in range(20):
        await pair[number % 2].publish("jobs", None, {"n": number})
    await until(lambda: all(len(mine) == 20 for mine in seen))
    assert seen[0] == seen[1]
    assert [event.number for event in seen[0]] == list(range(1, 21))


async def test_a_message_that_both_publish_once_is_sent_once(pair: tuple[RedisEvents, RedisEvents]) -> None:
    seen: list[Event] = []
    pair[0].follow(seen.append)
    for events in pair:
        await events.publish("jobs", None, {"n": 1}, "the job's change")
    await pair[1].publish("jobs", None, {"n": 2})
    await until(lambda: len(seen) == 2)
    assert [event.data["n"] for event in seen] == [1, 2]


async def test_a_client_comes_back_to_the_other_process(pair: tuple[RedisEvents, RedisEvents]) -> None:
    for number in range(5):
        await pair[0].publish("jobs", None, {"n": number})
    await until(lambda: pair[1].last == 5)
    missed = await pair[1].since(2)
    assert missed is not None
    assert [event.number for event in missed] == [3, 4, 5]
    assert await pair[1].since(6) is None


async def test_the_stream_goes_on_after_redis_was_killed(
    pair: tuple[RedisEvents, RedisEvents], redis: RedisServer
) -> None:
    seen: list[Event] = []
    pair[1].follow(seen.append)
    await pair[0].publish("jobs", None, {"n": 1})
    await until(lambda: len(seen) == 1)
    epoch = pair[1].epoch
    redis.kill()
    await pair[0].publish("jobs", None, {"n": 2})
    redis.start()
    await pair[0].publish("jobs", None, {"n": 3})
    await until(lambda: len(seen) == 2)
    assert [(event.number, event.data["n"]) for event in seen] == [(1, 1), (2, 3)]
    assert pair[1].epoch == epoch
