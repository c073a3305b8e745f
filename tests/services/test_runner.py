"""Runners with real child processes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from wickwork.context import Context
from wickwork.graph.document import to_text
from wickwork.services import jobs as service
from wickwork.services import runner as runner_module
from wickwork.services.access import Caller, scopes_of
from wickwork.services.child import Child, Place
from wickwork.services.core import Services
from wickwork.services.kinds import registry
from wickwork.services.kinds.kind import Kind
from wickwork.services.pool import Pool
from wickwork.services.report import Pace, Report
from wickwork.services.runner import Runner
from wickwork.services.runner_name import has_ended, runner_name
from wickwork.store.database import job_queue, jobs, users
from wickwork.store.database.engine import Database
from wickwork.store.database.tables import Job
from wickwork.strategies.load import load_strategy
from wickwork.templates import template

pytestmark = pytest.mark.anyio
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WORK = ("step", "die", "noisy", "until_stopped", "count_in_file", "die_the_first_times", "refuse", "strange")


async def record(session: Any, at: int, job: Job, outcome: Any) -> Mapping[str, Any]:
    return {"outcome": outcome}


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds of jobs that go wrong."""
    found = {name: Kind(name, f"tests.services.odd_work:{name}", record) for name in WORK}
    monkeypatch.setattr(registry, "all_kinds", lambda: found)


@pytest.fixture
async def services(database: Database, tmp_path: Path) -> Services:
    place = Place(tmp_path, database.folder)
    return Services(database, Context(place.home), Pool(place, 0))


@pytest.fixture
async def caller(services: Services) -> Caller:
    async with services.database.writing() as session:
        user = await users.add(session, 1, "ann", "trader")
    return Caller(user.id, "ann", "trader", scopes_of("trader"), "local")


@asynccontextmanager
async def running(
    services: Services, size: int = 1, make_child: Callable[[Place], Child] = Child
) -> AsyncIterator[Runner]:
    runner = Runner(services, services.pool.place, size, make_child)
    doing = asyncio.create_task(runner.run())
    try:
        yield runner
    finally:
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)


async def until(services: Services, caller: Caller, job: Job, fits: Callable[[Job], bool]) -> Job:
    async with asyncio.timeout(30):
        while not fits(job):
            await asyncio.sleep(0.02)
            job = await service.get(services, caller, job.id)
    return job


def has_finished(job: Job) -> bool:
    return job.state not in jobs.ACTIVE


@ONE_DATABASE
async def test_progress_has_the_time_left_and_the_log_has_times(services: Services, caller: Caller) -> None:
    async with running(services):
        job = await service.start(services, caller, "step", {})
        job = await until(services, caller, job, lambda one: one.seconds_left is not None)
    assert job.seconds_left is not None
    assert job.seconds_left > 10_000  # a million steps of 20 ms
    assert job.stage == "stepping"
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z begins\n", job.log)
    given_back = await service.get(services, caller, job.id)
    assert (given_back.state, given_back.seconds_left, given_back.attempts) == ("queued", None, 0)


@ONE_DATABASE
async def test_a_job_whose_process_keeps_ending_fails_with_a_sentence(services: Services, caller: Caller) -> None:
    async with running(services):
        job = await service.start(services, caller, "die", {})
        job = await until(services, caller, job, has_finished)
        assert (job.state, job.attempts) == ("failed", 3)
        assert "Its process ended 3 times" in (job.error or "")
        trace = str(services.home / "trace")
        job = await service.start(services, caller, "die_the_first_times", {"trace": trace, "times": 2})
        job = await until(services, caller, job, has_finished)
        assert (job.state, job.result) == ("done", {"outcome": "done"})
        job = await service.start(services, caller, "refuse", {})
        assert (await until(services, caller, job, has_finished)).error == "The number is odd."


