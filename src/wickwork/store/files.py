"""Files kept under the hash of their content: written once, never changed, removed when nothing refers to them."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wickwork.model.errors import NotFound, WickworkError
from wickwork.store.durable import make_folder, naming, sync_folder, write_file

_YOUNG = 24 * 3600.0
"""Seconds for which a file without a reference is kept: it may belong to work that is not recorded yet."""


@dataclass(frozen=True)
class StoredFile:
    """The hash of a file's content, and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Files:
    """The files below a folder, which need not exist yet. Several processes may use it at once."""

    folder: Path

    def put(self, content: bytes) -> StoredFile:
        """Keep a content, durably; twice the same is kept once. Raises OSError, which names the path."""
        stored = StoredFile(hashlib.sha256(content).hexdigest(), len(content))
        path = self.path(stored.sha256)
        make_folder(path.parent)
        if path.exists():
            with naming(path):
                os.utime(path)  # collecting must not take what is being referred to again
            return stored
        fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
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
        """Keep the file that `make` writes at the path that it is called with, whose name ends with `name`."""
        make_folder(self.folder)
        fresh = self.folder / f".{os.getpid()}.{time.monotonic_ns()}.{name}"
        try:
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

    def collect(self, used: Collection[str], young: float = _YOUNG) -> int:
        """Remove the files that are not among the `used` hashes and older than `young` seconds; return how many."""
        now, removed = time.time(), 0
        for path in self.folder.glob("*/*"):
            if path.name not in used:
                with suppress(OSError):  # another process may remove it as well
                    if now - path.stat().st_mtime >= young:
                        path.unlink()
                        removed += 1
        return removed
