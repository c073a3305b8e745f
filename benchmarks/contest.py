"""Contestants side by side on one work: a process each, their runs interleaved, the first call apart."""

from __future__ import annotations

import json
import os
import select
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environments import Rival, Unavailable

WORKER = Path(__file__).parent / "worker.py"
START_SECONDS, CALL_SECONDS = 120.0, 240.0
LEAST_RUNS, PATIENCE = 3, 4
"""For so many runs a contestant may take so many times its budget: a median wants three of them."""
SWEEP_BARS, UNIVERSE_BARS = 50_000, 38 * 50_000


@dataclass(frozen=True)
class Contestant:
    """A rival in one of its variants, and the Python that runs it."""

    rival: Rival
    variant: str
    python: Path

    @property
    def label(self) -> str:
        """How the tables call it."""
        return f"{self.rival.title}, {self.variant}" if self.variant else self.rival.title

    @property
    def measured(self) -> bool:
        """Whether the others are held against it: Wickwork's whole public path."""
        return not self.rival.dependencies and not self.variant


@dataclass
class Row:
    """What one contestant did on one work."""

    work: str
    label: str
    measured: bool
    size: int
    """Bars; pairs in a sweep; 1 for the universe."""
    note: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    first: float = 0.0
    """Seconds of the first call in a new process."""
    seconds: list[float] = field(default_factory=list)
    results: dict[str, float | None] = field(default_factory=dict)
    peak_mb: float = 0.0
    error: str = ""

    @property
    def cells(self) -> int:
        """Bars that were gone through: over all pairs of a sweep, over all instruments of the universe."""
        return {"sweep": SWEEP_BARS * self.size, "universe": UNIVERSE_BARS}.get(self.work, self.size)

    @property
    def median(self) -> float:
        """The median of the runs after the first, in seconds."""
        return statistics.median(self.seconds)


class Worker:
    """A contestant's process, and one question at a time."""

    def __init__(self, contestant: Contestant, bars: Path, log: Path) -> None:
        command = [contestant.python, "-P", WORKER, contestant.rival.file, contestant.variant, bars]
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        self.held = b""

    def ask(self, question: str) -> dict[str, Any]:
        """Have a work done once."""
        assert self.process.stdin
        try:
            self.process.stdin.write(f"{question}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Unavailable("ended without an answer") from None
        return self.answer(CALL_SECONDS)

    def answer(self, limit: float) -> dict[str, Any]:
        """The next answer, or `Unavailable` with what went wrong."""
        assert self.process.stdout
        pipe, until = self.process.stdout.fileno(), time.monotonic() + limit
        while b"\n" not in self.held:
            if not select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
                raise Unavailable(f"stopped: no answer within {limit:.0f} s")
            part = os.read(pipe, 65_536)
            if not part:
                raise Unavailable(f"ended without an answer (exit code {self.process.wait()})")
            self.held += part
        line, self.held = self.held.split(b"\n", 1)
        said: dict[str, Any] = json.loads(line)
        if "error" in said:
            raise Unavailable(said["error"])
        return said

    def close(self) -> None:
        """End the process and what it started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            with suppress(BrokenPipeError):
                pipe.close()


def sizes_of(offers: Sequence[tuple[Contestant, int]], size: int) -> list[tuple[Contestant, int]]:
    """Who runs how much: each as much as it offers, and Wickwork as much as any of them, so that like meets like."""
    wanted = [(one, min(size, most)) for one, most in offers]
    others = sorted({n for one, n in wanted if not one.measured})
    ours = next((one for one, _ in wanted if one.measured), None)
    extra = [(ours, n) for n in others if (ours, n) not in wanted] if ours else []
    return wanted + extra


def contest(
    work: str,
    size: int,
    contestants: Sequence[Contestant],
    bars: Path,
    log: Path,
    *,
    runs: int,
    budget: float,
    slower: int = 1,
) -> list[Row]:
    """Run one work with everybody who offers it.

    Every round asks each contestant once. Who has used up its `budget` of seconds sits out the rounds that remain, but
    may take four times as much for the first three.
    `slower` divides what a contestant offers where that is less than `size`.
    """
    rows: list[tuple[Row, Worker]] = []
    failed: list[Row] = []
    opened: list[Worker] = []
    try:
        offers = []
        for one in contestants:
            worker = Worker(one, bars, log)
            opened.append(worker)
            try:
                said = worker.answer(START_SECONDS)
            except Unavailable as fault:
                failed.append(Row(work, one.label, one.measured, 0, error=str(fault)))
                continue
            if work in said["works"]:
                most = said["works"][work]["most"]
                offers.append((one, most if most >= size else max(1, most // slower), said, worker))
            else:
                worker.close()
                failed.append(Row(work, one.label, one.measured, 0, error="does not do this work, see README.md"))
        taken: set[Contestant] = set()
        for one, n in sizes_of([(one, most) for one, most, _, _ in offers], size):
            said, worker = next((said, worker) for other, _, said, worker in offers if other == one)
            if one in taken:  # a process of its own for each size, so that its peak of memory is its own
                worker = Worker(one, bars, log)
                opened.append(worker)
                said = worker.answer(START_SECONDS)
            taken.add(one)
            offer = said["works"][work]
            rows.append((Row(work, one.label, one.measured, n, offer["note"], said["versions"]), worker))
        _interleave(rows, runs, budget)
    finally:
        for worker in opened:
            worker.close()
    return failed + [row for row, _ in rows]


def _interleave(rows: Sequence[tuple[Row, Worker]], runs: int, budget: float) -> None:
    """The first call of everybody, then rounds."""
    for turn in range(runs + 1):
        for row, worker in rows:
            if row.error or (
                turn > 1 and sum(row.seconds) + row.median > budget * (1 if turn > LEAST_RUNS else PATIENCE)
            ):
                continue
            try:
                said = worker.ask(f"{row.work} {row.size}")
            except Unavailable as fault:
                row.error = str(fault)
                worker.close()
                continue
            if turn:
                row.seconds.append(said["seconds"])
            else:
                row.first = said["seconds"]
            row.results, row.peak_mb = said["results"], said["peak_mb"]
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
