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
_HALF = (
    "from wickwork.graph.native import native; from wickwork.sim.scan import seek; "
    "from wickwork.sim.steps import match; native(match, 3); native(seek, 2)"
)


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


@cache
def begin_compiling() -> subprocess.Popen[bytes] | None:
    """Where nothing is compiled yet, have matching and seeking, half of the loop, compiled in a process of its own.

    Called as early as it is known that a loop will be wanted: what else is to be compiled and read can go on meanwhile.
    """
    return _start_helper() if COMPILED and not is_warm() else None


def compiled_loop() -> Loop:
    """The parts of the loop, compiled if need be.

    Where the other process fails, for whatever reason, this one compiles what that should have left on the disk.
    """
    helper = begin_compiling()
    parts = {"run": native(run, 3), "act": native(act, 3)}
    if helper is not None:
        helper.wait()
    return Loop(seek=native(seek, 2), match=native(match, 3), **parts)


def asking() -> int:
    """The address of `ask`, which obeys intents from outside a program."""
    return native(ask, 3)


def _start_helper() -> subprocess.Popen[bytes] | None:
    """A process that compiles its half into the cache; None where none can be started."""
    if getattr(sys, "frozen", False) or not sys.executable:
        return None
    quiet = subprocess.DEVNULL
    try:
        return subprocess.Popen([sys.executable, "-c", _HALF], stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603
    except OSError:
        return None
