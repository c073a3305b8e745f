"""The store when things go wrong: killed processes, failing disks, two writers, readers beside a writer."""

import errno
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from append_until_killed import STATES, increments
from market_cases import changed, make_bars, pick

from wickwork.market.store import Appended, Store
from wickwork.model.bars import Bars
from wickwork.model.errors import NotFound, WickworkError
from wickwork.store import durable

BTC = ("BTC/USDT", "1d")
KILLS = 100


def merged(parts: list[Bars]) -> Bars:
    """The bars of all parts, sorted by time."""
    times = np.concatenate([part.opened_at for part in parts])
    order = np.argsort(times)
    columns = [
        np.concatenate([getattr(part, name) for part in parts])[order]
        for name in ("open", "high", "low", "close", "volume")
    ]
    return Bars.of(parts[0].instrument, parts[0].timeframe, times[order], *columns)


def state(store: Store) -> str:
    """The digest of what is stored."""
    try:
        return store.load(*BTC).digest()
    except NotFound:
        return "nothing"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_killed_at_any_moment_a_series_is_whole_and_keeps_what_was_confirmed(tmp_path: Path) -> None:
    parts = increments()
    known = {"nothing": 0} | {merged(parts[: number + 1]).digest(): number + 1 for number in range(STATES)}
    script = Path(__file__).with_name("append_until_killed.py")
    store, luck, reached = Store(tmp_path), random.Random(7), 0
    appends = in_the_midst = 0
    command = [sys.executable, str(script), str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        patience = 40.0
        for _ in range(KILLS):
            print(reached, luck.uniform(2, patience), file=server.stdin, flush=True)
            confirmed = int(server.stdout.readline())
            now = known[state(store)]  # a mixture of two states is not among them
            assert confirmed <= now <= confirmed + 1
            appends += now - reached
            patience = patience * 1.3 if now == reached else max(patience * 0.8, 20.0)  # a busy machine is slower
            in_the_midst += len(unnamed_files(store)) > 0
            reached = now
            if reached == STATES:
                store.remove(*BTC)
                reached = 0
        server.stdin.close()
    assert appends > KILLS / 4  # the children did work
    assert in_the_midst > KILLS / 10  # and died at it, with files half made


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, when: int) -> Iterator[list[str]]:
    """Let the call with that number fail, of all that write to the disk; a failing write leaves half behind."""
    calls: list[str] = []

    def breaking(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            calls.append(name)
            if len(calls) == when:
                if name == "write":
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for name in ("open", "write", "fsync", "replace", "mkdir"):
            patch.setattr(durable.os, name, breaking(name))
        yield calls


@pytest.mark.parametrize("old_rows", [0, 500])
def test_a_failure_at_any_step_leaves_the_old_or_the_new_state(
    old_rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = make_bars(800, "1d")
    old = bars.slice(0, old_rows)
    new = changed(bars, 3, 7.0) if old_rows else bars
    template = Store(tmp_path / "template")
    template.append(old)
    before, after = state(template), new.digest()
    outcomes = set()
    for when in range(1, 1000):
        store = Store(tmp_path / str(when))
        if old_rows:
            shutil.copytree(template.folder, store.folder)
        with failing(monkeypatch, when) as calls:
            try:
                store.append(new, accept_corrections=True)
                failed = False
            except WickworkError as error:
                failed = True
                assert "No space left on device" in str(error)  # noqa: PT017
        assert state(store) in ((before, after) if failed else (after,))
        outcomes.add(state(store))
        store.append(new, accept_corrections=True)
        assert state(store) == after
        assert unnamed_files(store) == []
        shutil.rmtree(store.folder)
        if len(calls) < when:
            break
    else:
        pytest.fail("the append never came to its end")
    assert when > 20
    assert outcomes == {before, after}


def unnamed_files(store: Store) -> list[str]:
    """Leftovers: files of the series that its manifest does not name."""
    manifests = list(store.folder.glob("*/*/*/manifest.json"))
    text = manifests[0].read_text() if manifests else ""
    names = [path.name for path in store.folder.glob("*/*/*/*") if path.name != "manifest.json"]
    return [name for name in names if f'"{name}"' not in text]


def test_data_reach_the_disk_before_the_manifest_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut may lose whatever was not synced, so the order of syncs and renames is itself a promise."""
    store, log, names = Store(tmp_path), [], {}
    store.append(make_bars(10, "1d"))
    real_open, real_sync, real_replace = os.open, os.fsync, os.replace

    def opened(path: Any, *rest: Any) -> int:
        handle = real_open(path, *rest)
        names[handle] = Path(path).name
        return handle

    def synced(handle: int) -> None:
        real_sync(handle)
        log.append(f"sync {names[handle].split('.')[0]}{Path(names[handle]).suffix}")

    def replaced(source: Any, target: Any) -> None:
        real_replace(source, target)
        log.append(f"rename {Path(target).name}")

    with monkeypatch.context() as patch:
        patch.setattr(durable.os, "open", opened)
        patch.setattr(durable.os, "fsync", synced)
        patch.setattr(durable.os, "replace", replaced)
        store.append(make_bars(800, "1d"))
    assert log == [
        "sync 2021.parquet",
        "sync 2022.parquet",
        "sync 2023.parquet",
        "sync 1d",
        "sync manifest.new",
        "rename manifest.json",
        "sync 1d",
    ]


def test_leftovers_of_a_killed_writer_are_ignored_and_cleaned(tmp_path: Path) -> None:
    store, bars = Store(tmp_path), make_bars(20, "1d")
    store.append(bars.slice(0, 10))
    [manifest] = tmp_path.glob("*/*/*/manifest.json")
    for name in ("2021.0123456789abcdef.parquet", "manifest.json.new", "corrections.77.jsonl"):
        (manifest.parent / name).write_bytes(b"half of a fi")
    assert state(store) == bars.slice(0, 10).digest()
    store.append(bars)
    assert unnamed_files(store) == []


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    bars = make_bars(60, "1d")

    def write(part: int) -> int:
        return sum(Store(tmp_path).append(pick(bars, [row])).added for row in range(part, 60, 3))

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(write, range(3))) == 60
    assert state(Store(tmp_path)) == bars.digest()


def test_a_reader_beside_a_writer_sees_whole_states(tmp_path: Path) -> None:
    parts = increments()
    known = {merged(parts[: number + 1]).digest(): number for number in range(STATES)}
    store = Store(tmp_path)
    store.append(parts[0])

    def write() -> None:
        for part in parts[1:]:
            store.append(part)

    seen = []
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(write)
        while not done.done():
            seen.append(known[state(store)])
        done.result()
    assert seen == sorted(seen)
    assert known[state(store)] == STATES - 1


def test_a_series_in_use_is_told_after_patience(tmp_path: Path) -> None:
    store = Store(tmp_path, patience=0.0)
    store.append(make_bars(10))
    lock = tmp_path / ".locks" / "local+BTC_USDT+1h.lock"
    with durable.locked(lock, "it"):
        with pytest.raises(WickworkError, match=r"Another process is writing BTC/USDT 1h in .*; wait until it is done"):
            store.append(make_bars(20))
        with pytest.raises(WickworkError, match="Another process"):
            store.remove("BTC", "1h")
        assert len(store.load("BTC", "1h")) == 10  # reading needs no lock
        assert store.append(make_bars(10, instrument="ETH")).added == 10  # nor does another series
    assert store.append(make_bars(20)) == Appended(10, 10, 0)


def test_the_lock_of_systems_without_flock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)  # makes the import fail
    store = Store(tmp_path, patience=0.0)
    assert store.append(make_bars(10)).added == 10
    assert list((tmp_path / ".locks").iterdir()) == []
    lock = tmp_path / ".locks" / "local+BTC_USDT+1h.lock"
    lock.write_text("4711")
    with pytest.raises(WickworkError, match=r"delete .*lock and try again"):
        store.append(make_bars(20))
    lock.unlink()
    assert store.append(make_bars(20)).added == 10
