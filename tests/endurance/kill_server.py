"""A server that is killed again and again loses nothing that it has acknowledged, and records no job twice.

`python -m tests.endurance.kill_server [sqlite|postgresql] [kills] [seed]`

The real `wick up` runs over a database. A client saves strategies and versions and starts backtest jobs, each with its
own starting cash, and keeps every answer that says that something was done. At random moments the server, its children,
or all of them get SIGKILL; the server is started again. At the end, everything that was acknowledged must be there as
it was, every job must be done with exactly one run, and `wick db verify` must find nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from tests import databases
from tests.ports import free_port
from tests.store.database.made import graph_text
from wickwork.server.serve import open_services
from wickwork.services import identity
from wickwork.settings import load_settings
from wickwork.store.database import schema
from wickwork.store.database.tables import Job, Run, Strategy, StrategyVersion

_PATIENCE = 120.0
"""Seconds for a start, and for the jobs that are left at the end."""
_MOST_WAITING = 12
"""Jobs of the client that are not done; more would only wait."""


@dataclass
class Acknowledged:
    """What the server said that it had done."""

    strategies: dict[str, str] = field(default_factory=dict)
    """The name, by id."""
    versions: dict[tuple[str, int], str] = field(default_factory=dict)
    """The note of every version, by the id of the strategy and the number."""
    jobs: dict[str, float] = field(default_factory=dict)
    """The cash of the run, by the id of the job."""
    done: dict[str, str] = field(default_factory=dict)
    """The id of the run, by that of a job that was said to be done."""
    strange: list[str] = field(default_factory=list)
    """Answers that no state of the server explains."""

    def count(self) -> int:
        """How many things these are."""
        return len(self.versions) + len(self.jobs) + len(self.done)


@dataclass
class Installation:
    """A folder with a configuration, over which servers are started."""

    home: Path
    port: int
    command: list[str]
    """What starts `wick`, such as `python -m wickwork`."""
    token: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> Path:
        """The configuration that names the database."""
        return self.home / "config.yaml"

    def prepare(self, database_url: str) -> None:
        """Write the configuration, make the database and a token of the administrator."""
        self.home.mkdir(parents=True, exist_ok=True)
        secret = self.home / "database-url"
        secret.write_text(database_url)
        self.config.write_text(
            f"home: {self.home}\nserver:\n  database: {{file: {secret}}}\n  port: {self.port}\n  workers: 1\n"
        )
        self.token = asyncio.run(self._token())

    async def _token(self) -> str:
        services = open_services(load_settings(self.config, None, []), self.home)
        await schema.upgrade(services.database)
        await identity.first_start(services)
        secret = (await identity.create_token(services, await identity.local_admin(services), "kills"))[1]
        await services.database.close()
        return secret

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "up", str(self.config)], stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + _PATIENCE
        while True:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/api/health").status_code == 200:
                    return
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError((self.home / "log").read_text()[-3000:])
            time.sleep(0.05)

    def runs(self) -> bool:
        """Whether the server's process is there."""
        return self.process is not None and self.process.poll() is None

    def kill(self, what: str) -> bool:
        """Send SIGKILL to the `server`, its `children` or `all`; whether the server has to be started again."""
        assert self.process is not None
        if what == "children":
            for child in _children(self.process.pid):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            return not self.runs()
        if what == "all":
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        return True

    def stop(self) -> None:
        """End the server as an operator does."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def verify(self) -> str:
        """What `wick db verify` finds; an empty text where that is nothing."""
        command = [*self.command, "db", "verify", str(self.config)]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
        return "" if ended.returncode == 0 else ended.stdout + ended.stderr


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(path.parent.name))
    return found


class Client(threading.Thread):
    """Saves and starts things until it is told to end, and keeps what was acknowledged."""

    def __init__(self, where: Installation, seed: int) -> None:
        super().__init__(daemon=True)
        self._where = where
        self.kept = Acknowledged()
        self.ending = threading.Event()
        self._http = httpx.Client(
            base_url=where.url, headers={"Authorization": f"Bearer {where.token}"}, timeout=10, trust_env=False
        )
        self._chance = random.Random(seed)
        self._graph = json.loads(graph_text())
        self._number = 0

    def run(self) -> None:
        """Go on until `ending` is set."""
        while not self.ending.is_set():
            self._number += 1
            try:
                self._one()
            except httpx.HTTPError:
                time.sleep(0.02)  # the server was killed; whether this was done nobody knows
            time.sleep(self._chance.uniform(0, 0.03))

    def _one(self) -> None:
        kept, number = self.kept, self._number
        what = self._chance.random()
        if what < 0.4 or not kept.strategies:
            name = f"strategy {number}"
            made = self._acknowledged("POST", "/api/strategies", {"name": name, "graph": self._graph})
            if made:
                kept.strategies[made["id"]] = name
                kept.versions[made["id"], made["version"]] = ""
        elif what < 0.7:
            which, note = self._chance.choice(list(kept.strategies)), f"note {number}"
            body = {"graph": _with_notes(note), "note": note}  # the same text again would be no new version
            made = self._acknowledged("POST", f"/api/strategies/{which}/versions", body)
            if made:
                kept.versions[which, made["version"]] = note
        elif len(kept.jobs) - len(kept.done) < _MOST_WAITING:
            which, cash = self._chance.choice(list(kept.strategies)), 10_000.0 + number
            request = {"strategy": {"id": which}, "timeframe": "1h", "end": "2024-01-20", "capital": cash}
            job = self._acknowledged("POST", "/api/backtests", request)
            if job:
                kept.jobs[job["id"]] = cash
                self._look(job)
        else:
            waiting = [one for one in kept.jobs if one not in kept.done]
            job = self._acknowledged("GET", f"/api/jobs/{self._chance.choice(waiting)}")
            if job:
                self._look(job)

    def _look(self, job: Any) -> None:
        if job["state"] == "done":
            self.kept.done[job["id"]] = job["result"]["run"]

    def _acknowledged(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, path, json=body)
        if answer.status_code in (200, 201, 202):
            return answer.json()
        if answer.status_code != 503:
            self.kept.strange.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return None

    def wait_for_more(self, count: int) -> None:
        """Wait until so many more things were acknowledged, or the server has ended."""
        until, wanted = time.monotonic() + _PATIENCE, self.kept.count() + count
        while self.kept.count() < wanted and time.monotonic() < until and self._where.runs():
            time.sleep(0.01)

    def close(self) -> None:
        """End, and close the connections."""
        self.ending.set()
        if self.is_alive():
            self.join()
        self._http.close()

    def wait_for_jobs(self) -> None:
        """Wait until every acknowledged job has ended."""
        until = time.monotonic() + _PATIENCE
        for one in self.kept.jobs:
            while time.monotonic() < until:
                if not self._where.runs():
                    self._where.start()
                with suppress(httpx.HTTPError):
                    answer = self._http.get(f"/api/jobs/{one}")
                    if answer.status_code == 404 or answer.json().get("state") not in ("queued", "running", None):
                        break
                time.sleep(0.1)


def faults(where: Installation, kept: Acknowledged) -> list[str]:
    """What is wrong after all kills, as sentences."""
    found = list(kept.strange)
    found += asyncio.run(_faults(where, kept))
    wrong = where.verify()
    return [*found, f"`wick db verify`: {wrong}"] if wrong else found


def _with_notes(note: str) -> Any:
    """The graph that was saved with that note."""
    graph = json.loads(graph_text())
    return {**graph, "notes": note} if note else graph


async def _faults(where: Installation, kept: Acknowledged) -> list[str]:
    services = open_services(load_settings(where.config, None, []), where.home)
    found = []
    async with services.database.reading() as session:
        names = {one.id: one.name for one in await session.scalars(select(Strategy))}
        notes = {
            (v.strategy_id, v.number): (v.note, v.document) for v in await session.scalars(select(StrategyVersion))
        }
        jobs = {one.id: one for one in await session.scalars(select(Job))}
        runs = list(await session.scalars(select(Run)))
    await services.database.close()
    by_id, by_cash = {one.id: one for one in runs}, Counter(one.request["capital"] for one in runs)
    found += [f"The strategy {i} is lost." for i, name in kept.strategies.items() if names.get(i) != name]
    found += [
        f"Version {key[1]} of the strategy {key[0]} is lost."
        for key, note in kept.versions.items()
        if (known := notes.get(key)) is None or (known[0], json.loads(known[1])) != (note, _with_notes(note))
    ]
    for one, cash in kept.jobs.items():
        job = jobs.get(one)
        if job is None:
            found.append(f"The job {one} is lost.")
        elif job.state == "failed" and job.attempts >= 3 and "before it was done" in str(job.error):
            continue  # its process was killed three times, which it reports
        elif job.state != "done":
            found.append(f"The job {one} is {job.state} after all ({job.error}).")
        elif (job.result or {}).get("run") not in by_id or by_id[job.result["run"]].request["capital"] != cash:
            found.append(f"The run of the job {one} is lost.")
        elif kept.done.get(one, job.result["run"]) != job.result["run"]:
            found.append(f"The job {one} has another run than the one that was shown.")
    found += [f"{count} runs were recorded for one job ({cash})." for cash, count in by_cash.items() if count != 1]
    return found


def run(
    where: Installation, kills: int, seed: int = 1, server: databases.Server | None = None
) -> tuple[Acknowledged, list[str]]:
    """Kill the server that often; return what was acknowledged, and what is wrong at the end.

    With a `server` of PostgreSQL, that is killed and started again as well, once in the middle.
    """
    chance = random.Random(seed)
    client = Client(where, seed)
    try:
        where.start()
        client.start()
        for number in range(kills):
            if number % 4 != 3:  # every fourth kill comes while the server is starting, the others while it is at work
                client.wait_for_more(chance.randrange(1, 8))
            time.sleep(chance.uniform(0.0, 1.5))
            if where.kill(chance.choice(("server", "children", "all")) if number else "server"):
                where.start()
            if server is not None and number == kills // 2:
                server.stop("immediate")
                time.sleep(0.5)
                server.start()
        client.wait_for_more(1)
        client.ending.set()
        client.join()
        client.wait_for_jobs()
    finally:
        client.close()
        where.stop()
    return client.kept, faults(where, client.kept)


def main(kind: str = "sqlite", kills: str = "20", seed: str = "1") -> int:
    """Run the long form over a fresh installation."""
    with tempfile.TemporaryDirectory(prefix="wick-kills-") as folder:
        where = Installation(Path(folder) / "home", free_port(), [sys.executable, "-m", "wickwork"])
        if kind == "sqlite":
            where.prepare(f"sqlite:///{where.home / 'wickwork.sqlite'}")
            kept, found = run(where, int(kills), int(seed))
        else:
            with databases.postgresql() as server:
                assert server is not None
                server.run("CREATE DATABASE kills")
                where.prepare(server.url("kills"))
                kept, found = run(where, int(kills), int(seed), server)
    amounts = f"{len(kept.strategies)} strategies, {len(kept.versions)} versions, {len(kept.jobs)} jobs"
    sys.stdout.write(f"{kind}, {kills} kills: {amounts} acknowledged; {len(found)} faults\n")
    sys.stdout.writelines(f"  {one}\n" for one in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
