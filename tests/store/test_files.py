from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from wickwork.store.files import Files


def old(files: Files, content: bytes) -> str:
    """Keep a content as if that was done long ago."""
    stored = files.put(content)
    os.utime(files.path(stored.sha256), (1, 1))
    return stored.sha256


def test_only_old_files_that_nothing_refers_to_are_collected(tmp_path: Path) -> None:
    files = Files(tmp_path)
    used, unused, young = old(files, b"used"), old(files, b"unused"), files.put(b"young").sha256
    left = tmp_path / ".77.123.parquet"
    half = files.path(unused).with_name(f".{unused}.77.1.new")
    for one in (left, half):
        one.write_bytes(b"what a killed process left")
        os.utime(one, (1, 1))
    assert files.collect({used}, before=time.time() - 100) == 3
    assert files.read(used) == b"used"
    assert files.read(young) == b"young"
    assert not files.path(unused).exists()
    assert not left.exists()
    assert not half.exists()


def test_a_file_that_is_put_again_while_others_are_collected_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files(tmp_path)
    content = b"again"
    path = files.path(old(files, content))
    unlink, putting = Path.unlink, []

    def later(which: Path, missing_ok: bool = False) -> None:
        # The file was found old; before it is removed, a `put` of the same content begins.
        if not putting:
            putting.append(threading.Thread(target=files.put, args=(content,)))
            putting[0].start()
            time.sleep(0.05)
        unlink(which, missing_ok)

    monkeypatch.setattr(Path, "unlink", later)
    files.collect(set(), before=time.time() - 100)
    putting[0].join()
    assert path.read_bytes() == content


def test_puts_and_collections_at_once_lose_nothing(tmp_path: Path) -> None:
    files, ending, lost = Files(tmp_path), threading.Event(), []

    def put_again(number: int) -> None:
        content = b"%d" % number
        path = files.path(files.put(content).sha256)
        for _ in range(300):
            with suppress(FileNotFoundError):
                os.utime(path, (1, 1))
            files.put(content)
            if not path.exists():
                lost.append(number)

    def collect() -> None:
        while not ending.is_set():
            files.collect(set(), before=time.time() - 100)

    collecting = threading.Thread(target=collect)
    threads = [threading.Thread(target=put_again, args=(number,)) for number in range(4)]
    collecting.start()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    ending.set()
    collecting.join()
    assert lost == []


def test_one_process_collects_at_a_time(tmp_path: Path) -> None:
    files = Files(tmp_path)
    unused = old(files, b"unused")
    with files.not_collected():
        assert files.collect(set(), before=time.time()) == 0
    assert files.path(unused).exists()
    assert files.collect(set(), before=time.time()) == 1
