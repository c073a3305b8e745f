"""What the server takes for its work: `python benchmarks/server.py [--quick] [--only …] [--markdown FILE]`.

`wick up` runs as a process of its own on loopback, with a folder of its own; the clients are bare asyncio in this one
(`http_clients.py`). Both share the processor, so the times include what the clients take.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from http_clients import HOST, Http, open_sockets

from wickwork import Strategy, strategy, ta, trade
from wickwork.graph.document import to_text

Row = tuple[str, str, str]
SPAN = {"timeframe": "1h", "instruments": ["BTC/USDT"], "start": "2023-01-01", "end": "2025-04-13T08:00"}
"""20,000 bars of the demo market."""


@dataclass(frozen=True)
class Up:
    """A running server, and a token of its administrator."""

    port: int
    token: str
    process: subprocess.Popen[bytes]
    seconds: float
    """From the start of the process until the link was printed."""

    def megabytes(self) -> float:
        """The resident size of the process without its children."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", text)
        return int(found.group(1)) / 1024 if found else float("nan")

    def cpu_seconds(self) -> float:
        """What the process has used of the processor, without its children."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wick(home: Path, *arguments: str) -> list[str]:
    """The command line, and the folder in the environment."""
    os.environ["WICKWORK_HOME"] = str(home)
    return [sys.executable, "-m", "wickwork", *arguments]


@contextmanager
def up(home: Path, workers: int = 1) -> Iterator[Up]:
    """`wick up` over a folder until the block ends."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    began = time.perf_counter()
    command = wick(home, "up", "--port", str(port), "--workers", str(workers))
    log = (home.parent / "server.log").open("ab+")
    where = log.seek(0, os.SEEK_END)
    process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        while not (found := re.search(rb"/enter\?link=(\S+)", Path(log.name).read_bytes()[where:])):
            if process.poll() is not None:
                raise RuntimeError(Path(log.name).read_text()[-2000:])
            time.sleep(0.002)
        seconds = time.perf_counter() - began
        yield Up(port, asyncio.run(_token(home, found.group(1).decode())), process, seconds)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


async def _token(home: Path, link: str) -> str:
    from wickwork.server.serve import open_services
    from wickwork.services import identity
    from wickwork.settings import Settings

    services = open_services(Settings(), home)
    try:
        return (await identity.create_token(services, await identity.local_admin(services), f"benchmark {link[:8]}"))[1]
    finally:
        await services.database.close()


def twelve(fast: int) -> Strategy:
    """A graph of a dozen nodes, of which one parameter changes."""
    with strategy("twelve") as s:
        close = s.bars.close
        a, b = ta.ema(close, period=fast, name="fast"), ta.ema(close, period=300, name="slow")
        r, v = ta.rsi(close, period=14, name="rsi"), ta.atr(period=14, name="atr")
        up_ = ta.crosses_above(a, b) & (r > 40.0) & (close > b - v)
        trade.buy(when=up_, size=trade.percent_of_equity(50))
        trade.close(when=ta.crosses_below(a, b))
    return s


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values is."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ms(seconds: float) -> str:
    """Milliseconds as a text."""
    return f"{seconds * 1000:,.1f} ms"


def ready(home: Path, quick: bool) -> list[Row]:
    """From the start of the process to the printed link, at which requests are answered."""
    cold, warm = [], []
    for _ in range(3 if quick else 7):
        with tempfile.TemporaryDirectory() as empty, up(Path(empty) / "home") as server:
            cold.append(server.seconds)
        with up(home) as server:
            warm.append(server.seconds)
    text = f"{len(warm)} starts"
    return [
        ("ready, new folder", f"{statistics.median(cold):.2f} s ({min(cold):.2f} – {max(cold):.2f})", text),
        ("ready, used folder", f"{statistics.median(warm):.2f} s ({min(warm):.2f} – {max(warm):.2f})", "at most 1.5 s"),
    ]


