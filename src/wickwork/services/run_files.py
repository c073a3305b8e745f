"""The files of a run, as they are kept or unpacked, in pieces: some have hundreds of megabytes."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from wickwork.services import runs
from wickwork.services.access import Caller
from wickwork.services.core import Services

_PIECE = 256 * 1024


@dataclass(frozen=True)
class Content:
    """The content of a file in pieces, and its size in bytes where that is known."""

    pieces: AsyncIterator[bytes]
    size: int | None


async def content(services: Services, caller: Caller, run_id: str, name: str, *, unpacked: bool = False) -> Content:
    """A file of a run; `unpacked` decompresses one that is kept with gzip.

    Raises NotFound, and WickworkError where the file is not what was written.
    """
    _, file = await runs.with_file(services, caller, run_id, name)
    path = await asyncio.to_thread(services.files.checked, file.sha256)
    return Content(_in_threads(_unpacked(path) if unpacked else _read(path)), None if unpacked else file.size)


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _unpacked(path: Path) -> Iterator[bytes]:
    reader = zlib.decompressobj(wbits=31)  # 31: with the header of gzip
    for piece in _read(path):
        rest = piece
        while rest:
            yield reader.decompress(rest, _PIECE)
            rest = reader.unconsumed_tail
    yield reader.flush()


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces, each read in a thread, so that a slow disk does not stop other requests."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        if piece:
            yield piece
