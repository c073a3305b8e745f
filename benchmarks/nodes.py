"""Nanoseconds per bar of every node, compiled, over a million bars: `python benchmarks/nodes.py [name …]`.

Left out are nodes that need a run around them: data from outside, actions, positions and orders, other instruments.

Blocks of 1,024 bars, as a program runs them. The columns hold 16,384 bars that are gone through again and again, so
that they are in the cache, as the results of other nodes in a program are. The median of seven runs.
"""

from __future__ import annotations

import ctypes
import statistics
import sys
import time

import numpy as np

from wickwork.graph.block import Shape
from wickwork.graph.kernel import BLOCK_ARGUMENTS, address_of
from wickwork.graph.node import Node
from wickwork.graph.operation import OTHER, OUTSIDE, SOURCE
from wickwork.graph.types import STATES_OF_RUN, Port, Surrounding
from wickwork.nodes import builtin

BARS = 1_000_000
BLOCK = 1_024
HELD = 16 * BLOCK
RUNS = 7
MINUTE = 60_000


def columns_of(node: Node) -> list[np.ndarray]:
    """Input columns for the node: a random walk, its bars, random conditions."""
    noise = np.random.default_rng(1)
    close = 100.0 * np.exp(np.cumsum(noise.normal(0.0, 1e-3, HELD)))
    open_ = np.concatenate([close[:1], close[:-1]])
    high, low = np.maximum(open_, close) * 1.001, np.minimum(open_, close) * 0.999
    columns: list[np.ndarray] = []
    for _, kind in node.arguments:
        if kind is Port.BARS:
            columns += [open_, high, low, close, noise.lognormal(2.0, 1.0, HELD)]
        elif kind is Surrounding.MOMENT:
            columns.append(np.arange(HELD, dtype=np.int64) * MINUTE)
        elif kind in (Port.CONDITION, Port.EVENT):
            columns.append((noise.random(HELD) < 0.3).astype(np.float64))
        elif kind is Port.SERIES:
            columns.append(close * noise.normal(1.0, 1e-3, HELD) if columns else close)
    return columns


def nanoseconds(node: Node) -> float:
    """The median time per bar, default parameters."""
    values = node.check({})
    numbers = [p.number(values[p.name]) for p in node.parameters] + [float(k) for k in node.lengths(values)]
    params = np.array([*numbers, float(MINUTE)])
    columns = columns_of(node)
    outputs = [np.empty(HELD) for o in node.outputs if o.port is not Port.BARS]
    inputs = np.array([c.ctypes.data for c in columns] or [0], dtype=np.int64)
    answers = np.array([c.ctypes.data for c in outputs], dtype=np.int64)
    block = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * BLOCK_ARGUMENTS)(address_of(Shape(node)))
    times = []
    for _ in range(RUNS):
        state = np.array(node.start(values) or [0.0])
        where = [ctypes.c_int64(a.ctypes.data) for a in (state, inputs, answers, params)]
        zero = ctypes.c_int64(0)
        calls = [(ctypes.c_int64(k % HELD), ctypes.c_int64(min(BLOCK, BARS - k))) for k in range(0, BARS, BLOCK)]
        begin = time.perf_counter_ns()
        for offset, n in calls:
            block(*where, offset, n, zero, zero, zero)
        times.append((time.perf_counter_ns() - begin) / BARS)
    return statistics.median(times)


def alone(node: Node) -> bool:
    """True for a node that computes, without orders, position, account or other lanes: not one that brings data in."""
    asked = {kind for _, kind in node.arguments}
    given = node.name in (SOURCE, OTHER, OUTSIDE)
    return not node.verb and not node.across and not given and not asked & set(STATES_OF_RUN)


def main() -> None:
    """Print the table, the slowest node last."""
    wanted = sys.argv[1:] or list(builtin())
    for name in wanted:
        if name not in builtin():
            sys.exit(f"There is no node {name!r}; `wick nodes` lists them.")
    wanted = [name for name in wanted if alone(builtin()[name])]
    table = sorted((nanoseconds(builtin()[name]), name) for name in wanted)
    print(f"{'node':<26}{'memory':<8}ns/bar")
    for ns, name in table:
        print(f"{name:<26}{'yes' if builtin()[name].memory else '':<8}{ns:6.2f}")


if __name__ == "__main__":
    main()
