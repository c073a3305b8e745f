"""A child process that does one piece of work at a time, and can be killed at any moment.

Work is named by its function (`wickwork.services.work.backtest:run`), which is called with the request and `Tools`. A
child ends with its parent, and has a lower priority, so that requests are answered while it computes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from wickwork.model.errors import Unavailable, WickworkError
from wickwork.services import channel
from wickwork.services.tools import Place, Progress, Publish, Tools, function

__all__ = ["Child", "ChildEnded", "Place", "Progress", "Tools", "function"]

_MAIN = "from wickwork.services.child_main import main; main()"
_OF_THE_SERVER = "WICKWORK_SERVER__"
"""The beginning of environment variables with settings of the server, among them secrets that no work needs."""
_MOST_CALLS = 1000
_MOST_MEMORY = 1 << 30
"""After so many calls, or with so many bytes of memory after one, a process is replaced by a new one."""


class ChildEnded(WickworkError):
    """The process ended before its work was done: it was killed, or ran out of memory."""


class Child:
    """One process, which is started when it is needed first and again after it ended."""

    def __init__(
        self,
        place: Place,
        *,
        niceness: int = 10,
        warm: str = "",
        most_calls: int = _MOST_CALLS,
        most_memory: int = _MOST_MEMORY,
    ) -> None:
        """`warm` is work that is done, without waiting for it, whenever a process starts.

        After `most_calls` calls, or a call that left more than `most_memory` bytes, a new process takes the place.
        """
        self._place, self._niceness, self._warm = place, niceness, warm
        self._most_calls, self._most_memory = most_calls, most_memory
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._sending = asyncio.Lock()
        self._busy = False
        self._calls = 0

    @property
    def process_id(self) -> int | None:
        """The id of the process, while there is one."""
        return self._process.pid if self._process is not None else None

    async def call(
        self,
        work: str,
        request: Mapping[str, Any],
        progress: Progress | None = None,
        log: Callable[[str], None] | None = None,
        answer: Callable[[Any], Awaitable[Any]] | None = None,
        publish: Publish | None = None,
    ) -> Any:
        """Do a piece of work and return its result. One call at a time.

        Raises what the work raises, and ChildEnded. Where the call ends otherwise, such as canceled, the process is
        killed.
        """
        self.start()
        connection = self._connection
        assert connection is not None  # noqa: S101
        self._busy, in_step = True, False
        try:
            await self._send(connection, ("call", work, dict(request)))
            while True:
                kind, *values = await channel.receive(connection)
                if kind == "progress" and progress is not None:
                    progress(*values)
                elif kind == "log" and log is not None:
                    log(*values)
                elif kind == "event" and publish is not None:
                    publish(*values)
                elif kind == "ask":
                    await self._send(connection, ("answer", await answer(values[0]) if answer else None))
                elif kind in ("done", "failed"):
                    in_step = True
                    self._retire(values[1])
                    if kind == "failed":
                        raise values[0]
                    return values[0]
                await asyncio.sleep(0)  # many messages at once must not keep others from being served
        except (EOFError, OSError):
            if in_step:
                raise
            raise ChildEnded("The process that did this work ended before it was done.") from None
        finally:
            self._busy = False
            if not in_step:
                self.kill()

    async def stop(self) -> None:
        """Signal the work to end in an orderly way (`Tools.on_stop`); nothing happens where none is done."""
        if self._busy and self._connection is not None:
            with suppress(OSError):
                await self._send(self._connection, ("stop",))

    async def _send(self, connection: socket.socket, message: Any) -> None:
        async with self._sending:
            await channel.send(connection, message)

    def _retire(self, memory: int) -> None:
        """Replace a process that has done much or has grown."""
        self._calls += 1
        if self._calls >= self._most_calls or memory > self._most_memory:
            self._busy = False
            self.kill()
            if self._warm:
                with suppress(Unavailable):  # the result that has just come must not be lost
                    self.start()

    def start(self) -> None:
        """Start the process, if it is not running. Raises Unavailable where the system starts none."""
        if self._process is not None and self._process.poll() is None:
            return
        self.kill()
        ours, theirs = socket.socketpair()
        environment = {name: text for name, text in os.environ.items() if not name.startswith(_OF_THE_SERVER)}
        environment["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, sys.path))
        number = theirs.fileno()
        command = [sys.executable, "-P", "-c", _MAIN, str(number)]
        try:
            # A session of its own: Ctrl-C does not reach it, and killing it reaches what it may have started.
            self._process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, env=environment, pass_fds=[number], start_new_session=True
            )
            ours.sendall(channel.packed((self._place, self._niceness, self._warm)))
            ours.setblocking(False)
        except OSError as error:
            ours.close()
            raise Unavailable(f"No process can be started for this: {error.strerror}; try again later.") from None
        finally:
            theirs.close()
        self._connection, self._calls = ours, 0

    def kill(self) -> None:
        """End the process at once; a call that is going on raises ChildEnded."""
        process, connection = self._process, self._connection
        self._process = None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            if not self._busy:
                connection.close()
                self._connection = None
        if process is not None and process.poll() is None:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            # It is gone in some ms, or later if it has much memory to give back: nobody should wait for that here.
            threading.Thread(target=process.wait, daemon=True).start()
