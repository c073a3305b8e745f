from __future__ import annotations

import asyncio

import pytest

from wickwork.model.errors import Conflict
from wickwork.store.database import job_queue, jobs, users
from wickwork.store.database.engine import Database
from wickwork.store.database.tables import Job

pytestmark = pytest.mark.anyio
KINDS = ("backtest", "sweep")


async def users_of(database: Database, *names: str) -> list[str]:
    async with database.writing() as session:
        return [(await users.add(session, 1, name, "trader")).id for name in names]


async def add(database: Database, owner: str, number: int, kind: str = "backtest", priority: int = 0) -> Job:
    async with database.writing() as session:
        return await jobs.add(session, number, owner, kind, {"number": number}, str(number), priority)


async def take(database: Database, at: int, runner: str = "one", lease: int = 1000) -> Job | None:
    async with database.writing() as session:
        return await job_queue.take(session, at, runner, lease, KINDS)


async def test_a_thousand_jobs_of_one_owner_do_not_starve_another(database: Database) -> None:
    ann, bob = await users_of(database, "ann", "bob")
    async with database.writing() as session:
        for number in range(1000):
            await jobs.add(session, number, ann, "backtest", {"number": number}, str(number))
    for number in range(2000, 2003):
        await add(database, bob, number, "sweep", priority=-10)
    taken = [await take(database, at, lease=100_000) for at in range(5000, 5006)]
    assert [one.owner for one in taken if one].count(bob) == 3


async def test_with_one_worker_two_owners_take_turns(database: Database) -> None:
    ann, bob = await users_of(database, "ann", "bob")
    for number in range(6):
        await add(database, ann, number)
    for number in range(6, 9):
        await add(database, bob, number)
    owners = []
    for at in range(100, 106):
        job = await take(database, at)
        assert job is not None
        owners.append(job.owner)
        async with database.writing() as session:
            assert await job_queue.finish(session, at, "one", job.id, jobs.DONE, {})
    assert owners.count(ann) == owners.count(bob) == 3


async def test_of_one_owner_the_highest_priority_is_taken_first_and_then_the_oldest(database: Database) -> None:
    (ann,) = await users_of(database, "ann")
    await add(database, ann, 1, "sweep", priority=-10)
    await add(database, ann, 2)
    await add(database, ann, 3)
    taken = [await take(database, 10, f"runner {number}") for number in range(3)]
    assert [one.request["number"] for one in taken if one] == [2, 3, 1]


async def test_a_job_of_a_kind_that_this_process_does_not_have_is_left(database: Database) -> None:
    (ann,) = await users_of(database, "ann")
    await add(database, ann, 1, "training", priority=100)
    known = await add(database, ann, 2)
    first, second = await take(database, 10), await take(database, 11)
    assert first is not None
    assert (first.id, second) == (known.id, None)


async def test_runners_that_take_at_once_never_take_the_same_job(database: Database) -> None:
    owners = await users_of(database, "ann", "bob")
    for number in range(40):
        await add(database, owners[number % 2], number)
    taken: list[str] = []

    async def run(name: str) -> None:
        misses = 0
        while misses < 3:
            job = await take(database, 100, name, lease=100_000)
            if job is None:
                misses += 1
                continue
            taken.append(job.id)

    await asyncio.gather(*(run(f"runner {number}") for number in range(4)))
    assert len(taken) == len(set(taken)) == 40


async def test_an_abandoned_job_is_taken_by_another_runner_only_and_ended_only_by_it(database: Database) -> None:
    (ann,) = await users_of(database, "ann")
    job = await add(database, ann, 1)
    assert await take(database, 10, "one", lease=5)
    assert await take(database, 12, "two") is None
    assert await take(database, 20, "one") is None  # it was suspended, and goes on with it
    again = await take(database, 20, "two")
    assert again is not None
    assert again.attempts == 1
    async with database.writing() as session:
        assert await job_queue.flags(session, "one", job.id) is None
        assert not await job_queue.renew(session, 21, "one", job.id, 10)
        assert not await job_queue.finish(session, 21, "one", job.id, jobs.DONE, {"run": "old"})
        assert await job_queue.finish(session, 22, "two", job.id, jobs.DONE, {"run": "new"})
        assert (await jobs.get(session, ann, job.id)).result == {"run": "new"}


async def test_a_job_that_is_given_back_has_not_failed_an_attempt(database: Database) -> None:
    (ann,) = await users_of(database, "ann")
    job = await add(database, ann, 1)
    for ended, attempts in ((False, 0), (True, 1), (False, 1)):
        await take(database, 10)
        async with database.writing() as session:
            assert list(await job_queue.runners(session)) == ["one"]
            await job_queue.give_back(session, 11, "one", process_ended=ended)
        async with database.reading() as session:
            found = await jobs.get(session, ann, job.id)
        assert (found.state, found.attempts, found.runner) == ("queued", attempts, None)


async def test_the_same_request_twice_at_once_is_one_job(database: Database) -> None:
    (ann,) = await users_of(database, "ann")
    made = await asyncio.gather(*(add(database, ann, 1) for _ in range(5)))
    assert len({job.id for job in made}) == 1


async def test_a_full_queue_is_refused_with_a_sentence(database: Database) -> None:
    ann, bob = await users_of(database, "ann", "bob")
    for owner in (ann, bob):
        async with database.writing() as session:
            await jobs.add(session, 1, owner, "backtest", {}, "1", most_queued=2)
            await jobs.add(session, 2, owner, "backtest", {}, "2", most_queued=2)
            await jobs.add(session, 2, owner, "backtest", {}, "2", most_queued=2)
            with pytest.raises(Conflict, match="You have 2 jobs in the queue"):
                await jobs.add(session, 3, owner, "backtest", {}, "3", most_queued=2)
    for at in (10, 11):
        await take(database, at)
    async with database.writing() as session:
        assert (await jobs.add(session, 3, ann, "backtest", {}, "3", most_queued=2)).state == "queued"


async def test_old_jobs_that_ended_are_pruned(database: Database) -> None:
    (ann,) = await users_of(database, "ann")
    for number in range(4):
        await add(database, ann, number, "sweep" if number == 2 else "backtest")
    for at in (10, 20, 30):
        job = await take(database, at)
        assert job is not None
        async with database.writing() as session:
            await job_queue.finish(session, at, "one", job.id, jobs.DONE, {})
    async with database.writing() as session:
        assert await jobs.prune(session, 20, ("sweep",)) == 1
        assert await jobs.prune(session, 31, ("sweep",)) == 1
        left = await jobs.page(session, ann, None, 10)
    assert [(one.request["number"], one.state) for one in left] == [(3, "queued"), (2, "done")]


async def test_the_log_keeps_its_last_lines(database: Database) -> None:
    (ann,) = await users_of(database, "ann")
    job = await add(database, ann, 1)
    await take(database, 10)
    for number in range(20):
        async with database.writing() as session:
            await job_queue.renew(session, 11, "one", job.id, 10, log=f"{number} " + "x" * 9000 + "\n")
    async with database.reading() as session:
        log = (await jobs.get(session, ann, job.id)).log
    assert len(log) <= 64_000
    assert log.split(" ")[0] == "13"
    assert log.endswith("x\n")
