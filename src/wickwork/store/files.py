"""Files kept under the hash of their content: written once, never changed, removed when nothing refers to them."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from wickwork.model.errors import NoSpace, NotFound, WickworkError
from wickwork.store import shared_lock
from wickwork.store.durable import make_folder, naming, sync_folder, write_file

_UNFINISHED = re.compile(r"\.\d+\.\d+\..+")
"""The names of files that `put_made` has made; those that a killed process left are collected."""


@dataclass(frozen=True)
class StoredFile:
    """The hash of a file's content, and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Files:
    """The files below a folder, which need not exist yet. Several processes may use it at once.

    A file that is put must be referred to by a row of the database before it is collected: `collect` says when.
    """

    folder: Path

    def put(self, content: bytes) -> StoredFile:
        """Keep a content, durably; twice the same is kept once.

        Raises NoSpace where the disk is full, with nothing half-written, and OSError, which names the path.
        """
        stored = StoredFile(hashlib.sha256(content).hexdigest(), len(content))
        path = self.path(stored.sha256)
        with self._room():
            make_folder(path.parent)
            if self._kept_again(path):
                return stored
            fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.new")
            try:
                write_file(fresh, content)
                os.replace(fresh, path)
            except BaseException:
                with suppress(OSError):
                    fresh.unlink()
                raise
            sync_folder(path.parent)
        return stored

    def put_made(self, name: str, make: Callable[[Path], object]) -> StoredFile:
        """Keep the file that `make` writes at the path that it is called with, whose name ends with `name`.

        Raises as `put` does.
        """
        fresh = self.folder / f".{os.getpid()}.{time.monotonic_ns()}.{name}"
        try:
            with self._room():
                make_folder(self.folder)
                make(fresh)
                return self.put(fresh.read_bytes())
        finally:
            with suppress(OSError):
                fresh.unlink()

    def path(self, sha256: str) -> Path:
        """Where a file is, or would be."""
        return self.folder / sha256[:2] / sha256

    def read(self, sha256: str) -> bytes:
        """The content of a file.

        Raises NotFound where it is absent, WickworkError where its content is not what was written.
        """
        try:
            content = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise self._missing(sha256) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise self._damaged(sha256)
        return content

    def checked(self, sha256: str) -> Path:
        """Where a file is, after its content was compared with its hash; for files too large to be read at once.

        Raises as `read` does.
        """
        path = self.path(sha256)
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise self._missing(sha256) from None
        if found != sha256:
            raise self._damaged(sha256)
        return path

    @staticmethod
    def _missing(sha256: str) -> NotFound:
        return NotFound(f"The stored file {sha256} is missing; restore it from a backup.")

    @staticmethod
    def _damaged(sha256: str) -> WickworkError:
        return WickworkError(f"The stored file {sha256} was damaged after it was written; restore it from a backup.")

    @contextmanager
    def not_collected(self, patience: float | None = None) -> Iterator[bool]:
        """Keep all processes from collecting; False where another does so for longer than `patience` seconds."""
        with shared_lock.holding(self.folder / ".collect.lock", alone=True, patience=patience) as held:
            yield held

    def collect(self, used: Collection[str], before: float) -> int:
        """Remove the files that are not among the `used` hashes and were last put before a time (seconds since 1970).

        A file that is put again after `used` was read is kept, because that makes it young. Returns how many were
        removed: none where another process is collecting, or where the system has no locks (Windows).
        """
        if not shared_lock.EXISTS or not self.folder.is_dir():
            return 0
        with self.not_collected(patience=0) as held:
            return sum(self._removed(path, before) for path in self._all() if path.name not in used) if held else 0

    def _all(self) -> Iterator[Path]:
        yield from self.folder.glob("??/*")
        yield from (path for path in self.folder.glob(".*") if _UNFINISHED.fullmatch(path.name))

    def _removed(self, path: Path, before: float) -> bool:
        # Alone, so that no `put` finds the file there and leaves it at that between the look and the removal.
        with shared_lock.holding(self._lock, alone=True), suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                return True
        return False

    def _kept_again(self, path: Path) -> bool:
        """Whether the file is there; then it is young again."""
        with shared_lock.holding(self._lock, alone=False), naming(path):
            try:
                os.utime(path)
            except FileNotFoundError:
                return False
            return True

    @property
    def _lock(self) -> Path:
        return self.folder / ".put.lock"

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoSpace(f"The disk of {self.folder} is full; nothing was saved. Make room.") from None
            raise
