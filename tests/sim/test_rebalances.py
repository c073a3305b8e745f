"""Rebalances of several instruments on one account."""

from __future__ import annotations

import random

from tests.sim.both import run_fast, run_slow
from tests.sim.random_markets import random_config, random_decide, random_market


def test_random_strategies_sell_in_a_later_instrument_before_they_buy_in_an_earlier_one() -> None:
    turned = 0
    for seed in range(0, 120, 3):  # those of them that rebalance
        r = random.Random(seed)
        markets = [random_market(r, 20, "spot", gaps=False, finer=False, grid=0.5) for _ in range(3)]
        config = random_config(r)
        decide = random_decide(seed, markets, 0.2)
        slow, fast = run_slow(markets, config, decide), run_fast(markets, config, decide)
        assert repr(slow.fills) == repr(fast.fills)
        rows = list(zip(slow.fills, slow.fills[1:], strict=False))
        turned += sum(a[0] == b[0] and a[1] > b[1] and a[3] < 0 < b[3] for a, b in rows)
    assert turned > 10
