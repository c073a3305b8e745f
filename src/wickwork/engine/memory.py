"""Memory for what a run writes, used again when nobody looks at it any more.

The system clears every page that it hands out. For a million bars with fifty thousand orders that takes a tenth as long
as the run itself, and who edits a strategy runs it again and again. So the last blocks stay with the process; numpy
counts who looks at them, for each view of an array keeps the array that owns its memory.
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
"""All that are kept, in use or idle, the last one used at the end."""
_lock = Lock()


def rows_of(count: int, kind: np.dtype[Any]) -> NDArray[Any]:
    """Unwritten rows of that type: whatever was there before is still there."""
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
    """Where the smallest block is that nobody uses and that is large enough."""
    nobody = _references([np.empty(0, np.uint8)])[0]
    fitting = [
        (len(block), place)
        for place, (block, count) in enumerate(zip(_blocks, _references(_blocks), strict=True))
        if count == nobody and len(block) >= size
    ]
    return min(fitting)[1] if fitting else None


def _references(blocks: Sequence[Block]) -> list[int]:
    """How many hold each block, those who ask included."""
    return [sys.getrefcount(blocks[place]) for place in range(len(blocks))]


def _forget() -> None:
    """Keep no more than `KEPT`: whoever still uses a block that goes has it to themselves."""
    while sum(map(len, _blocks)) > KEPT:
        del _blocks[0]
