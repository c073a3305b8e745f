"""The command line, `wick`: each command calls the packages below it and shows the answer; nothing here trades."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from wickwork.cli.codes import INTERRUPTED


def main(args: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `args` are those of the process where none are given."""
    try:
        with _interrupts_later():
            from wickwork.cli.app import main as run

        return run(args)
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("wick: interrupted.\n")
        return INTERRUPTED


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end of the block, not within: modules that are half imported would be left."""
    arrived: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        arrived.append(number)

    try:
        before = signal.signal(signal.SIGINT, note)
    except ValueError:  # another thread than the main one receives no signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if arrived and callable(before):
        raise KeyboardInterrupt


__all__ = ["main"]