async def evaluate(server: Up, quick: bool) -> list[Row]:
    """A slider: one request after the other, each with another period."""
    client, times, bars, nodes = Http(server.port, server.token), [], 0, 0
    for number in range(5 + (30 if quick else 200)):
        graph = json.loads(to_text(twelve(5 + number).graph))
        nodes = len(graph["nodes"])
        body = json.dumps({"graph": graph, **SPAN, "wires": ["fast", "slow"]}).encode()
        began = time.perf_counter()
        status, answer = await client.request("POST", "/api/evaluate", body)
        if status != 200:
            raise RuntimeError(f"{status} {answer[:500]!r}")
        if number >= 5:  # the first ones load bars and compile
            times.append(time.perf_counter() - began)
        found = json.loads(answer)
        if found["faults"]:
            raise RuntimeError(str(found["faults"]))
        bars = found["bars"]
    client.close()
    what = f"evaluate, {bars:,} bars, {nodes} nodes, another parameter each time"
    return [(what, f"p50 {ms(percentile(times, 0.5))}, p95 {ms(percentile(times, 0.95))}", "p95 at most 60 ms")]


async def window(server: Up, quick: bool) -> list[Row]:
    """A chart of 100,000 bars, as the page asks for it."""
    client, times, size = Http(server.port, server.token), [], 0
    path = "/api/bars?instrument=BTC/USDT&timeframe=1m&data=demo&start=2024-01-01&end=2024-03-10T10:40"
    status, answer = await client.request("GET", path)
    if status != 200:
        client.close()
        print(f"SKIPPED: the window of bars; GET {path} answered {status}: {answer[:200]!r}", file=sys.stderr)
        return [("chart window of 100,000 bars", f"not measured: /api/bars answers {status}", "")]
    for _ in range(20 if quick else 100):
        began = time.perf_counter()
        status, answer = await client.request("GET", path)
        times.append(time.perf_counter() - began)
        size = len(answer)
    client.close()
    value = f"p50 {ms(percentile(times, 0.5))}, p95 {ms(percentile(times, 0.95))}, {size / 1000:,.0f} kB"
    return [("chart window of 100,000 bars", value, "p95 at most 80 ms, 400 kB")]


