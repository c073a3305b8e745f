"""The kernel cache never ends a run: what is damaged, unsafe or not writable costs time and is named."""

from __future__ import annotations

import errno
import json
import os
import random
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wickwork.graph import kernel_cache, native
from wickwork.graph.kernel_cache import KernelCacheWarning, cache_folder, damaged_files, read, write
from wickwork.graph.native import floats, invoke

NAME = f"block-{'0' * 20}-{'1' * 8}.nbc"
posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
compiled_only = pytest.mark.skipif(not native.COMPILED, reason="compiling is switched off")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WICKWORK_CACHE", str(tmp_path / "kernels"))
    kernel_cache._warn.cache_clear()
    return tmp_path / "kernels"


def triple(out: int, _: int, __: int) -> None:
    floats(out)[0] = 3.0 * floats(out)[0]


def answer() -> float:
    """What the function gives in a process that has not compiled it yet."""
    native._compiled.cache_clear()
    native._known_key.cache_clear()
    out = np.array([7.0])
    invoke(native.native(triple, 3), out.ctypes.data, 0, 0)
    return float(out[0])


def flip(file: Path, r: random.Random) -> None:
    raw = bytearray(file.read_bytes())
    for _ in range(32):
        raw[r.randrange(len(raw))] ^= 1 << r.randrange(8)
    file.write_bytes(raw)


def flip_code(file: Path, r: random.Random) -> None:
    raw = bytearray(file.read_bytes())
    raw[r.randrange(len(raw) // 2, len(raw))] ^= 1
    file.write_bytes(raw)


DAMAGE: dict[str, Callable[[Path, random.Random], Any]] = {
    "emptied": lambda file, _: file.write_bytes(b""),
    "cut": lambda file, r: file.write_bytes(file.read_bytes()[: r.randrange(1000)]),
    "32 bits flipped": flip,
    "one bit of the code flipped": flip_code,
    "zeros": lambda file, _: file.write_bytes(bytes(file.stat().st_size)),
    "longer": lambda file, _: file.write_bytes(file.read_bytes() + b"x"),
    "another text": lambda file, _: file.write_text("not machine code"),
}


@compiled_only
@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_code_is_compiled_anew(damage: str, folder: Path) -> None:
    assert answer() == 21.0
    (file,) = folder.glob("triple-*.nbc")
    DAMAGE[damage](file, random.Random(damage))
    assert damaged_files(folder) == [file]
    with pytest.warns(KernelCacheWarning, match=f"damaged machine code, {file}"):
        assert answer() == 21.0
    assert damaged_files(folder) == []


@compiled_only
def test_code_that_is_whole_and_cannot_be_loaded_is_compiled_anew(folder: Path) -> None:
    assert answer() == 21.0
    (file,) = folder.glob("triple-*.nbc")
    write(file.name, b"whole, but no pickle")
    assert answer() == 21.0
    assert b"no pickle" not in file.read_bytes()


@compiled_only
def test_what_was_compiled_is_read_by_the_next_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer() == 21.0
    monkeypatch.setattr(native.numba_backend, "compile_c_function", None)
    assert answer() == 21.0


def test_content_comes_back(folder: Path) -> None:
    assert read(NAME) is None
    write(NAME, b"machine code")
    assert read(NAME) == b"machine code"
    assert [file.name for file in folder.iterdir()] == [NAME]
    assert kernel_cache.holds("block-0")
    assert not kernel_cache.holds("block-1")


@posix_only
def test_a_new_folder_is_private(folder: Path) -> None:
    before = os.umask(0)
    try:
        write(NAME, b"machine code")
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / NAME).stat().st_mode) & 0o077 == 0


@posix_only
@pytest.mark.parametrize("mode", [0o777, 0o775, 0o770, 0o702, 0o1777])
def test_a_folder_that_others_may_write_to_is_not_used(mode: int, folder: Path) -> None:
    write(NAME, b"machine code")
    folder.chmod(mode)
    with pytest.warns(KernelCacheWarning, match=f"{folder} is not used, because others may write to it; run `chmod"):
        assert read(NAME) is None
    write("other.nbc", b"more")
    assert not (folder / "other.nbc").exists()
    assert not kernel_cache.holds("block-")
    folder.chmod(0o755)
    assert read(NAME) == b"machine code"


@posix_only
def test_a_folder_or_file_of_another_user_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(NAME, b"machine code")
    uid = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    if uid:  # what root owns is trusted
        with pytest.warns(KernelCacheWarning, match="it belongs to another user"):
            assert read(NAME) is None
    else:
        assert read(NAME) == b"machine code"
    monkeypatch.undo()
    monkeypatch.setenv("WICKWORK_CACHE", str(folder))
    (folder / NAME).chmod(0o666)
    with pytest.warns(KernelCacheWarning, match="damaged"):
        assert read(NAME) is None


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_cannot_be_written_to_is_named(error: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(KernelCacheWarning, match=f"cannot be kept in {folder / NAME}: {os.strerror(error)}"):
        write(NAME, b"machine code")
    assert list(folder.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_named(folder: Path) -> None:
    folder.write_text("")
    with pytest.warns(KernelCacheWarning, match=f"{folder} is not a folder"):
        write(NAME, b"machine code")


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WICKWORK_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert cache_folder() is None
    kernel_cache._warn.cache_clear()
    with pytest.warns(KernelCacheWarning, match="name a folder in WICKWORK_CACHE"):
        assert read(NAME) is None


def wick(*arguments: str, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "wickwork", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "WICKWORK_CACHE": str(cache)},
        check=False,
    )


def test_doctor_names_damaged_files_and_removes_them(folder: Path) -> None:
    write(NAME, b"machine code")
    (folder / NAME).write_bytes(b"")
    done = wick("doctor", "--json", cache=folder)
    (found,) = (one for one in json.loads(done.stdout)["findings"] if one["name"] == "kernel cache")
    assert done.returncode == 1
    assert not found["ok"]
    assert NAME in found["detail"]
    again = wick("doctor", "--json", cache=folder)
    assert again.returncode == 0, again.stdout


@posix_only
def test_doctor_names_a_folder_that_others_may_write_to(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    done = wick("doctor", "--json", cache=folder)
    (found,) = (one for one in json.loads(done.stdout)["findings"] if one["name"] == "kernel cache")
    assert not found["ok"]
    assert "others may write to it" in found["detail"]
