"""Locks that several processes hold together, or one holds alone. A lock ends with its process, however that ends.

Systems without `flock` (Windows) have none of these locks: there, every attempt succeeds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wickwork.store.durable import make_folder

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    EXISTS = False
else:
    EXISTS = True
"""Whether this system has these locks."""
_POLL = 0.05


@contextmanager
def holding(path: Path, *, alone: bool, patience: float | None = None) -> Iterator[bool]:
    """Hold a lock file, which is made where it is absent; the value tells whether it is held.

    It is held together with others, or `alone`. `patience` is for how many seconds to wait for those who hold it
    otherwise; None waits without end.
    """
    if not EXISTS:  # pragma: no cover - Windows
        yield True
        return
    make_folder(path.parent)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o664)
    except PermissionError:  # another user has made it, such as root with a backup; reading is enough for a lock
        handle = os.open(path, os.O_RDONLY)
    try:
        yield _taken(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH, patience)
    finally:
        os.close(handle)


def _taken(handle: int, kind: int, patience: float | None) -> bool:
    if patience is None:
        fcntl.flock(handle, kind)
        return True
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL)
