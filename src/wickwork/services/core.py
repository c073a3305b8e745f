"""What all services need, as one object that is passed to them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wickwork.context import Context
from wickwork.services.callers import Callers
from wickwork.services.events import Events, LocalEvents
from wickwork.services.lockout import Lockout
from wickwork.services.passwords import Passwords
from wickwork.services.pool import Pool
from wickwork.store.database.engine import Database
from wickwork.store.files import Files


def _now() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Services:
    """The database, the folders, and the processes that compute."""

    database: Database
    context: Context
    """The folders of bars and the nodes, which all users share."""
    pool: Pool
    """Processes for work that is waited for."""
    events: Events = field(default_factory=LocalEvents)
    """What happens, for those who follow it."""
    callers: Callers = field(default_factory=Callers)
    """Callers that were recognized a moment ago."""
    passwords: Passwords = field(default_factory=Passwords)
    """Hashing them."""
    lockout: Lockout = field(default_factory=Lockout)
    """Who must wait after failed logins."""
    now: Callable[[], int] = _now
    """The time in ms since 1970, UTC."""
    most_queued: int = 1000
    """Jobs that one user may have in the queue."""
    keys_in: str = "file"
    """Where the key is that encrypts secrets: `file`, in the folder of the installation, or `keyring`."""
    jobs_added: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a job was added in this process, so that its runner looks at once."""

    @property
    def files(self) -> Files:
        """The files of runs."""
        return Files(self.database.folder)

    @property
    def home(self) -> Path:
        """The folder of the installation."""
        return self.context.home


def canonical(value: Any) -> str:
    """Plain JSON as text with sorted keys: the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """A hash of plain JSON, in 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def uploads_of(home: Path) -> Path:
    """The folder of the files that were uploaded and not imported yet."""
    return home / "uploads"
