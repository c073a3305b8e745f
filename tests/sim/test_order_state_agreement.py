"""Wires that read orders, at every bar of random programs: the compiled loop against lists of orders and fills."""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

from tests.promises.programs import Case, case_of
from tests.promises.random_graphs import described
from tests.reference.program import Lane, decide_of, slow_lanes
from tests.sim.both import fast_machine, run_slow
from wickwork.graph.program import plan
from wickwork.graph.types import OrderState

CASES = int(os.environ.get("WICKWORK_ORDER_STATE_CASES", "80"))
PER_TEST = 60


def wires_of_orders(case: Case) -> list[str]:
    """The outputs of all nodes that read the states of orders, as `node.port`."""
    return [
        f"{name}.{output.name}"
        for name, node in case.validated.nodes.items()
        if any(kind is OrderState for _, kind in node.arguments)
        for output in node.outputs
    ]


def slow_values(case: Case, wires: list[str]) -> dict[str, Any]:
    """Each wire's value at each bar, a row per instrument, from the slow interpreter."""
    lanes = slow_lanes(case.validated, case.markets, case.base, case.config.capital)
    values = {wire: np.full((len(lanes), case.size), np.nan) for wire in wires}
    decide = decide_of(lanes)

    def watched(bar: int, number: int, view: Any) -> Any:
        intents, lane = decide(bar, number, view), lanes[number]
        for wire in wires:
            values[wire][number, bar] = _value(lane, wire)
        return intents

    run_slow(case.markets, case.config, watched)
    return values


def _value(lane: Lane, wire: str) -> float:
    node, _, port = wire.partition(".")
    return float(lane.values[node, port])


def fast_values(case: Case, wires: list[str], block: int) -> dict[str, Any]:
    """The same from the loop."""
    program = plan(case.validated, case.base)
    keep = {wire: program.names[wire].index for wire in wires}
    machine = fast_machine(case.markets, case.config, program, keep=keep, block=block)
    machine.run(case.size)
    return machine.kept


def difference(case: Case, block: int) -> str:
    """The first value in which the two differ; '' for none."""
    wires = wires_of_orders(case)
    slow, fast = slow_values(case, wires), fast_values(case, wires, block)
    for wire in wires:
        for lane, bar in np.argwhere(slow[wire].view(np.int64) != fast[wire].view(np.int64)).tolist():
            a, b = slow[wire][lane, bar], fast[wire][lane, bar]
            if not (np.isnan(a) and np.isnan(b)):
                return f"{wire} of instrument {lane} at bar {bar}: slow {a!r}, fast {b!r}"
    return ""


@pytest.mark.parametrize("start", range(0, CASES, PER_TEST))
def test_order_states_agree(start: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(start, start + PER_TEST):
        r = random.Random(f"order states of {seed}")
        case, block = case_of(f"random {seed} {r.choice((30, 80, 150))}"), r.choice((1, 7, 64, 1024))
        if not wires_of_orders(case):
            continue
        fault = difference(case, block)
        assert not fault, f"{case.key}, block {block}: {fault}\n{described(case.validated)}"
        for wire, values in fast_values(case, wires_of_orders(case), block).items():
            seen[wire.rpartition(".")[2]] += int((values > 0.0).any())
    print(f"{start} …: {dict(seen)}")  # noqa: T201
    least = {"filled": 5, "working": 4, "complete": 5, "canceled": 3, "price": 1, "remaining": 4, "average": 5}
    assert all(seen[port] >= count for port, count in least.items()), seen
