"""Writing files so that a kill, a full disk or a power cut leaves the old state or the new one, never a mixture."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from wickwork.model.errors import WickworkError

_POLL = 0.05


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Add the path to operating-system errors that have no file name, such as that of a full disk.

    Raises the OSError again, with the path.
    """
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def write_file(path: Path, content: bytes) -> None:
    """Write a whole file and wait until the disk has it. Not atomic: the file must not be in use yet."""
    with naming(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o644)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file for a new content that replaces `path` when the block ends; if it fails, `path` stays as it was.

    What is written goes to a hidden file beside `path` until then. The mode of a file that was there is kept, a link
    is followed, and what is no regular file (a device, a pipe) is written to directly. Raises OSError with the name of
    `path`.
    """
    target = Path(os.path.realpath(path))
    with naming(path):
        try:
            mode = target.stat().st_mode
        except FileNotFoundError:
            mode = None
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("wb") as file:
                yield file
            return
        fresh = target.with_name(f".{target.name[:100]}.{os.getpid()}.new")
        try:
            with _opened_for(path, fresh) as file:
                yield file
                file.flush()
                if mode is not None:
                    os.chmod(fresh, stat.S_IMODE(mode))
                os.fsync(file.fileno())
            os.replace(fresh, target)
        except BaseException:
            with suppress(OSError):
                fresh.unlink()
            raise
        sync_folder(target.parent)


def _opened_for(path: Path, fresh: Path) -> BinaryIO:
    """Open the hidden file; errors name the file that it will replace."""
    try:
        return fresh.open("wb")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def replace_file(path: Path, content: bytes) -> None:
    """Replace the content of a file in one step: readers get either the old or the new content, complete."""
    fresh = path.with_name(f"{path.name}.new")
    write_file(fresh, content)
    os.replace(fresh, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush the directory entries of a folder to disk (fsync). Windows does so without a call and has none for it."""
    if os.name == "nt":
        return
    with naming(folder):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, each of them durable, and none that everybody may write to."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with suppress(FileExistsError):
        os.mkdir(folder, 0o775)
    sync_folder(folder.parent)


@contextmanager
def locked(path: Path, what: str, patience: float = 10.0) -> Iterator[None]:
    """Hold a lock file; wait up to `patience` seconds for another holder, then raise WickworkError naming `what`.

    Where the system has `flock` the lock ends with its process, however that ends. Elsewhere the file itself is the
    lock, and one that a killed process left must be deleted by hand, which the error says.
    """
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows
        with _locked_by_existence(path, what, patience):
            yield
        return
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise WickworkError(
                        f"Another process is writing {what}; wait until it is done, or stop it, and try again."
                    ) from None
                time.sleep(_POLL)
        yield
    finally:
        os.close(handle)


@contextmanager
def _locked_by_existence(path: Path, what: str, patience: float) -> Iterator[None]:
    deadline = time.monotonic() + patience
    while True:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            break
        except FileExistsError:
            if time.monotonic() >= deadline:
                raise WickworkError(
                    f"Another process is writing {what}; wait until it is done. "
                    f"If none is running, one was killed: delete {path} and try again."
                ) from None
            time.sleep(_POLL)
    try:
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
        path.unlink(missing_ok=True)
