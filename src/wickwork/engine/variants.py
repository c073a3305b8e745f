"""One program over the same bars with many different numbers: only the account of each run is kept.

Every run has the same bits as a run on its own; the same functions compute it. What runs have in common
is computed once (`stages`), they run side by side on all processors, and no run costs Python any time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.compiling import compiled_loop
from wickwork.engine.feed import Feed
from wickwork.engine.loop.repeat import JOB, repeat
from wickwork.engine.machine import STATE, Machine
from wickwork.engine.stages import IntArray, Stage, settings, stages_of, tiles
from wickwork.graph.native import invoke, native
from wickwork.graph.program import Program
from wickwork.graph.signature import Value
from wickwork.orders.records import ACCOUNT, CAPACITY
from wickwork.sim.terms import Terms

MEMORY = 128 << 20
"""Bytes for columns that runs share."""
NEAR = 4 << 20
"""Bytes of columns that consecutive runs share, so that they stay in the processor's cache."""
LINE = 8
"""Numbers in a line of the cache."""
BATCH = 4_000_000
"""Bars of all runs between two reads of the clock: some ten milliseconds."""


@dataclass(frozen=True)
class NodeValues:
    """All that can be set on one node: checked parameters, and fixed values of inputs."""

    values: Mapping[str, Value]
    literals: Mapping[str, float]


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_variants(
    program: Program,
    feed: Feed,
    terms: Terms,
    varying: Mapping[str, Sequence[NodeValues]],
    chosen: IntArray,
    *,
    workers: int = 0,
    memory: int = MEMORY,
    progress: Callable[[int], None] = lambda runs: None,
    account: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """The accounts (rows of `ACCOUNT`) after each of the runs, also written to `account` if that is given.

    On KeyboardInterrupt `account` has the runs that were finished; the rows of all others are zeros.

    `program` was planned with these varying nodes; `chosen` has a row per run and a column per varying node: which of
    its settings that has. `memory` bounds what shared columns take, in bytes. `progress` is called with the number of
    runs that have finished since its last call.
    """
    nodes = list(varying)
    column = 8 * -(-feed.size // LINE) * LINE * len(feed.instruments)
    stages = stages_of(program, nodes, chosen, memory // column)
    numbers = [_numbers(program, name, varying[name]) for name in nodes]
    account = np.zeros(len(chosen), ACCOUNT) if account is None else account
    count = workers or processors()
    with ThreadPoolExecutor(count) as pool:
        runners = [_StageRunner(stage, feed, terms, numbers, count) for stage in stages]
        for tile in tiles(stages, chosen, np.arange(len(chosen)), memory // column):
            order = np.concatenate(list(tiles(stages, chosen, tile, NEAR // column)))
            finished = np.zeros(len(order), ACCOUNT)
            try:
                _run_tile(pool, runners, chosen[order], finished, progress)
            finally:
                account[order] = finished
    return account


def _run_tile(
    pool: ThreadPoolExecutor,
    runners: Sequence[_StageRunner],
    chosen: IntArray,
    account: NDArray[Any],
    progress: Callable[[int], None],
) -> None:
    """Runs whose shared columns fit into memory together; the columns are gone when they are done."""
    made: list[_Made] = []
    for runner in runners[:-1]:
        first, which = settings(chosen, runner.stage.nodes)
        columns = _empty_columns(len(first), len(runner.stage.writes), len(runner.feed.instruments), runner.feed.size)
        unused = np.zeros(len(first), ACCOUNT)
        runner.run(pool, chosen[first], made, first, columns, unused, lambda runs: None)
        made.append(_Made(columns, which))
    runners[-1].run(pool, chosen, made, np.arange(len(chosen)), None, account, progress)


def _empty_columns(*shape: int) -> NDArray[np.float64]:
    """Room for columns (setting, place, lane, bar), each of which begins where a line of the cache does."""
    *many, size = shape
    long = -(-size // LINE) * LINE
    columns = np.empty(math.prod(many) * long + LINE)
    skip = -(columns.ctypes.data // 8) % LINE
    return columns[skip : skip + math.prod(many) * long].reshape(*many, long)


@dataclass(frozen=True)
class _Made:
    """What a stage computed for a tile: columns (setting, place, lane, bar), and which setting each run has."""

    columns: NDArray[np.float64]
    which: IntArray

    def address(self, setting: IntArray, place: int, lane: int) -> IntArray:
        """The addresses of one column of a lane in these settings."""
        _, places, lanes, long = self.columns.shape
        return self.columns.ctypes.data + 8 * long * ((setting * places + place) * lanes + lane)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Numbers:
    """What the settings of one node change: numbers at places of `params`, and constant columns; a row per setting."""

    places: tuple[int, ...]
    values: NDArray[np.float64]
    constants: tuple[int, ...]
    numbers: NDArray[np.float64]


def _numbers(program: Program, name: str, given: Sequence[NodeValues]) -> _Numbers:
    """Where the program keeps the numbers of a node, and those of each of its settings."""
    node = program.validated.nodes[name]
    first = f"{name}.{node.parameters[0].name}" if node.parameters else ""
    start = program.parameter_places.get(first, (-1,))[0]
    rows = [[*map(float, node.numbers(s.values).values()), *map(float, node.lengths(s.values))] for s in given]
    values = np.array(rows if start >= 0 else [[] for _ in given], np.float64)
    own = {key: column for key, column in program.constant_places.items() if key.partition(".")[0] == name}
    numbers = [[_constant(program, name, key.partition(".")[2], s) for key in own] for s in given]
    return _Numbers(
        tuple(range(start, start + values.shape[1])), values, tuple(own.values()), np.array(numbers, np.float64)
    )


def _constant(program: Program, name: str, port: str, setting: NodeValues) -> float:
    """The number of a constant column: a fixed value of an input, or what a node without inputs answers."""
    node = program.validated.nodes[name]
    entry = node.input(port)
    if entry is None:
        return float(node.step(**node.numbers(setting.values)))
    return setting.literals.get(port, entry.default)


class _StageRunner:
    """One stage and the machines that run it, one for each worker."""

    def __init__(self, stage: Stage, feed: Feed, terms: Terms, numbers: Sequence[_Numbers], workers: int) -> None:
        self.stage, self.feed, self.terms = stage, feed, terms
        self.numbers = [numbers[node] for node in stage.nodes]
        self.lanes = range(len(feed.instruments))
        self.machines: SimpleQueue[_Repeater] = SimpleQueue()
        self.workers, self.made = workers, 0

    def run(
        self,
        pool: ThreadPoolExecutor,
        chosen: IntArray,
        made: Sequence[_Made],
        runs: IntArray,
        columns: NDArray[np.float64] | None,
        account: NDArray[Any],
        progress: Callable[[int], None],
    ) -> None:
        """Run the stage with the settings `chosen`; `runs` are runs of the tile that have them.

        The accounts are written to `account`, a row per run; after an error no run is going on any more.
        """
        tables = {**self._tables(chosen, made, runs, columns), "accounts": account}
        count = len(runs)
        step = max(1, min(BATCH // (self.feed.size * len(self.lanes)), -(-count // (4 * self.workers))))
        starts = range(0, count, step)
        while self.made < min(self.workers, len(starts)):
            self.machines.put(_Repeater(self.stage, self.feed, self.terms, self.numbers))
            self.made += 1
        futures = [pool.submit(self._some, tables, first, min(first + step, count)) for first in starts]
        try:
            for future in as_completed(futures):
                progress(future.result())
        finally:
            for future in futures:
                future.cancel()
            wait(futures)

    def _some(self, tables: Mapping[str, NDArray[Any]], first: int, last: int) -> int:
        """Do the runs `first` to `last` on an idle machine, on a larger one where its order tables fill up."""
        machine = self.machines.get()
        try:
            at = machine.run(tables, first, last)
            while at < last:
                machine = _Repeater(self.stage, self.feed, self.terms, self.numbers, 2 * machine.machine.capacity)
                at = machine.run(tables, at, last)
        finally:
            self.machines.put(machine)
        return last - first

    def _tables(
        self, chosen: IntArray, made: Sequence[_Made], runs: IntArray, columns: NDArray[np.float64] | None
    ) -> dict[str, NDArray[Any]]:
        """One row per run: its parameters, its constants, and the addresses of its columns."""
        count = len(runs)
        wide = [made[source].address(made[source].which[runs], place, lane)
                for lane in self.lanes for _, source, place in self.stage.reads]  # fmt: skip
        values = [own.values[chosen[:, node]] for node, own in zip(self.stage.nodes, self.numbers, strict=True)]
        numbers = [own.numbers[chosen[:, node]] for node, own in zip(self.stage.nodes, self.numbers, strict=True)]
        addresses = np.zeros((count, len(self.lanes) * (len(self.stage.reads) + len(self.stage.writes))), np.int64)
        for k, column in enumerate(wide):
            addresses[:, k] = column
        if columns is not None:
            own = _Made(columns, np.arange(count))
            for k, (lane, place) in enumerate((g, w) for g in self.lanes for w in range(len(self.stage.writes))):
                addresses[:, len(wide) + k] = own.address(own.which, place, lane)
        return {
            "values": np.ascontiguousarray(np.hstack([np.zeros((count, 0)), *values])),
            "numbers": np.ascontiguousarray(np.hstack([np.zeros((count, 0)), *numbers])),
            "addresses": addresses,
        }


class _Repeater:
    """A machine that does run after run."""

    def __init__(
        self, stage: Stage, feed: Feed, terms: Terms, numbers: Sequence[_Numbers], capacity: int = CAPACITY
    ) -> None:
        self.machine = machine = Machine(stage.program, feed, terms, equity=False, capacity=capacity)
        lanes = range(len(feed.instruments))
        columns = [[column for column, _, _ in stage.reads], list(stage.writes)]
        rows = [(lane * stage.program.columns + c, 0) for part in columns for lane in lanes for c in part]
        self.beginnings = {name: machine.arrays[name].copy() for name in STATE}
        self.arrays = {
            "memories": np.array([
                (machine.arrays[name].ctypes.data, begin.ctypes.data, begin.nbytes // 8)
                for name, begin in self.beginnings.items()
            ], np.int64),
            "param_indices": np.array([p for own in numbers for p in own.places], np.int64),
            "constants": np.array([c for own in numbers for c in own.constants], np.int64),
            "external_columns": np.array(rows, np.int64).reshape(-1, 2),
        }  # fmt: skip
        machine.frame["external_columns"], machine.frame["external_count"] = (
            self.arrays["external_columns"].ctypes.data,
            len(rows),
        )
        self.job = np.zeros(1, JOB)
        job = self.job
        job["frame"], job["run"], job["size"] = machine.address, compiled_loop(cache=stage.program.cache).run, feed.size
        job["params"], job["words"] = machine.arrays["params"].ctypes.data, ACCOUNT.itemsize // 8
        for name, array in self.arrays.items():
            job[name] = array.ctypes.data
        job["memory_count"], job["external_count"] = len(self.beginnings), len(rows)
        job["param_count"], job["constant_count"] = len(self.arrays["param_indices"]), len(self.arrays["constants"])

    def run(self, tables: Mapping[str, NDArray[Any]], first: int, last: int) -> int:
        """Do some of the runs of these tables; returns the first one for which the order tables are too small."""
        for name, table in tables.items():
            self.job[name] = table.ctypes.data
        invoke(native(repeat, 3, self.machine.program.cache), self.job.ctypes.data, first, last)
        return int(self.job["done"][0])
