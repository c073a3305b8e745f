"""Whether a server runs over an installation: servers hold a lock together, what must be alone holds it alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wickwork.model.errors import Refused
from wickwork.store.shared_lock import holding

_NAME = ".server.lock"


@contextmanager
def running(files: Path, patience: float = 60.0) -> Iterator[None]:
    """Held by every process that serves or does jobs over the folder of stored files.

    Raises Refused where a restore or an upgrade goes on for longer than `patience` seconds.
    """
    with holding(files / _NAME, alone=False, patience=patience) as held:
        if not held:
            raise Refused("This installation is being restored or upgraded; start again when that is done.")
        yield


@contextmanager
def alone(files: Path, patience: float = 0.0) -> Iterator[None]:
    """Held while the whole installation is replaced. Raises Refused where a server runs, or another does the same."""
    with holding(files / _NAME, alone=True, patience=patience) as held:
        if not held:
            raise Refused("The server is running (or another restore or upgrade is); stop it first.")
        yield
