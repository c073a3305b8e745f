"""A bound for the memory of work on files from outside, some of which unpack to a thousand times their size."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Let this process take at most `size` more bytes; what needs more raises MemoryError. Only on Linux."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    before, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = taken + size if before == resource.RLIM_INFINITY else min(before, taken + size)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, most))
