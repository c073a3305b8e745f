"""A row of the order table that is used again brings nothing along from the order that had it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.sim.both import fast_machine, report, run_fast
from tests.sim.random_markets import random_config, random_decide, some_markets
from wickwork.engine.bot import state_of
from wickwork.engine.machine import OUTPUTS, Machine
from wickwork.orders.records import ORDER

WRONG = {"f": -7.25, "i": 3}
"""Neither nothing nor anything that an order would have."""


def soil(machine: Machine) -> None:
    """Write what is wrong into every row that holds no working order."""
    orders, slots = machine.arrays["orders"], machine.arrays["slots"]
    for number, lane in enumerate(machine.arrays["lanes"]):
        first = number * machine.capacity
        idle = first + slots[first + int(lane["count"]) : first + machine.capacity]
        for name in ORDER.names or ():
            orders[name][idle] = WRONG[ORDER.fields[name][0].kind]  # type: ignore[index]


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_rows_used_again_are_as_new(start: int) -> None:
    fills = 0
    for seed in range(start, start + 100):
        r = random.Random(f"rows {seed}")
        markets = some_markets(r, 20)
        config, decide = random_config(r), random_decide(seed, markets, 0.7)
        clean, soiled = fast_machine(markets, config), fast_machine(markets, config)
        run_fast(markets, config, decide, clean)
        go_on = soiled.run

        def run(stop: int, machine: Machine = soiled, go_on=go_on) -> None:  # type: ignore[no-untyped-def]
            soil(machine)
            go_on(stop)

        soil(soiled)
        soiled.run = run  # type: ignore[method-assign]
        run_fast(markets, config, decide, soiled)
        assert repr(report(soiled)) == repr(report(clean)), seed
        for name in OUTPUTS:
            np.testing.assert_array_equal(soiled.output(name), clean.output(name), f"{name} of seed {seed}")
        assert state_of(soiled) == state_of(clean), seed
        fills += clean.written("fills")
    assert fills > 300