async def fan_out(server: Up, quick: bool) -> list[Row]:
    """One message, and 1,000 clients that wait for it; then with 100 more that do not read."""
    count, rounds = (200, 3) if quick else (1000, 15)
    before = server.megabytes()
    sockets = await open_sockets(count, server.port, server.token, b'"canceled"')
    rows = []
    client = Http(server.port, server.token)
    for stalled in (0, count // 10):
        extra = await open_sockets(stalled, server.port, server.token, b"never")
        for one in extra:
            one.stall()
        lasts, spreads = [], []
        for number in range(rounds):
            for one in sockets:
                one.received_at = 0.0
            await _publish(client, number + 1000 * stalled)
            until = time.perf_counter() + 10
            while time.perf_counter() < until and not all(one.received_at for one in sockets):
                await asyncio.sleep(0.01)
            received = [one.received_at for one in sockets]
            if not all(received):
                raise RuntimeError(f"{sum(not at for at in received)} of {count} clients did not receive the message.")
            spreads.append(max(received) - min(received))
            lasts.append(max(received))
            gc.collect()
        what = f"{count:,} WebSockets receive one message" + (f", {stalled} more do not read" if stalled else "")
        value = f"first client to last {ms(statistics.median(spreads))} (worst {ms(max(spreads))})"
        rows.append((what, f"{value}; +{server.megabytes() - before:.0f} MB", "50 ms, 100 MB"))
        if stalled and not quick:
            rows.append(await _evicted(extra))
        for one in extra:
            one.close()
    for one in sockets:
        one.close()
    client.close()
    return rows


async def _evicted(stalled: Sequence[Any]) -> Row:
    """When the server ended the connections that do not read: they see it as soon as they read again."""
    await asyncio.sleep(28)
    for one in stalled:
        one._transport.resume_reading()
    await asyncio.sleep(1)
    closed = sum(bool(one.closed_at) for one in stalled)
    return (f"{len(stalled)} WebSockets that do not read", f"{closed} closed after 29 s", "all within 30 s")


async def _publish(client: Http, number: int) -> None:
    """A job is made and canceled, which gives messages; the last one is the one that is waited for."""
    end = f"{2000 + number % 20}-01-01"
    graph = {"nodes": {}, "wires": []}
    body = {"graph": graph, "start": "1990-01-01", "end": end, "capital": 1000.0 + number}
    job = await client.json("POST", "/api/backtests", body)
    await client.json("POST", f"/api/jobs/{job['id']}/cancel")


async def light(server: Up, quick: bool) -> list[Row]:
    """600 requests per second on a schedule, over 16 connections, while two backtests run one after the other."""
    rate, seconds = 600, 5 if quick else 20
    starter = Http(server.port, server.token)
    node = "/api/nodes/ema"
    paths = [node, "/api/strategies", "/api/session"]
    for name in ("one", "two", "three"):
        await starter.json("POST", "/api/strategies", {"name": f"{name} {time.time()}"})
    jobs = []
    for capital in (1000.0, 2000.0):
        body = {"graph": json.loads(to_text(twelve(9).graph)), "timeframe": "1m", "start": "2019-01-01"}
        job = await starter.json("POST", "/api/backtests", {**body, "end": "2025-01-01", "capital": capital})
        jobs.append(job["id"])
    queue: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
    times: list[float] = []
    errors = 0

    async def serve() -> None:
        nonlocal errors
        client = Http(server.port, server.token)
        while True:
            due, path = await queue.get()
            status, _ = await client.request("GET", path)
            times.append(time.perf_counter() - due)
            errors += status != 200

    tasks = [asyncio.ensure_future(serve()) for _ in range(16)]
    used, began = server.cpu_seconds(), time.perf_counter()
    for number in range(rate * seconds):
        due = began + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        queue.put_nowait((due, paths[number % 3]))
    while len(times) < rate * seconds:
        await asyncio.sleep(0.01)
    lasted = time.perf_counter() - began
    used = server.cpu_seconds() - used
    states = [(await starter.json("GET", f"/api/jobs/{job}"))["state"] for job in jobs]
    for job in jobs:
        await starter.json("POST", f"/api/jobs/{job}/cancel")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    starter.close()
    what = f"{rate} light requests per second for {seconds} s beside two jobs ({', '.join(states)})"
    value = f"p50 {ms(percentile(times, 0.5))}, p99 {ms(percentile(times, 0.99))}, {errors} errors"
    cost = f"{used / len(times) * 1e6:,.0f} µs of processor each, {len(times) / lasted:,.0f} per second"
    return [(what, f"{value}; {cost}", "p99 at most 50 ms")]


MEASURES: dict[str, tuple[Callable[[Up, bool], Any], int]] = {
    "evaluate": (evaluate, 1),
    "window": (window, 1),
    "sockets": (fan_out, 0),
    "light": (light, 2),
}
"""What is measured on a running server, with how many processes for jobs."""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--only", default="", help=f"of ready, {', '.join(MEASURES)}")
    parser.add_argument("--markdown", type=Path, help="write the table there as well")
    given = parser.parse_args()
    only = given.only.split(",") if given.only else ["ready", *MEASURES]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with up(home):
            pass
        if "ready" in only:
            rows += ready(home, given.quick)
        for name, (measure, workers) in MEASURES.items():
            if name in only:
                try:
                    with up(home, workers) as server:
                        rows += asyncio.run(measure(server, given.quick))
                except (RuntimeError, OSError, EOFError) as error:
                    print(f"NOT MEASURED: {name}: {error}", file=sys.stderr)
                    rows.append((name, "not measured: it failed", ""))
    load = os.getloadavg()[0]
    text = "\n".join(
        [
            "# The server",
            "",
            f"`python benchmarks/server.py`, {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
            f"{os.cpu_count()} cores, loopback, SQLite. Load of the machine at the end: {load:.1f}.",
            "",
            "| what | measured | to reach |",
            "|---|---|---|",
            *(f"| {' | '.join(row)} |" for row in rows),
            "",
        ]
    )
    print(text)
    if given.markdown:
        given.markdown.write_text(text)


if __name__ == "__main__":
    main()
