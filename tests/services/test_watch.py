"""What is published when jobs and bars change. The clock is one that tests set."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import ThreadPool
from wickwork.context import Context
from wickwork.model.errors import Unavailable
from wickwork.services import watch
from wickwork.services.child import Place
from wickwork.services.core import Services
from wickwork.services.events import Event, LocalEvents
from wickwork.services.watch import Watch
from wickwork.store.database import job_queue, jobs, users
from wickwork.store.database.engine import Database

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
LEASE = 15_000


class World:
    """A database with jobs, whose clock stands, and what two server processes publish."""

    def __init__(self, services: Services, owner: str) -> None:
        self.services, self.owner, self.at = services, owner, 1_000_000
        self.seen: list[Event] = []
        services.events.follow(lambda event: self.seen.append(event) if event else None)

    async def add(self, name: str, at: int) -> str:
        async with self.services.database.writing() as session:
            return (await jobs.add(session, at, self.owner, "backtest", {"n": name}, name)).id

    async def take(self, at: int) -> None:
        async with self.services.database.writing() as session:
            await job_queue.take(session, at, "runner", LEASE, ["backtest"])

    async def renew(self, job: str, at: int, progress: float, log: str = "") -> None:
        async with self.services.database.writing() as session:
            await job_queue.renew(session, at, "runner", job, LEASE, progress=progress, stage="works", log=log)

    async def finish(self, job: str, at: int) -> None:
        async with self.services.database.writing() as session:
            assert await job_queue.finish(session, at, "runner", job, jobs.DONE, {"run": "1"})

    def states(self, topic: str = "jobs") -> list[tuple[str, float]]:
        return [(event.data["state"], event.data["progress"]) for event in self.seen if event.topic == topic]


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    place = Place(tmp_path / "home", database.folder)
    services = Services(database, Context(place.home), ThreadPool(place))
    async with database.writing() as session:
        owner = (await users.add(session, 1, "one", "trader")).id
    found = World(services, owner)
    found.services = replace(services, now=lambda: found.at)
    return found


@pytest.fixture
async def look(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Two server processes watch; `await look()` waits until each has looked twice."""
    looks = [0, 0]
    monkeypatch.setattr(watch, "_LOOK", 0.005)
    monkeypatch.setattr(watch, "_LOOK_AT_BARS", 0.005)
    monkeypatch.setattr(watch, "_SHARE", 1000.0)
    both = [Watch(world.services) for _ in looks]
    for place, one in enumerate(both):

        def counted(since: int, place: int = place, do: Any = one._look) -> Any:
            looks[place] += 1
            return do(since)

        monkeypatch.setattr(one, "_look", counted)
    tasks = [asyncio.create_task(one.run()) for one in both]

    async def wait() -> None:
        goal = [number + 2 for number in looks]
        async with asyncio.timeout(20):
            while any(number < least for number, least in zip(looks, goal, strict=True)):
                await asyncio.sleep(0.005)

    await wait()
    yield wait
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_changes_in_the_same_ms_are_all_published_once(world: World, look: Any) -> None:
    first, second = await world.add("a", world.at), await world.add("b", world.at)
    await look()
    await world.take(world.at)
    await world.take(world.at)
    await look()
    await world.renew(first, world.at, 0.5)
    await look()
    await world.finish(first, world.at)
    await world.finish(second, world.at)
    await look()
    queued, running = ("queued", 0.0), ("running", 0.0)
    assert world.states() == [queued, queued, running, running, ("running", 0.5), ("done", 1.0), ("done", 1.0)]
    assert world.states(f"job:{second}") == [queued, running, ("done", 1.0)]


async def test_changes_by_a_process_with_another_clock_are_published(world: World, look: Any) -> None:
    for skew in (-10_000_000, -59_000, 10_000_000):
        world.seen.clear()
        job = await world.add(f"of {skew}", world.at)
        world.at += 120_000
        await look()
        await world.take(world.at + skew)
        await look()
        await world.renew(job, world.at + skew, 0.25)
        world.at += 120_000
        await look()
        await world.finish(job, world.at + skew)
        await look()
        assert world.states() == [("queued", 0.0), ("running", 0.0), ("running", 0.25), ("done", 1.0)]


async def test_what_a_failed_look_did_not_publish_is_published_later(
    world: World, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, fails = LocalEvents.publish, True

    async def publish(self: LocalEvents, topic: str, *rest: Any) -> bool:
        if fails and topic != "jobs":
            raise Unavailable("nothing answers") if len(world.seen) % 2 else OSError("fault")
        return not fails and await send(self, topic, *rest)

    monkeypatch.setattr(LocalEvents, "publish", publish)
    monkeypatch.setattr(watch, "_AFTER_FAULT", 0.005)
    await world.add("a", world.at)
    await look()
    world.at += 500_000
    await look()
    fails = False
    await look()
    assert world.states() == [("queued", 0.0)]


async def test_of_a_log_only_what_is_new_is_sent(world: World, look: Any) -> None:
    job = await world.add("a", world.at)
    await world.take(world.at)
    await look()
    world.seen.clear()
    for text in ("one\n", "", "two\n", "x" * 70_000, "end\n"):
        world.at += 1
        await world.renew(job, world.at, len(text) / 100_000, text)
        await look()
    logs = [event.data["log"] for event in world.seen if event.topic == f"job:{job}"]
    assert logs[:3] == [{"from": 0, "to": 4, "text": "one\n"}, None, {"from": 4, "to": 8, "text": "two\n"}]
    assert (logs[3]["from"], logs[3]["to"], len(logs[3]["text"])) == (6_008, 70_008, 64_000)
    assert logs[4] == {"from": 70_008, "to": 70_012, "text": "end\n"}
    assert all("log" not in event.data for event in world.seen if event.topic == "jobs")


async def test_many_changes_between_two_looks_are_all_published(world: World, look: Any) -> None:
    async with world.services.database.writing() as session:
        for number in range(550):
            await jobs.add(session, world.at, world.owner, "backtest", {"n": number}, str(number))
    await look()
    assert len(world.states()) == 550


async def test_bars_that_changed_are_published_whatever_the_time_of_their_file_is(world: World, look: Any) -> None:
    manifest = world.services.home / "bars" / "binance" / "BTC_USDT" / "1h" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    for text in ("{}", "{ }"):
        newer = manifest.with_suffix(".tmp")
        newer.write_text(text)
        os.utime(newer, (1, 1))
        newer.replace(manifest)
        async with asyncio.timeout(20):
            while sum(event.topic == "bars" for event in world.seen) < len(text) - 1:
                await asyncio.sleep(0.01)
    await look()
    assert [event.data["pair"] for event in world.seen] == ["BTC_USDT"] * 2
