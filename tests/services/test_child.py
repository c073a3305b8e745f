"""Child processes that die, talk too much, or do not end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from wickwork.model.errors import InputError, Unavailable, WickworkError
from wickwork.services.child import Child, ChildEnded, Place
from wickwork.services.pool import Pool

pytestmark = pytest.mark.anyio
WORK = "tests.services.odd_work"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "home", tmp_path / "files")


@pytest.fixture
async def child(place: Place) -> AsyncIterator[Child]:
    found = Child(place)
    yield found
    found.kill()


def runs(process: int) -> bool:
    """Whether a process runs: it exists and is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


async def ended(*processes: int) -> None:
    """Return when none of the processes exists any more, not even as a zombie of this one."""
    async with asyncio.timeout(20):
        while any(map(runs, processes)):
            await asyncio.sleep(0.01)


async def test_whatever_work_raises_or_returns_the_process_serves_the_next_call(child: Child) -> None:
    with pytest.raises(InputError, match="odd"):
        await child.call(f"{WORK}:refuse", {})
    first = child.process_id
    with pytest.raises(WickworkError, match="The door is locked"):
        await child.call(f"{WORK}:unsendable_error", {})
    lines: list[str] = []
    with pytest.raises(RuntimeError, match="pickle"):
        await child.call(f"{WORK}:unsendable_result", {}, log=lines.append)
    assert "Traceback" in lines[0]
    with pytest.raises(RuntimeError, match="SystemExit: 3"):
        await child.call(f"{WORK}:leave", {})
    assert await child.call(f"{WORK}:echo", {"a": 1}) == {"a": 1}
    assert child.process_id == first


async def test_a_process_that_ends_is_named_and_replaced(child: Child) -> None:
    for work in ("die", "die_inside_a_message"):
        with pytest.raises(ChildEnded):
            await child.call(f"{WORK}:{work}", {})
    assert await child.call(f"{WORK}:echo", {"a": 1}) == {"a": 1}


async def test_large_requests_results_and_logs_arrive(child: Child) -> None:
    text = "x" * 3_000_000
    assert await child.call(f"{WORK}:echo", {"text": text}) == {"text": text}
    assert len(await child.call(f"{WORK}:result_of", {"size": 20_000_000})) == 20_000_000
    with pytest.raises(InputError, match="more than the 512 MB allowed"):
        await child.call(f"{WORK}:result_of", {"size": 600_000_000})


async def test_many_messages_do_not_keep_others_from_being_served(child: Child) -> None:
    turns, turn_of_line = 0, []

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(count_turns())
    assert await child.call(f"{WORK}:noisy", {"lines": 3000}, log=lambda text: turn_of_line.append(turns)) == "done"
    counting.cancel()
    assert len(turn_of_line) == 3000
    assert len(set(turn_of_line)) == 3000


async def test_questions_are_answered_in_turn(child: Child) -> None:
    async def answer(question: int) -> int:
        return question * 2

    assert await child.call(f"{WORK}:asking", {}, answer=answer) == [0, 2, 4]


async def test_a_canceled_call_ends_the_process_and_what_it_started(child: Child) -> None:
    found: list[Any] = []
    call = asyncio.ensure_future(child.call(f"{WORK}:sleep", {}, publish=found.append))
    while not found:
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await ended(*found[0]["processes"])
    assert await child.call(f"{WORK}:echo", {}) == {}


async def test_a_call_canceled_while_its_process_starts_leaves_none(child: Child) -> None:
    call = asyncio.ensure_future(child.call(f"{WORK}:echo", {}))
    await asyncio.sleep(0)
    started = child.process_id
    assert started is not None
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await ended(started)


async def test_a_process_that_reads_nothing_keeps_nobody_from_being_served(child: Child) -> None:
    await child.call(f"{WORK}:echo", {})
    assert child.process_id is not None
    os.kill(child.process_id, signal.SIGSTOP)
    call = asyncio.ensure_future(child.call(f"{WORK}:echo", {"text": "x" * 5_000_000}))
    await asyncio.sleep(0.05)
    assert not call.done()
    stopped = child.process_id
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await ended(stopped)


async def test_a_callback_that_raises_does_not_leave_messages_for_the_next_call(child: Child) -> None:
    def raising(text: str) -> None:
        raise KeyError(text)

    with pytest.raises(KeyError):
        await child.call(f"{WORK}:noisy", {"lines": 10}, log=raising)
    assert await child.call(f"{WORK}:echo", {"a": 1}) == {"a": 1}


async def test_signals_of_the_group_do_not_end_the_process(child: Child) -> None:
    first = await child.call(f"{WORK}:process", {})
    os.kill(first, signal.SIGTERM)
    os.kill(first, signal.SIGINT)
    assert await child.call(f"{WORK}:process", {}) == first


async def test_a_process_is_replaced_after_many_calls_and_when_it_has_grown(place: Place) -> None:
    few, small = Child(place, most_calls=2), Child(place, most_memory=300 << 20)
    try:
        ids = [await few.call(f"{WORK}:process", {}) for _ in range(4)]
        assert ids[0] == ids[1] != ids[2] == ids[3]
        before = await small.call(f"{WORK}:process", {})
        assert await small.call(f"{WORK}:hoard", {"megabytes": 400}) == before
        assert await small.call(f"{WORK}:process", {}) != before
        await ended(ids[0], before)
    finally:
        few.kill()
        small.kill()


async def test_work_is_told_to_end_and_its_result_arrives(child: Child) -> None:
    found: list[Any] = []
    call = asyncio.ensure_future(child.call(f"{WORK}:until_stopped", {}, publish=found.append))
    while not found:
        await asyncio.sleep(0.01)
    await child.stop()
    assert await call == "stopped"
    await child.stop()
    assert await child.call(f"{WORK}:echo", {}) == {}


async def test_secrets_of_the_server_do_not_reach_processes(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WICKWORK_SERVER__DATABASE", "postgresql://canary@host/name")
    await child.call(f"{WORK}:echo", {})
    assert b"canary" not in Path(f"/proc/{child.process_id}/environ").read_bytes()


async def test_a_pool_says_that_its_process_ended_or_took_too_long(place: Place) -> None:
    pool, impatient = Pool(place, 1), Pool(place, 1, patience=0.5)
    try:
        pool.start()
        with pytest.raises(Unavailable, match="memory"):
            await pool.call(f"{WORK}:die", {})
        assert await pool.call(f"{WORK}:echo", {}) == {}
        with pytest.raises(Unavailable, match="more than"):
            await impatient.call(f"{WORK}:sleep", {})
    finally:
        pool.close()
        impatient.close()


async def test_a_pool_that_is_closed_ends_what_is_being_done(place: Place) -> None:
    pool = Pool(place, 1)
    call = asyncio.ensure_future(pool.call(f"{WORK}:sleep", {}))
    await asyncio.sleep(0.05)
    pool.close()
    with pytest.raises(Unavailable):
        await call


async def test_a_process_ends_with_its_parent(place: Place) -> None:
    script = """
import asyncio, sys
from pathlib import Path
from wickwork.services.child import Child, Place
async def main():
    child = Child(Place(Path(), Path()))
    await child.call("tests.services.odd_work:sleep", {}, publish=lambda data: print(child.process_id, flush=True))
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:  # noqa: S603
        assert parent.stdout is not None
        child = int(await asyncio.to_thread(parent.stdout.readline))
        assert runs(child)
        parent.kill()
    await ended(child)
