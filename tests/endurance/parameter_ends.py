"""Every node at the ends of the ranges of its parameters: `python -m tests.endurance.parameter_ends [NODE ...]`.

Each parameter at its lowest and its highest value, the others at their defaults, then all of them at the same end; over
random, flat, silent, very small and very large prices, as long as the warm-up and 500 bars more. No output may leave
its range, be known before the warm-up or be missing after it; and it agrees with the node's slow twin, where that takes
no more than `PATIENCE` seconds.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "promises"))

import harness
from harness import Market, market, walk

from tests.nodes.test_agreement import disagreement
from wickwork.graph.node import Node
from wickwork.graph.signature import Parameter, Value
from wickwork.graph.types import Port

PATIENCE = 6
LARGEST = 1.797e308
COMPARED = 6_500  # bars; twins of longer runs take too long
ORDINARY = ("walk", "ticks")
VALID = (*ORDINARY, "flat", "silent", "tiny")


@cache
def markets(n: int) -> tuple[Market, ...]:
    """Ordinary and extreme prices of that many bars."""
    ticks = np.round(100.0 + np.cumsum(np.random.default_rng(3).integers(-1, 2, n)) * 0.1, 1)
    flat = np.full(n, 0.1)
    return (
        market("walk", walk(n)), market("ticks", ticks, wick=0.0), market("flat", flat, wick=0.0),
        market("silent", flat, wick=0.0, volume=np.zeros(n)), market("tiny", walk(n) * 1e-14),
        market("huge", walk(n) * 1e10), market("wild", walk(n, step=1.0)),
    )  # fmt: skip


def ends(p: Parameter) -> list[Value]:
    """The values of a parameter that are furthest apart."""
    if p.choices:
        return list(p.choices)
    if p.type is bool:
        return [False, True]
    if p.type is str or p.timeframe or not p.between:
        return [p.default]
    return ["00:00", "23:59"] if p.time_of_day else [p.type(p.between.low), p.type(p.between.high)]


def settings(node: Node) -> list[dict[str, Value]]:
    """Each parameter at each end; then all at the first, and all at the last."""
    found: list[dict[str, Value]] = [{p.name: value} for p in node.parameters for value in ends(p)]
    if node.parameters:
        found += [{p.name: ends(p)[k] for p in node.parameters} for k in (0, -1)]
    return [v for i, v in enumerate(found) if v not in found[:i]]


def faults(node: Node) -> Iterator[str]:
    """What is wrong with the node at these ends."""
    for values in settings(node):
        need = node.warmup_bars(node.check(values))
        n = (need // 500 + 2) * 500
        for where in markets(n):
            outputs = harness.run(node, where.columns(node), values)
            for port, column in zip([o for o in node.outputs if o.port is not Port.BARS], outputs, strict=True):
                wrong = _wrong(node, port.name, column, need, valid=where.name in VALID)
                if wrong:
                    yield f"{node.name} {values} on {where.name}: {wrong}"
            if where.name in ORDINARY and n <= COMPARED:
                other = _differs(node, where, values)
                if other:
                    yield f"on {where.name}: {other}"


def _wrong(node: Node, name: str, column: harness.Column, need: int, *, valid: bool) -> str:
    output = node.output(name)
    assert output is not None
    low, high = (output.between.low, output.between.high) if output.between else (-LARGEST, LARGEST)
    known = column[~np.isnan(column)]
    if not ((known >= low) & (known <= high)).all():
        return f"{name} leaves {low:g} … {high:g}: {known.min()!r} … {known.max()!r}"
    if node.sparse or not valid:
        return ""
    early, late = column[: need - 1], column[need - 1 :]
    word = output.port in (Port.CONDITION, Port.EVENT)
    if not (np.isnan(early) | (word & (early == 0.0))).all():
        return f"{name} is known before its warm-up of {need} bars"
    return "" if output.may_be_missing or np.isfinite(late).all() else f"{name} is missing after {need} bars"


class _TooSlow(Exception):
    pass


def _ring(number: int, frame: FrameType | None) -> None:
    raise _TooSlow


def _differs(node: Node, where: Market, values: dict[str, Value]) -> str:
    """What the twin says differently; nothing where it takes too long."""
    signal.signal(signal.SIGALRM, _ring)
    signal.alarm(PATIENCE)
    try:
        return disagreement(node, where.columns(node), values)
    except _TooSlow:
        return ""
    finally:
        signal.alarm(0)


def main() -> None:
    """Go through the nodes that are named, or all."""
    nodes, count = harness.nodes(), 0
    for name in sys.argv[1:] or nodes:
        for fault in faults(nodes[name]):
            count += 1
            print(fault, flush=True)
    print(f"{count} faults in {len(sys.argv[1:] or nodes)} nodes")


if __name__ == "__main__":
    main()