@ONE_DATABASE
async def test_a_long_sweep_that_is_canceled_ends_within_a_second(
    services: Services, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the real kinds
    graph = json.loads(to_text(load_strategy(template("ema_cross").path).graph))
    over = {"fast.period": list(range(2, 202)), "slow.period": list(range(203, 403))}
    made: list[Child] = []

    def make_child(place: Place) -> Child:
        made.append(Child(place))
        return made[-1]

    async with running(services, make_child=make_child):
        job = await service.start(services, caller, "sweep", {"graph": graph, "timeframe": "1m", "over": over})
        await until(services, caller, job, lambda one: one.stage == "loading" or one.progress > 0)
        process = made[0].process_id
        before = services.now()
        await service.cancel(services, caller, job.id)
        job = await until(services, caller, job, has_finished)
        assert job.state == "canceled"
        assert made[0].process_id is None != process
        if os.environ.get("WICKWORK_TIMED"):
            assert (job.finished_at or 0) - before < 1000
        assert job.log.endswith("canceled\n")


@ONE_DATABASE
async def test_a_job_that_is_stopped_ends_with_its_result(services: Services, caller: Caller) -> None:
    async with running(services):
        job = await service.start(services, caller, "until_stopped", {})
        job = await until(services, caller, job, lambda one: one.result is not None)
        assert job.result == {"steps": 1}
        async with services.database.writing() as session:
            await jobs.request_stop(session, services.now(), caller.user_id, job.id, "until_stopped")
        job = await until(services, caller, job, has_finished)
    assert (job.state, job.result) == ("done", {"outcome": "stopped"})


async def test_texts_that_no_database_takes_do_not_keep_a_job_from_ending(services: Services, caller: Caller) -> None:
    async with running(services):
        job = await service.start(services, caller, "strange", {})
        job = await until(services, caller, job, has_finished)
    assert job.state == "failed"
    assert job.error == "This ? is strange."
    assert job.stage == "at ?"
    assert "a ? b" in job.log


async def test_two_runners_do_each_job_once(services: Services, caller: Caller) -> None:
    made = [await service.start(services, caller, "count_in_file", {"number": number}) for number in range(12)]
    async with running(services), running(services):
        for job in made:
            await until(services, caller, job, has_finished)
    done = (services.home / "done").read_text().split()
    assert sorted(map(int, done)) == list(range(12))


async def test_jobs_of_a_killed_runner_of_this_machine_are_taken_at_once(services: Services, caller: Caller) -> None:
    script = "from wickwork.services.runner_name import runner_name; print(runner_name())"
    name = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603
    job = await service.start(services, caller, "count_in_file", {"number": 1})
    async with services.database.writing() as session:
        assert await job_queue.take(session, services.now(), name, 3_600_000, ("count_in_file",))
    async with running(services):
        job = await until(services, caller, job, has_finished)
    assert (job.state, job.attempts) == ("done", 1)


def test_only_an_ended_process_of_this_machine_counts_as_ended() -> None:
    name = runner_name()
    host, place, process, start, rest = name.split(":")
    assert not has_ended(name)
    assert has_ended(f"{host}:{place}:{process}:1:{rest}")
    for other in (f"{host}:elsewhere:{process}:1:{rest}", f"{host}::{process}:1:{rest}", "one", "", f"{name}:x"):
        assert not has_ended(other)
    assert not has_ended(f"{host}:{place}:../1:{start}:{rest}")


@ONE_DATABASE
async def test_a_fault_while_looking_for_jobs_does_not_end_the_runner(
    services: Services, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = iter([RuntimeError("once")])
    take: Callable[..., Awaitable[Any]] = job_queue.take

    async def failing(*arguments: Any) -> Any:
        for error in faults:
            raise error
        return await take(*arguments)

    monkeypatch.setattr(runner_module.job_queue, "take", failing)
    async with running(services):
        job = await service.start(services, caller, "count_in_file", {"number": 1})
        assert (await until(services, caller, job, has_finished)).state == "done"


def test_a_huge_log_is_cut_before_it_is_recorded() -> None:
    report = Report(lambda: 0)
    for number in range(100):
        report.add(f"{number} " + "x" * 10_000)
    with pytest.raises(RuntimeError), report.recording():
        raise RuntimeError
    with report.recording() as values:
        log = values["log"]
    assert len(log) < 80_000
    assert log.startswith("1970-01-01T00:00:00.000Z 9")
    with report.recording() as values:
        assert values["log"] == ""


def test_the_time_left_follows_the_measured_pace() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.seconds_left() is None
    pace.add(0.1)
    assert pace.seconds_left() is None
    now = 2.0
    pace.add(0.2)
    assert pace.seconds_left() == pytest.approx(16.0)
    now = 3.0
    assert pace.seconds_left() == pytest.approx(15.0)
    now = 100.0
    assert pace.seconds_left() == 0.0
    still = Pace(lambda: now)
    still.add(0.5)
    now = 200.0
    still.add(0.5)
    assert still.seconds_left() is None
