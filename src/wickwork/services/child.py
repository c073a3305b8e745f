"""A child process that does one piece of work at a time, and can be killed at any moment.

Work is named by its function (`wickwork.services.work.backtest:run`), which is called with the request and `Tools`. A
child ends with its parent, and has a lower priority, so that requests are answered while it computes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from wickwork.model.errors import InputError, Unavailable, WickworkError

Progress = Callable[[float, str], None]
"""Called with the share that is done, from 0 to 1, and what is being done."""


@dataclass(frozen=True)
class Place:
    """The folders that work needs."""

    home: Path
    files: Path
    nodes: tuple[Path, ...] = ()
    """Python files with nodes that the operator named."""


@dataclass(frozen=True)
class Tools:
    """What a piece of work may use."""

    place: Place
    progress: Progress
    log: Callable[[str], None]
    ask: Callable[[Any], Any]
    """What the parent knows, which has the database: None where it knows nothing."""
    memory: MutableMapping[Any, Any] = field(default_factory=dict)
    """What this process keeps from one piece of work to the next, such as bars that were loaded."""


class ChildEnded(Unavailable):
    """The process ended before its work was done: it was killed, or ran out of memory."""


class _Failed(Exception):
    """The work raised an error."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class Child:
    """One process, which is started when it is needed first and again after it ended."""

    def __init__(self, place: Place, *, niceness: int = 10, warm: str = "") -> None:
        """`warm` is work that is done, without waiting for it, whenever a process starts."""
        self._place, self._niceness, self._warm = place, niceness, warm
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None

    async def call(
        self,
        work: str,
        request: Mapping[str, Any],
        progress: Progress | None = None,
        log: Callable[[str], None] | None = None,
        answer: Callable[[Any], Awaitable[Any]] | None = None,
    ) -> Any:
        """Do a piece of work and return its result. One call at a time.

        Raises what the work raises, and ChildEnded. Where the call is canceled, the process is killed.
        """
        self.start()
        assert self._connection is not None  # noqa: S101
        try:
            self._connection.send((work, dict(request)))
            while True:
                kind, *values = await self._message(self._connection)
                if kind == "progress" and progress is not None:
                    progress(*values)
                elif kind == "log" and log is not None:
                    log(*values)
                elif kind == "ask":
                    self._connection.send(await answer(values[0]) if answer else None)
                elif kind == "done":
                    return values[0]
                elif kind == "failed":
                    raise _Failed(values[0])
        except (EOFError, OSError):
            self.kill()
            raise ChildEnded("The process that did this work ended before it was done.") from None
        except _Failed as failure:
            raise failure.error from None
        except (
            BaseException
        ):  # canceled, or no answer: the child still waits for one, and would take the next call for it
            self.kill()
            raise

    def start(self) -> None:
        """Start the process, if it is not running."""
        if self._process is not None and self._process.is_alive():
            return
        self.kill()
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (theirs, self._place, self._niceness, self._warm)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self._connection = ours

    def kill(self) -> None:
        """End the process at once."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            with suppress(OSError, ValueError):
                self._process.kill()
            self._process.join(5)
        self._process = self._connection = None

    @staticmethod
    async def _message(source: Connection) -> Any:
        """The next message, without blocking the loop while there is none."""
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(source.fileno(), ready.set)
        try:
            if not source.poll():
                await ready.wait()
        finally:
            loop.remove_reader(source.fileno())
            os.set_blocking(source.fileno(), True)  # uvloop changes it, and a large message comes in several pieces
        return source.recv()


def _serve(requests: Connection, place: Place, niceness: int, warm: str) -> None:
    """The loop of the child process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(OSError):
        os.nice(niceness)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sending = threading.Lock()

    def send(*message: Any) -> None:
        with sending:
            requests.send(message)

    def ask(question: Any) -> Any:
        send("ask", question)
        return requests.recv()

    tools = Tools(place, lambda share, stage: send("progress", share, stage), lambda text: send("log", text), ask)
    with suppress(Exception):
        if warm:
            silent = replace(
                tools, progress=lambda share, stage: None, log=lambda text: None, ask=lambda question: None
            )
            function(warm)({}, silent)
    while True:
        try:
            work, request = requests.recv()
        except EOFError:
            return
        try:
            result = function(work)(request, tools)
        except WickworkError as error:
            _send_error(send, error)
        except MemoryError:
            send("failed", InputError("There is not enough memory for this; ask for fewer bars or combinations."))
        except Exception as error:
            import traceback

            send("log", traceback.format_exc())
            send("failed", RuntimeError(f"{type(error).__name__}: {error}"))
        else:
            send("done", result)


def _send_error(send: Callable[..., None], error: WickworkError) -> None:
    import pickle

    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own, to see whether it arrives
        send("failed", error)
    except Exception:
        send("failed", WickworkError(str(error)))


def function(name: str) -> Callable[[Mapping[str, Any], Tools], Any]:
    """The function of a piece of work, by `module:function`."""
    module, _, function = name.partition(":")
    found: Callable[[Mapping[str, Any], Tools], Any] = getattr(import_module(module), function)
    return found


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
