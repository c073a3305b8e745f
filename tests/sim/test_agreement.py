"""Two venues that share no code agree, fill by fill and bit for bit, over thousands of random strategies."""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest

from tests.sim.both import run_fast, run_slow
from tests.sim.random_markets import random_config, random_decide, random_funding, random_market, random_marks

# Every case is a whole run with its own markets, terms and strategy.
CASES = int(os.environ.get("WICKWORK_AGREEMENT_CASES", "1000"))
PER_TEST = 100


def one(seed: int) -> tuple[int, int]:
    """Run one case on both venues; returns how many fills and ended orders it had."""
    r = random.Random(seed)
    lanes, gaps, finer = r.choice((1, 1, 2, 3)), r.random() < 0.3, r.random() < 0.3
    grid = r.choice((0.5, 0.5, 0.25, 0.0))
    size = r.choice((8, 20, 40))
    markets = [
        random_market(r, size, r.choice(("spot", "perpetual")), gaps=gaps, finer=finer, grid=grid) for _ in range(lanes)
    ]
    markets = [replace(market, funding=random_funding(r, market)) for market in markets]
    marks = random.Random(-seed)
    markets = [replace(market, marks=random_marks(marks, market)) for market in markets]
    config = random_config(r)
    decide = random_decide(seed, markets, r.choice((0.2, 0.5, 0.9)))
    slow, fast = run_slow(markets, config, decide), run_fast(markets, config, decide)
    for name in (
        "fills",
        "ends",
        "working",
        "denied",
        "equity",
        "cash",
        "positions",
        "ambiguous",
        "fees",
        "funding",
        "slippage",
    ):
        assert repr(getattr(fast, name)) == repr(getattr(slow, name)), f"seed {seed}: {name}"
    return len(slow.fills), len(slow.ends)


@pytest.mark.parametrize("start", range(0, CASES, PER_TEST))
def test_both_venues_agree(start: int) -> None:
    counts = [one(seed) for seed in range(start, start + PER_TEST)]
    assert sum(fills for fills, _ in counts) > 3 * PER_TEST  # the cases are not empty
