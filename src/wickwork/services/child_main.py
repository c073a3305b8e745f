"""The child process of `child.Child`: does one piece of work after the other, as its parent sends them.

It ends with its parent, whose end of the socket is then closed. Signals that reach a whole group of processes are
ignored here: the parent ends its children itself.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import SimpleQueue
from socket import socket
from typing import Any

from wickwork.model.errors import InputError, WickworkError
from wickwork.services.channel import packed, receive_from
from wickwork.services.tools import Tools, function

_PAUSE = 0.05
"""Seconds between two reports of progress in one stage; those between them are left out."""
_LINE = 16_000
"""Characters of one text for the log."""


def main() -> None:
    """Serve the parent, whose socket has the descriptor that the first argument names."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    parent = _Parent(socket(fileno=int(sys.argv[1])))
    place, niceness, warm = receive_from(parent.file)
    with suppress(OSError):
        os.nice(niceness)
    threading.Thread(target=parent.read, daemon=True).start()
    tools = Tools(
        place, parent.progress, parent.log, parent.ask, publish=parent.publish, on_stop=parent.call_when_stopped
    )
    if warm:
        silent = Tools(place, lambda share, stage: None, lambda text: None, lambda question: None, tools.memory)
        with suppress(Exception):
            function(warm)({}, silent)
    while True:
        work, request = parent.requests.get()
        parent.send(_outcome(work, request, tools))


class _Parent:
    """The other side of the socket. One thread reads it, so that the end of the parent is noticed during work."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self.file = connection.makefile("rb")
        self.requests: SimpleQueue[tuple[str, Mapping[str, Any]]] = SimpleQueue()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._sending, self._stopping = threading.Lock(), threading.Lock()
        self._stopped = False
        self._on_stop: Callable[[], None] | None = None
        self._reported, self._stage = 0.0, ""

    def read(self) -> None:
        """Read messages until the parent has ended, then end this process."""
        try:
            while True:
                kind, *values = receive_from(self.file)
                if kind == "call":
                    with self._stopping:
                        self._stopped, self._on_stop = False, None
                    self.requests.put((values[0], values[1]))
                elif kind == "answer":
                    self._answers.put(values[0])
                elif kind == "stop":
                    self._stop()
        finally:
            os._exit(1)

    def send(self, content: bytes) -> None:
        """Send a packed message; where the parent has ended, end this process."""
        try:
            with self._sending:
                self._connection.sendall(content)
        except OSError:
            os._exit(1)

    def progress(self, share: float, stage: str) -> None:
        """Report how far the work is, not too often."""
        now = time.monotonic()
        if stage != self._stage or share >= 1.0 or now - self._reported >= _PAUSE:
            self._reported, self._stage = now, stage
            self.send(packed(("progress", float(share), str(stage))))

    def log(self, text: str) -> None:
        """Send a text for the log."""
        self.send(packed(("log", text if len(text) <= _LINE else f"{text[:_LINE]}…")))

    def publish(self, data: Mapping[str, Any]) -> None:
        """Send something that happened."""
        self.send(packed(("event", dict(data))))

    def ask(self, question: Any) -> Any:
        """Send a question and wait for its answer."""
        self.send(packed(("ask", question)))
        return self._answers.get()

    def call_when_stopped(self, callback: Callable[[], None]) -> None:
        """Call this when the parent sends that the work should end; at once where it has."""
        with self._stopping:
            self._on_stop = callback
            stopped = self._stopped
        if stopped:
            callback()

    def _stop(self) -> None:
        with self._stopping:
            self._stopped, callback = True, self._on_stop
        if callback is not None:
            with suppress(Exception):
                callback()


def _outcome(work: str, request: Mapping[str, Any], tools: Tools) -> bytes:
    """Do a piece of work; its result or its error as a packed message, with the memory that this process takes."""
    message: tuple[str, Any]
    try:
        message = "done", function(work)(request, tools)
    except WickworkError as error:
        message = "failed", _that_arrives(error)
    except MemoryError:
        message = "failed", InputError("There is not enough memory for this; ask for fewer bars or combinations.")
    except BaseException as error:  # sys.exit in a user's node must not end the process either
        message = "failed", _fault(error, tools)
    try:
        return packed((*message, memory()))
    except WickworkError as error:
        return packed(("failed", error, memory()))
    except Exception as error:
        return packed(("failed", _fault(error, tools), memory()))


def _fault(error: BaseException, tools: Tools) -> RuntimeError:
    try:
        text = f"{type(error).__name__}: {error}"
        tools.log("".join(traceback.format_exception(error)))
    except Exception:
        text = type(error).__name__
    return RuntimeError(text)


def _that_arrives(error: WickworkError) -> WickworkError:
    """The error, or its text alone where it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own, to see whether it arrives
    except Exception:
        return WickworkError(str(error))
    return error


def memory() -> int:
    """The bytes of memory that this process takes; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
