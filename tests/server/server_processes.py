"""Real server processes, `wick up`, for tests and benchmarks."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class ServerProcess:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://{LOOPBACK}:{self.port}/ws"


@contextmanager
def server_process(home: Path, *arguments: str, wait: bool = True, **env: str) -> Iterator[ServerProcess]:
    """`wick up` over a folder; where `wait`, it is ready."""
    port = free_port()
    command = [sys.executable, "-m", "wickwork", "up", "--port", str(port), *arguments]
    given = {**os.environ, "WICKWORK_HOME": str(home), **env}
    with tempfile.NamedTemporaryFile("w", prefix="wick-up-", suffix=".log", delete=False) as log:
        process = subprocess.Popen(command, env=given, stdout=log, stderr=log)  # noqa: S603
    server = ServerProcess(port, process, Path(log.name))
    try:
        if wait:
            wait_for(server)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        server.log.unlink()


def wait_for(server: ServerProcess) -> str:
    """Wait until the server is ready, and return its link."""
    while server.process.poll() is None:
        if found := re.search(r"http://\S+/enter\?link=\S+", server.log.read_text()):
            return found.group()
        time.sleep(0.02)
    raise RuntimeError(f"The server did not start: {server.log.read_text()[-2000:]}")
