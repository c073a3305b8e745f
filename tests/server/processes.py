"""A server in a process of its own, as `wick up` starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.ports import free_port

_RUN = (
    "import sys; from wickwork.cli import main; code = main(sys.argv[1:]); "
    "print('MODULES', *sorted({name.partition('.')[0] for name in sys.modules})); sys.exit(code)"
)


@dataclass
class Process:
    """A running server."""

    process: subprocess.Popen[str]
    home: Path
    port: int
    link: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """A client that has entered by the link."""
        with httpx.Client(base_url=self.url, timeout=30) as client:
            assert client.get(self.link).status_code == 200
            client.headers["X-CSRF-Token"] = client.cookies["wickwork-csrf"]
            yield client

    def children(self) -> list[int]:
        """The processes that it has started."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        return [int(one) for task in tasks.iterdir() for one in (task / "children").read_text().split()]

    def end(self, number: int) -> tuple[int, str, str]:
        """Send a signal; the exit code, and what was written since the link."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@contextmanager
def up(home: Path, *options: str, environment: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Start a server over a folder and wait until it answers."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", _RUN, "up", *options, "--port", str(port)],
        env={**os.environ, "WICKWORK_HOME": str(home), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(f"Wickwork is at http://127.0.0.1:{port}/enter?link="), (line, process.poll())
        yield Process(process, home, port, line.removeprefix("Wickwork is at ").strip())
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)
