"""Files that are replaced: the new content as a whole, or the old one."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from wickwork.model.errors import WickworkError
from wickwork.store import durable
from wickwork.store.durable import replacing, write_file


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("there", [True, False])
def test_a_failure_leaves_the_old_file_or_none(there: bool, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    if there:
        target.write_bytes(b"old")

    def write() -> None:
        with replacing(target) as file:
            file.write(b"half")
            full()

    with pytest.raises(OSError, match="No space left") as caught:
        write()
    assert caught.value.filename == str(target)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == ([("report.html", b"old")] if there else [])


def test_a_disk_that_is_full_only_when_synced_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.html"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"), replacing(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
def test_the_mode_is_kept_and_a_link_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    with replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_an_error_of_a_full_disk_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_file(tmp_path / "bars", b"content")
    assert caught.value.filename == str(tmp_path / "bars")


def test_a_lock_without_patience_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where two looks at the clock give the same time."""

    def sleep(seconds: float) -> None:
        raise AssertionError("it waits")

    monkeypatch.setattr(time, "monotonic", lambda: 5.0)
    monkeypatch.setattr(time, "sleep", sleep)
    path = tmp_path / "lock"
    for lock in (durable._locked_by_existence, durable.locked):
        with lock(path, "it", 0.0):
            again = lock(path, "it", 0.0)
            with pytest.raises(WickworkError, match="Another process is writing it"):
                again.__enter__()
