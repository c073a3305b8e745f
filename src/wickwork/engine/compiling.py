"""The parts of the loop as machine code. Compiling them takes seconds, once per machine, so two processes share it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from wickwork.engine.loop.clock_step import on_reported_bar
from wickwork.engine.loop.history import run
from wickwork.engine.loop.next_event import find_next_event
from wickwork.engine.loop.steps import on_bar, on_close, on_request, on_tend
from wickwork.graph.kernel_cache import usable_folder
from wickwork.graph.native import COMPILED, is_compiled, native, one_at_a_time

PARTS: tuple[Callable[..., None], ...] = (run, find_next_event, on_bar, on_tend, on_close)
"""The functions that every run needs."""
_HALF = (
    "from wickwork.graph.native import native; from wickwork.engine.loop.next_event import find_next_event; "
    "from wickwork.engine.loop.steps import on_bar; native(on_bar, 3); native(find_next_event, 2)"
)


@dataclass(frozen=True)
class Loop:
    """Addresses of the loop's parts."""

    run: int
    next_event: int
    on_bar: int
    on_tend: int
    on_close: int


def is_warm() -> bool:
    """Whether the loop is compiled on this machine; if not, the first run takes some seconds longer."""
    return all(is_compiled(part) for part in PARTS)


def begin_compiling() -> subprocess.Popen[bytes] | None:
    """Where nothing is compiled yet, compile half of the loop (matching, next event) in a second process.

    Call it as early as possible: other code is compiled and files are read meanwhile.
    There is one such process, whichever thread comes first.
    """
    with one_at_a_time:
        return _helper()


@cache
def _helper() -> subprocess.Popen[bytes] | None:
    useful = COMPILED and not is_warm() and usable_folder() is not None
    return _start_helper() if useful else None


def compiled_loop(reported: bool = False) -> Loop:
    """The parts of the loop, compiled if need be; with `reported` the match step is the one that fills nothing.

    Where the other process fails, for whatever reason, this one compiles what that should have left on the disk.
    """
    helper = begin_compiling()
    parts = {"run": native(run, 3), "on_close": native(on_close, 3)}
    if helper is not None:
        helper.wait()
    parts["on_tend"] = native(on_tend, 3)
    match = native(on_reported_bar if reported else on_bar, 3)
    return Loop(next_event=native(find_next_event, 2), on_bar=match, **parts)


def request_address() -> int:
    """The address of `on_request`, which submits an intent that does not come from the program."""
    return native(on_request, 3)


def _start_helper() -> subprocess.Popen[bytes] | None:
    """A process that compiles its half into the cache; None where none can be started."""
    if getattr(sys, "frozen", False) or not sys.executable:
        return None
    null = subprocess.DEVNULL
    try:
        return subprocess.Popen([sys.executable, "-c", _HALF], stdin=null, stdout=null, stderr=null)  # noqa: S603
    except OSError:
        return None
