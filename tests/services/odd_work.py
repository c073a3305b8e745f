"""Work that goes wrong in many ways, for tests of child processes and runners."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wickwork.model.errors import InputError, WickworkError
from wickwork.services.tools import Tools


class Unsendable(WickworkError):
    """An error that cannot be pickled."""

    def __init__(self, name: str, lock: object) -> None:
        super().__init__(f"{name} is locked.")
        self.lock = lock


def echo(request: Mapping[str, Any], tools: Tools) -> Any:
    return dict(request)


def process(request: Mapping[str, Any], tools: Tools) -> int:
    return os.getpid()


def refuse(request: Mapping[str, Any], tools: Tools) -> None:
    raise InputError("The number is odd.")


def unsendable_error(request: Mapping[str, Any], tools: Tools) -> None:
    raise Unsendable("The door", threading.Lock())


def unsendable_result(request: Mapping[str, Any], tools: Tools) -> Any:
    return threading.Lock()


def leave(request: Mapping[str, Any], tools: Tools) -> None:
    sys.exit(3)


def die(request: Mapping[str, Any], tools: Tools) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_inside_a_message(request: Mapping[str, Any], tools: Tools) -> None:
    os.write(int(sys.argv[1]), b"\0\0\0\0\0\0\x10\0abc")
    os.kill(os.getpid(), signal.SIGKILL)


def result_of(request: Mapping[str, Any], tools: Tools) -> bytes:
    return bytes(request["size"])


def noisy(request: Mapping[str, Any], tools: Tools) -> str:
    for number in range(request["lines"]):
        tools.log(f"line {number} " + "x" * 500)
        tools.progress(number / request["lines"], "writing")
    return "done"


def asking(request: Mapping[str, Any], tools: Tools) -> list[Any]:
    return [tools.ask(number) for number in range(3)]


def sleep(request: Mapping[str, Any], tools: Tools) -> int:
    """Report the process and one that it started, then sleep."""
    helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    tools.publish({"processes": [os.getpid(), helper.pid]})
    while True:
        time.sleep(0.02)


def step(request: Mapping[str, Any], tools: Tools) -> None:
    """Advance steadily, for ever."""
    for number in range(1_000_000):
        tools.progress(number / 1_000_000, "stepping")
        time.sleep(0.02)


def until_stopped(request: Mapping[str, Any], tools: Tools) -> str:
    stopped = threading.Event()
    tools.on_stop(stopped.set)
    tools.publish({"type": "standing", "steps": 1})
    return "stopped" if stopped.wait(20) else "nothing came"


def count_in_file(request: Mapping[str, Any], tools: Tools) -> None:
    """Leave a trace of having been done."""
    with (tools.place.home / "done").open("a") as file:
        file.write(f"{request['number']}\n")


def die_the_first_times(request: Mapping[str, Any], tools: Tools) -> str:
    trace = Path(request["trace"])
    tried = len(trace.read_text()) if trace.exists() else 0
    trace.write_text("x" * (tried + 1))
    if tried < request["times"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def hoard(request: Mapping[str, Any], tools: Tools) -> int:
    tools.memory["much"] = bytearray(os.urandom(1024)) * (request["megabytes"] * 1024)
    return os.getpid()


def strange(request: Mapping[str, Any], tools: Tools) -> None:
    tools.log("a \0\ud800 b")
    tools.progress(0.5, "at \ud800\0")
    raise InputError("This \ud800\0 is strange.")
