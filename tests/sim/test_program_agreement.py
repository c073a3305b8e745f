"""Whole programs against the slow interpreter and the reference venue, bit for bit.

The compiled machine runs a random graph over random markets in blocks of a random size; the interpreter of
tests/reference calls each node's plain function once a bar, and the reference venue, which shares no code with the
compiled one, does what they ask. Every report must be the same.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.promises.programs import SINGLE, Case, case_of, example_keys
from tests.promises.random_graphs import described
from tests.reference.program import decide_of, slow_lanes
from tests.sim.both import report, run_slow
from tests.sim.random_markets import random_market
from wickwork.graph.types import STATES_OF_RUN, OrderState
from wickwork.orders.records import REASONS

CASES = int(os.environ.get("WICKWORK_PROGRAM_CASES", "240"))
FIRST = int(os.environ.get("WICKWORK_PROGRAM_FIRST", "0"))
PER_TEST = 60
REPORTS = (
    "fills ends working denied equity cash positions ambiguous fees funding slippage".split()  # noqa: SIM905
)


def disagreement(case: Case, block: int) -> tuple[str, Any, Any]:
    """The first report in which the two differ, '' for none, and the reports of both."""
    lanes = slow_lanes(case.validated, case.markets, case.base, case.config.capital)
    slow = run_slow(case.markets, case.config, decide_of(lanes))
    machine = case.run(block=block)
    fast = report(machine)
    for name in REPORTS:
        a, b = getattr(slow, name), getattr(fast, name)
        if repr(a) != repr(b):
            rows, lengths = ((a, b),), (a, b)
            if isinstance(a, list):
                rows, lengths = zip(a, b, strict=False), (len(a), len(b))
            first = next(((x, y) for x, y in rows if repr(x) != repr(y)), lengths)
            return f"{name}: slow {first[0]!r}, fast {first[1]!r}", slow, fast
    rows = machine.output("notifications")
    written = [(*row[:1], *row[2:]) for lane in range(len(lanes)) for row in rows[rows["lane"] == lane].tolist()]
    wanted = [row for lane in lanes for row in sorted(lane.messages, key=lambda row: row[:2])]
    if repr(written) != repr(wanted):
        return f"messages: slow {wanted}, fast {written}", slow, fast
    counts = np.maximum(machine.arrays["suppressed_signals"], 0).tolist()
    kept = [[lane.while_held[action] for action in range(len(counts[0]))] for lane in lanes]
    return "" if counts == kept else f"signals while held: slow {kept}, fast {counts}", slow, fast


def one(key: str, block: int) -> Counter[str]:
    """Compare one case, and count what happened in it."""
    case = case_of(key)
    fault, slow, _ = disagreement(case, block)
    assert not fault, f"{key}, block {block}: {fault}\n{described(case.validated)}"
    reading = {kind for node in case.validated.nodes.values() for _, kind in node.arguments}
    seen = Counter(
        cases=1, fills=len(slow.fills), closed_orders=len(slow.ends), denied=len(slow.denied), busy=bool(slow.fills)
    )
    seen["reading"] = bool(slow.fills and reading & set(STATES_OF_RUN))
    seen["order states"] = bool(slow.fills and OrderState in reading)
    seen["several"] = len(case.markets) > 1 and len({fill[1] for fill in slow.fills}) > 1
    seen["ambiguous"] = slow.ambiguous
    seen["comparing"] = len(case.markets) > 1 and any(node.across for node in case.validated.nodes.values())
    return seen + Counter(end[8] for end in slow.ends)


@pytest.mark.parametrize("start", range(FIRST, FIRST + CASES, PER_TEST))
def test_random_programs_agree(start: int, record_property: pytest.RecordProperty) -> None:
    seen: Counter[str] = Counter()
    for seed in range(start, min(start + PER_TEST, FIRST + CASES)):
        r = random.Random(f"size and block of {seed}")
        seen += one(f"random {seed} {r.choice((30, 80, 150))}", r.choice((1, 7, 64, 1024)))
    record_property("seen", dict(seen))
    print(f"{start} …: {dict(seen)}")  # noqa: T201
    # The cases are not empty: most of them trade, and much that can happen to an order happens.
    assert seen["fills"] > 10 * seen["cases"], seen
    assert seen["busy"] > 0.33 * seen["cases"], seen
    assert seen["reading"] > 0.2 * seen["cases"], seen
    assert seen["several"] > 0, seen
    assert seen["comparing"] > 0, seen
    if seen["cases"] == PER_TEST:
        assert sum(seen[reason] > 0 for reason in REASONS) > 6, seen


@pytest.mark.parametrize("file", SINGLE, ids=lambda file: file.name)
def test_examples_agree(file: Path, record_property: pytest.RecordProperty) -> None:
    seen: Counter[str] = Counter()
    for key in example_keys(file):
        seen += one(key, 64)
    record_property("seen", dict(seen))
    print(f"{file.name}: {dict(seen)}")  # noqa: T201
    assert seen["fills"] >= 4, seen


@pytest.mark.parametrize("lanes", [32, 33, 64, 70])
def test_more_instruments_than_a_word_has_bits(lanes: int) -> None:
    busy = set()
    for seed in range(max(3, CASES // 140)):
        r = random.Random(f"{lanes} instruments {seed}")
        case = case_of(f"random {r.randrange(10**6)} 25")
        kinds = [r.choice(("spot", "perpetual")) for _ in range(lanes)]
        markets = tuple(random_market(r, 25, kind, gaps=True, finer=False, grid=0.5) for kind in kinds)
        config = replace(case.config, capital=1e6)
        fault, slow, _ = disagreement(replace(case, markets=markets, config=config), r.choice((1, 7, 64)))
        assert not fault, f"{case.key} on {lanes} instruments: {fault}\n{described(case.validated)}"
        busy |= {fill[1] for fill in slow.fills}
    assert len(busy) > 0.5 * lanes


def test_there_are_examples() -> None:
    assert len(SINGLE) > 1
