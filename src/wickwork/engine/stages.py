"""What many runs of one program have in common, so that it is computed once.

Runs of a sweep differ in the numbers of a few *varying* nodes. A static operation depends on some of them; where those
take few different settings over all runs, its columns are computed once for each and kept for the whole history. So
a program falls into *stages*: one for each set of varying nodes whose columns are worth keeping, and the *last* one,
with all the rest and the actions, which is run every time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wickwork.graph.operation import ROW, TRIGGER, Range
from wickwork.graph.program import Program

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Stage:
    """A part of a program: some of its static rows; the last stage has the dynamic ones and the actions too."""

    program: Program
    nodes: tuple[int, ...]
    """The varying nodes on which it depends, by their position."""
    reads: tuple[tuple[int, int, int], ...]
    """Columns from stages before: (column, number of that stage, place among what that writes)."""
    writes: tuple[int, ...]
    """Columns that later stages read."""


def stages_of(program: Program, nodes: Sequence[str], chosen: IntArray, most: int) -> tuple[Stage, ...]:
    """Divide a program. `chosen` has a row per run: which setting each of the varying `nodes` has.

    `most` is how many columns of the whole history fit into memory at once; where hardly any do, nothing is shared.
    """
    rows = _needed_rows(program)
    shared = _shared(program, nodes, chosen, rows)
    while True:
        stages = _divide(program, nodes, rows, shared)
        few = chosen[:4]
        if not shared or sum(len(s.writes) * settings(few, s.nodes)[0].size for s in stages) <= most:
            return stages
        shared = set()


def settings(chosen: IntArray, nodes: Iterable[int]) -> tuple[IntArray, IntArray]:
    """The different settings that these nodes have: the first run with each, and for every run which one it has."""
    key = np.zeros(len(chosen), np.int64)
    for node in nodes:
        key = key * (int(chosen[:, node].max(initial=0)) + 1) + chosen[:, node]
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    return first, which


def tiles(stages: Sequence[Stage], chosen: IntArray, runs: IntArray, most: int) -> Iterator[IntArray]:
    """Divide the runs so that each part needs at most so many columns: along the node that has the most settings."""
    kept = sum(len(s.writes) * settings(chosen[runs], s.nodes)[0].size for s in stages)
    counts = [len(np.unique(chosen[runs, node])) for node in range(chosen.shape[1])]
    if kept <= most or len(runs) < 2 or max(counts, default=0) < 2:
        yield runs
        return
    node = int(np.argmax(counts))
    taken = np.unique(chosen[runs, node])
    lower = chosen[runs, node] < taken[len(taken) // 2]
    yield from tiles(stages, chosen, runs[lower], most)
    yield from tiles(stages, chosen, runs[~lower], most)


def _needed_rows(program: Program) -> list[int]:
    """The static rows that an action, or what reads the position, depends on."""
    needed = _read_at_last(program)
    rows = []
    for number in range(len(program.static_rows) - 1, -1, -1):
        operations = program.static_rows[number]
        if any(column in needed for o in operations for column in o.columns):
            needed.update(i for o in operations for i in o.inputs)
            rows.append(number)
    return rows[::-1]


def _read_at_last(program: Program) -> set[int]:
    """The columns that actions, the loop, or operations that read the position need."""
    read = {int(row) for row in program.actions[:, TRIGGER]} | {one.close for one in program.ranges}
    return read.union(*(o.inputs for o in program.operations if o.dynamic or o.node.verb))


def _ranges(program: Program, rows: Sequence[int], last: bool) -> tuple[Range, ...]:
    """The rows of each part of a portfolio in a stage with these static rows; the last one has all others, too."""
    found = []
    for own in program.ranges:
        first, stop = bisect_left(rows, own.static), bisect_left(rows, own.static + own.statics)
        mine = own if last else replace(own, dynamic=0, dynamics=0, action=0, actions=0, exits=0)
        found.append(replace(mine, static=first, statics=stop - first))
    return tuple(found)


def _shared(program: Program, nodes: Sequence[str], chosen: IntArray, rows: Iterable[int]) -> set[frozenset[str]]:
    """The sets of varying nodes whose settings return at least twice on average."""
    sets = {program.static_rows[number][0].varied for number in rows}
    return {s for s in sets if 2 * settings(chosen, map(nodes.index, sorted(s)))[0].size <= len(chosen)}


def _divide(
    program: Program, nodes: Sequence[str], rows: Sequence[int], shared: set[frozenset[str]]
) -> tuple[Stage, ...]:
    """Share out the rows of operations: a stage for each set of varied nodes in `shared`, the last for the rest."""
    sets: list[frozenset[str] | None] = [*sorted(shared, key=lambda s: (len(s), sorted(s))), None]
    home: dict[int, int] = {}
    mine: list[list[int]] = [[] for _ in sets]
    for number in rows:
        varied = program.static_rows[number][0].varied
        at = sets.index(varied) if varied in shared else len(sets) - 1
        mine[at].append(number)
        home |= {column: at for o in program.static_rows[number] for column in o.columns}
    read: list[list[int]] = []
    for at in range(len(sets)):
        operations = [o for number in mine[at] for o in program.static_rows[number]]
        inputs = {i for o in operations for i in o.inputs}
        if at == len(sets) - 1:
            inputs |= _read_at_last(program)
        read.append(sorted(i for i in inputs if home.get(i, at) != at))
    writes = [sorted({c for columns in read for c in columns if home[c] == at}) for at in range(len(sets))]
    none = np.zeros((0, ROW), np.int64)
    return tuple(
        Stage(
            program=replace(
                program,
                static=np.ascontiguousarray(program.static[mine[at]]),
                dynamic=program.dynamic if own is None else none,
                actions=program.actions if own is None else none,
                reads_account=program.reads_account and own is None,
                ranges=_ranges(program, mine[at], own is None),
            ),
            nodes=tuple(range(len(nodes))) if own is None else tuple(map(nodes.index, sorted(own))),
            reads=tuple((c, home[c], writes[home[c]].index(c)) for c in read[at]),
            writes=tuple(writes[at]),
        )
        for at, own in enumerate(sets)
    )
