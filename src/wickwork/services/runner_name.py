"""Names of runners, by which a process on the same machine can see whether a runner has ended.

A name is `host:place:pid:start:random`: `place` is one and the same for processes of one boot of one machine (or
container), `start` is when the process started. So neither a number that was given to another process meanwhile nor a
container of the same name is taken for the runner.
"""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path

from wickwork.store.ids import new_id


def runner_name() -> str:
    """A new name for a runner of this process."""
    host, process = platform.node().replace(":", "-"), os.getpid()
    return f"{host}:{_place()}:{process}:{_started(process) or ''}:{new_id()[-6:]}"


def has_ended(name: str) -> bool:
    """Whether the runner's process was one of this machine and has ended; False where that cannot be known."""
    parts = name.split(":")
    if len(parts) != 5 or not parts[1] or parts[1] != _place() or not parts[2].isdigit() or not parts[3]:
        return False
    process = int(parts[2])
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # it runs as another user
        return False
    started = _started(process)
    return started is not None and started != parts[3]


def _place() -> str:
    """A digest of the boot and of the container; empty where the system does not say."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return hashlib.sha256(f"{boot} {os.stat('/proc/self/ns/pid').st_ino}".encode()).hexdigest()[:12]
    except OSError:
        return ""


def _started(process: int) -> str | None:
    """When a process started, in ticks since boot; empty for a zombie, None where that is hidden."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return "" if fields[0] in "ZX" else fields[19]
