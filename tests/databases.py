"""Real databases for tests: SQLite files, and a PostgreSQL server that the tests start from the system's programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_port

KINDS = ("sqlite", "postgresql")


def programs() -> Path | None:
    """The folder of PostgreSQL's server programs, if they are installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL."""

    port: int
    folder: Path
    programs: Path

    def url(self, name: str) -> str:
        """The URL of a database of that name."""
        return f"postgresql://wick@127.0.0.1:{self.port}/{name}"

    def run(self, statement: str) -> None:
        """Run a statement of SQL as the owner of the server."""
        psql = [str(self.programs / "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "wick"]
        subprocess.run([*psql, "-qc", statement, "postgres"], check=True, capture_output=True)  # noqa: S603

    def answers(self) -> bool:
        """Whether it is running."""
        ready = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0  # noqa: S603

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self._control("start", "-w", "-o", options, "-l", str(self.folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is what a kill does."""
        self._control("stop", "-m", mode)

    def _control(self, *arguments: str) -> None:
        command = [str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-s", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **_as_other_user())  # noqa: S603


@contextmanager
def postgresql() -> Iterator[Server | None]:
    """A PostgreSQL of one's own, None where its programs are not installed."""
    where = programs()
    if where is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="wick-pg-"))
    other = _as_other_user()
    if other:
        shutil.chown(folder, other["user"])
    initdb = [str(where / "initdb"), "-D", str(folder / "data"), "-U", "wick", "-A", "trust", "-N", "-E", "UTF8"]
    subprocess.run([*initdb, "--locale=C"], check=True, stdout=subprocess.DEVNULL, **other)  # noqa: S603
    server = Server(free_port(), folder, where)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        for _ in range(20):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.1)


def _as_other_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; then it runs as its own user, or as nobody."""
    if os.name == "nt" or os.geteuid() != 0:
        return {}
    import pwd

    names = {one.pw_name for one in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": [], "cwd": "/"}
