"""Running one node that compares instruments alone, over the columns of several lanes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import harness
import numpy as np
from harness import Block, Column

from wickwork.graph.block import Shape
from wickwork.graph.node import Node
from wickwork.graph.signature import Value
from wickwork.graph.types import Port

Lanes = Sequence[Sequence[Column]]
"""For each lane the columns of its inputs."""


def comparing() -> dict[str, Node]:
    """The nodes that compare instruments."""
    return {n.name: n for n in harness.CATALOGUE.values() if n.across}


def over(
    node: Node,
    lanes: Lanes,
    values: Mapping[str, Value] | None = None,
    *,
    splits: Iterable[int] = (),
    block: Block | None = None,
) -> list[Column]:
    """The results of each lane, computed in blocks that end at `splits`."""
    n = len(lanes[0][0])
    checked = node.check(values or {})
    params = np.array([*(p.number(checked[p.name]) for p in node.parameters), 0.0])
    results = [np.full(n, -77.0) for _ in lanes]
    inputs = np.array([[c.ctypes.data for c in columns] for columns in lanes], np.int64)
    outputs = np.zeros_like(inputs)
    outputs[:, 0] = [c.ctypes.data for c in results]
    scratch = np.zeros(len(lanes) * (len(node.inputs) + 1))
    block = block or harness.machine_code(node)
    for begin, end in itertools.pairwise([0, *splits, n]):
        block(
            scratch.ctypes.data, inputs.ctypes.data, outputs.ctypes.data, params.ctypes.data,
            begin, end - begin, len(lanes), inputs.strides[0], 0,
        )  # fmt: skip
    return results


def plain(node: Node) -> Block:
    """The block function as plain Python."""
    block: Block = harness.block_function(Shape(node))
    return block


def columns(node: Node, kind: str, seed: int, *, lanes: int, n: int = 60) -> list[list[Column]]:
    """Values of every lane: a `walk`, `ties` of few values, `patchy` with holes, or `strange` numbers."""
    noise = np.random.default_rng([seed, lanes])

    def one(port: Port) -> Column:
        if port is not Port.SERIES:
            values = (noise.random(n) < 0.4).astype(np.float64)
        elif kind == "ties":
            values = noise.integers(-2, 3, n) * 0.5
        elif kind == "strange":
            values = noise.choice([0.0, -0.0, 1.0, -1e300, 1e300, 1e-300, 3.0, 1e12], n)
        else:
            values = 100.0 + np.cumsum(noise.normal(0.0, 1.0, n))
        holes = noise.random(n) < (0.3 if kind == "patchy" else 0.0)
        return np.where(holes, noise.choice([np.nan, np.inf]), values)

    return [[one(entry.port) for entry in node.inputs] for _ in range(lanes)]
