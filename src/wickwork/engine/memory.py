"""Output buffers of runs, reused once no array refers to them.

The operating system clears every page that it allocates. For a million bars with fifty thousand orders that takes a
tenth of the time of the run, and a strategy under development runs many times. So the process keeps the last blocks.
The reference count of a block says whether it is in use, because each view of an array refers to the array that owns
its memory.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST = 1 << 20
"""Bytes below which memory is not kept: it comes from pages that the process has anyway."""
KEPT = 1 << 28
"""Bytes of addresses that stay with the process at most; what was never written of them takes no memory."""

Block = NDArray[np.uint8]

_blocks: list[Block] = []
"""All that are kept, in use or idle, the last one used at the end.

Of the process, for all contexts: a run reads only rows that it has written.
"""
_lock = Lock()


def rows_of(count: int, kind: np.dtype[Any]) -> NDArray[Any]:
    """Uninitialized rows of that type, as `numpy.empty` gives them."""
    size = count * kind.itemsize
    if size < LEAST:
        return np.empty(count, kind)
    with _lock:
        place = _idle(size)
        block = np.empty(size, np.uint8) if place is None else _blocks.pop(place)
        _blocks.append(block)
        _forget()
        return block[:size].view(kind)


def _idle(size: int) -> int | None:
    """The index of the smallest unused block of at least that size."""
    unused = _references([np.empty(0, np.uint8)])[0]
    fitting = [
        (len(block), place)
        for place, (block, count) in enumerate(zip(_blocks, _references(_blocks), strict=True))
        if count == unused and len(block) >= size
    ]
    return min(fitting)[1] if fitting else None


def _references(blocks: Sequence[Block]) -> list[int]:
    """The reference count of each block, including the references of the caller."""
    return [sys.getrefcount(blocks[place]) for place in range(len(blocks))]


def _forget() -> None:
    """Drop the oldest blocks above `KEPT` bytes. A dropped block that is in use is freed with its last reference."""
    while sum(map(len, _blocks)) > KEPT:
        del _blocks[0]
