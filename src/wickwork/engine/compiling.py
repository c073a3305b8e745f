"""The parts of the loop as machine code. Compiling them takes seconds, once per machine, so two processes share it."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wickwork.engine.loop.history import run
from wickwork.engine.loop.next_event import find_next_event
from wickwork.engine.loop.reported_step import on_reported_bar
from wickwork.engine.loop.steps import on_bar, on_close, on_grid, on_orders, on_request
from wickwork.graph.kernel_cache import usable_folder
from wickwork.graph.native import COMPILED, is_compiled, native, one_at_a_time

PARTS: tuple[Callable[..., None], ...] = (run, find_next_event, on_bar, on_grid, on_close)
"""The functions that every run needs; `on_orders` is compiled for programs that read the states of orders."""
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
    on_grid: int
    on_close: int


def is_warm(cache: Path | None = None) -> bool:
    """Whether the loop is compiled on this machine; if not, the first run takes some seconds longer.

    Here and below, `cache` is the folder of machine code; None is the one of this process's user.
    """
    return all(is_compiled(part, cache) for part in PARTS)


def begin_compiling(cache: Path | None = None) -> subprocess.Popen[bytes] | None:
    """Where nothing is compiled yet, compile half of the loop (matching, next event) in a second process.

    Call it as early as possible: other code is compiled and files are read meanwhile.
    There is one such process for each folder, whichever thread comes first.
    """
    with one_at_a_time:
        return _helper(cache)


@functools.cache  # so that all runs of this process wait for the same one
def _helper(cache: Path | None) -> subprocess.Popen[bytes] | None:
    """The process that compiles beside this one; None where nothing must be compiled, or no folder can keep it."""
    folder = None if not COMPILED or is_warm(cache) else usable_folder(cache)
    return None if folder is None else _start_helper(folder)


def compiled_loop(reported: bool = False, cache: Path | None = None) -> Loop:
    """The parts of the loop, compiled if need be; with `reported` the match step is the one that fills nothing.

    If the other process fails, this one compiles the functions that are missing in the cache.
    """
    helper = begin_compiling(cache)
    parts = {"run": native(run, 3, cache), "on_close": native(on_close, 3, cache)}
    if helper is not None:
        helper.wait()
    parts["on_grid"] = native(on_grid, 3, cache)
    match = native(on_reported_bar if reported else on_bar, 3, cache)
    return Loop(next_event=native(find_next_event, 2, cache), on_bar=match, **parts)


def request_address(cache: Path | None = None) -> int:
    """The address of `on_request`, which submits an intent that does not come from the program."""
    return native(on_request, 3, cache)


def orders_address(cache: Path | None = None) -> int:
    """The address of `on_orders`, which brings the states of orders up to date."""
    return native(on_orders, 3, cache)


def _start_helper(folder: Path) -> subprocess.Popen[bytes] | None:
    """A process that compiles its half into that folder; None where none can be started."""
    if getattr(sys, "frozen", False) or not sys.executable:
        return None
    null = subprocess.DEVNULL
    try:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _HALF],
            env={**os.environ, "WICKWORK_CACHE": str(folder)},
            stdin=null,
            stdout=null,
            stderr=null,
        )
    except OSError:
        return None
