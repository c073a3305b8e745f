"""Combinations of a grid made ready to run: what one program can serve runs together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.feed import Feed
from wickwork.engine.variants import MEMORY, NodeValues, run_variants
from wickwork.graph.check import Sound
from wickwork.graph.program import plan
from wickwork.orders.records import ACCOUNT
from wickwork.research.grid import Grid, parameter_of
from wickwork.sim.terms import Terms
from wickwork.strategies.load import Loaded


def sound_of(loaded: Loaded, grid: Grid, number: int) -> Sound:
    """The graph with the parameters of one combination, checked."""
    return Loaded(loaded.graph.with_params(grid.params(number)), loaded.catalogue).check()


def run_grid(
    loaded: Loaded,
    grid: Grid,
    feed: Feed,
    terms: Terms,
    *,
    workers: int = 0,
    memory: int = MEMORY,
    progress: Callable[[int, int], None] | None = None,
    account: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """The accounts (rows of `ACCOUNT`) after the last bar, of every combination; also written to `account` if given.

    On KeyboardInterrupt the rows of combinations that were not finished are zeros.
    """
    account = np.zeros(len(grid), ACCOUNT) if account is None else account
    done = 0

    def count(runs: int) -> None:
        nonlocal done
        done += runs
        if progress is not None:
            progress(done, len(grid))

    for rows in _alike(loaded, grid):
        sound = sound_of(loaded, grid, int(rows[0]))
        varying, chosen = _all_node_values(sound, grid, rows)
        program = plan(sound, feed.timeframe, {node: [s.values for s in own] for node, own in varying.items()})
        finished = np.zeros(len(rows), ACCOUNT)
        try:
            run_variants(
                program, feed, terms, varying, chosen,
                workers=workers, memory=memory, progress=count, account=finished,
            )  # fmt: skip
        finally:
            account[rows] = finished
    return account


def _alike(loaded: Loaded, grid: Grid) -> list[NDArray[np.intp]]:
    """Combinations that one program serves: they differ in plain numbers alone.

    What else decides over a program: choices and timeframes; when an action is heard; which inputs must be wired.
    """
    sound = sound_of(loaded, grid, 0)
    keys = []
    for k, name in enumerate(grid.axes):
        if not _is_plain(sound, name):
            keys.append(grid.chosen[:, k])
    for node, axes in _nodes_of(grid).items():
        rows, which = np.unique(grid.chosen[:, axes], axis=0, return_inverse=True)
        kinds: dict[tuple[object, ...], int] = {}
        kind_of = []
        for row in rows.tolist():
            values = _node_values(sound, grid, node, axes, row).values
            one = sound.nodes[node]
            one.need(values)
            kind_of.append(kinds.setdefault((one.heard(values), one.needs_wired(values)), len(kinds)))
        keys.append(np.array(kind_of)[which.ravel()])
    _, which = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)
    which = which.ravel()
    order = np.argsort(which, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(which[order])) + 1)


def _all_node_values(
    sound: Sound, grid: Grid, rows: NDArray[np.intp]
) -> tuple[dict[str, list[NodeValues]], NDArray[np.int64]]:
    """All settings of each varying node, and for every combination which one it has."""
    varying, chosen = {}, []
    for node, axes in _nodes_of(grid).items():
        different, which = np.unique(grid.chosen[rows][:, axes], axis=0, return_inverse=True)
        varying[node] = [_node_values(sound, grid, node, axes, row) for row in different.tolist()]
        chosen.append(which.ravel())
    return varying, np.stack(chosen, axis=1).astype(np.int64)


def _nodes_of(grid: Grid) -> dict[str, list[int]]:
    """The nodes that vary, and which parameters of the grid are theirs."""
    nodes: dict[str, list[int]] = {}
    for k, name in enumerate(grid.axes):
        nodes.setdefault(name.partition(".")[0], []).append(k)
    return nodes


def _is_plain(sound: Sound, name: str) -> bool:
    """Whether a parameter is a plain number, which a program can exchange."""
    parameter = parameter_of(sound, name)
    return parameter is None or (parameter.type in (int, float) and not parameter.words and not parameter.timeframe)


def _node_values(sound: Sound, grid: Grid, node: str, axes: Sequence[int], row: Sequence[int]) -> NodeValues:
    """All settings of a node, with these values of its parameters of the grid."""
    names = list(grid.axes)
    values, literals = dict(sound.values[node]), dict(sound.literals[node])
    for k, i in zip(axes, row, strict=True):
        own, value = names[k].partition(".")[2], grid.axes[names[k]][i]
        if parameter_of(sound, names[k]) is None:
            literals[own] = float(value)
        else:
            values[own] = value
    return NodeValues(values, literals)
