"""Run all combinations of a parameter space; those that differ only in numbers share one program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.feed import Feed
from wickwork.engine.variants import MEMORY, NodeValues, run_variants
from wickwork.graph.check import ValidatedGraph
from wickwork.graph.program import plan
from wickwork.orders.records import ACCOUNT
from wickwork.research.parameter_space import ParameterSpace, parameter_of
from wickwork.sim.terms import Terms
from wickwork.strategies.load import Loaded


def validated_graph(loaded: Loaded, space: ParameterSpace, number: int) -> ValidatedGraph:
    """The validated graph with the parameters of one combination."""
    return loaded.with_params(space.params(number)).check()


def run_combinations(
    loaded: Loaded,
    space: ParameterSpace,
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
    account = np.zeros(len(space), ACCOUNT) if account is None else account
    done = 0

    def count(runs: int) -> None:
        nonlocal done
        done += runs
        if progress is not None:
            progress(done, len(space))

    for rows in _groups_of_one_program(loaded, space):
        graph = validated_graph(loaded, space, int(rows[0]))
        varying, chosen = _all_node_values(graph, space, rows)
        values = {node: [s.values for s in own] for node, own in varying.items()}
        program = plan(graph, feed.timeframe, values, cache=loaded.cache)
        finished = np.zeros(len(rows), ACCOUNT)
        try:
            run_variants(
                program, feed, terms, varying, chosen,
                workers=workers, memory=memory, progress=count, account=finished,
            )  # fmt: skip
        finally:
            account[rows] = finished
    return account


def _groups_of_one_program(loaded: Loaded, space: ParameterSpace) -> list[NDArray[np.intp]]:
    """Group the combinations by program: those of one group differ only in plain numbers.

    A program also depends on choices, timeframes, the positions in which actions are evaluated, required inputs, the
    legs whose states are read, and the numbers of groups of which one order cancels the other.
    """
    graph = validated_graph(loaded, space, 0)
    keys = []
    for k, name in enumerate(space.axes):
        if not all(_is_plain(graph, *end) for end in space.ends(name)):
            keys.append(space.chosen[:, k])
    for node, axes in _nodes_of(space).items():
        rows, which = np.unique(space.chosen[:, list(axes.values())], axis=0, return_inverse=True)
        kinds: dict[tuple[object, ...], int] = {}
        kind_of = []
        for row in rows.tolist():
            values = _node_values(graph, space, node, axes, row).values
            one = graph.nodes[node]
            one.warmup_bars(values)
            kind = one.evaluated_in(values), one.needs_wired(values), one.leg_read(values), values.get("oco", 0)
            kind_of.append(kinds.setdefault(kind, len(kinds)))
        keys.append(np.array(kind_of)[which.ravel()])
    _, which = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)
    which = which.ravel()
    order = np.argsort(which, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(which[order])) + 1)


def _all_node_values(
    graph: ValidatedGraph, space: ParameterSpace, rows: NDArray[np.intp]
) -> tuple[dict[str, list[NodeValues]], NDArray[np.int64]]:
    """The values of each varying node, and for every combination which one it has."""
    varying, chosen = {}, []
    for node, axes in _nodes_of(space).items():
        different, which = np.unique(space.chosen[rows][:, list(axes.values())], axis=0, return_inverse=True)
        varying[node] = [_node_values(graph, space, node, axes, row) for row in different.tolist()]
        chosen.append(which.ravel())
    return varying, np.stack(chosen, axis=1).astype(np.int64)


def _nodes_of(space: ParameterSpace) -> dict[str, dict[str, int]]:
    """The nodes that vary; of each its parameters, with the index of the axis that sets them."""
    nodes: dict[str, dict[str, int]] = {}
    for k, name in enumerate(space.axes):
        for node, param in space.ends(name):
            nodes.setdefault(node, {})[param] = k
    return nodes


def _is_plain(graph: ValidatedGraph, node: str, param: str) -> bool:
    """Whether a parameter is a plain number, which can vary within one program."""
    p = parameter_of(graph, node, param)
    return p is None or (p.type in (int, float) and not (p.choices or p.timeframe or p.time_of_day))


def _node_values(
    graph: ValidatedGraph, space: ParameterSpace, node: str, axes: Mapping[str, int], row: Sequence[int]
) -> NodeValues:
    """All values of a node, with the given choice for its varying parameters."""
    names = list(space.axes)
    values, literals = dict(graph.values[node]), dict(graph.literals[node])
    for (own, k), i in zip(axes.items(), row, strict=True):
        value, parameter = space.axes[names[k]][i], parameter_of(graph, node, own)
        if parameter is None:
            literals[own] = float(value)
        else:
            values[own] = parameter.check(node, value)
    return NodeValues(values, literals)
