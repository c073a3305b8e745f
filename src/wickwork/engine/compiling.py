"""The parts of the loop as machine code. Compiling them takes seconds, once per machine, so two processes share it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from wickwork.graph.native import COMPILED, is_compiled, native
from wickwork.sim.loop import run
from wickwork.sim.scan import seek
from wickwork.sim.steps import act, ask, match

PARTS: tuple[Callable[..., None], ...] = (run, seek, match, act)
"""The functions that every run needs."""
_MATCHING = "from wickwork.graph.native import native; from wickwork.sim.steps import match; native(match, 3)"


@dataclass(frozen=True)
class Loop:
    """Addresses of the loop's parts."""

    run: int
    seek: int
    match: int
    act: int


def is_warm() -> bool:
    """Whether the loop is compiled on this machine; if not, the first run takes some seconds longer."""
    return all(is_compiled(part) for part in PARTS)


def compiled_loop() -> Loop:
    """The parts of the loop, compiled if need be."""
    _share_the_work()
    return Loop(run=native(run, 3), seek=native(seek, 2), match=native(match, 3), act=native(act, 3))


@cache
def _share_the_work() -> None:
    """Where nothing is compiled yet, compile matching, the largest part, beside the others in a process of its own.

    Where that fails, for whatever reason, this process compiles what the other should have left on the disk.
    """
    if not COMPILED or is_warm():
        return
    helper = _start_helper()
    if helper is not None:
        for part, arguments in ((run, 3), (seek, 2), (act, 3)):
            native(part, arguments)
        helper.wait()


def asking() -> int:
    """The address of `ask`, which obeys intents from outside a program."""
    return native(ask, 3)


def _start_helper() -> subprocess.Popen[bytes] | None:
    """A process that compiles matching into the cache; None where none can be started."""
    if getattr(sys, "frozen", False) or not sys.executable:
        return None
    quiet = subprocess.DEVNULL
    try:
        return subprocess.Popen([sys.executable, "-c", _MATCHING], stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603
    except OSError:
        return None
