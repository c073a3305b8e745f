"""Rounding, spread, slippage and fees."""

from __future__ import annotations

from tests.reference.values import Config

from .notation import FILLED, Case, F, close, enter, limit, sell, stop
from .volume import H

HALF = {"tick": 0.5}

ROUNDING = [
    # 98.3 → 98
    Case("buy limit down", [F, (100, 101, 98.2, 99)], {0: [enter(**limit(98.3))]}, working={1}, market=HALF),
    Case(
        "buy limit down, touched",
        [F, (100, 101, 98, 99)],
        {0: [enter(**limit(98.3))]},
        [(1, 1, 1, 98)],
        {1: FILLED},
        market=HALF,
    ),
    # 105.1 → 105.5
    Case(
        "sell limit up",
        [F, F, (100, 106, 99, 100)],
        {0: [enter()], 1: [sell(**limit(105.1))]},
        [(1, 1, 1, 100), (2, -1, 1, 105.5)],
        {1: FILLED, 2: FILLED},
        market=HALF,
    ),
    # 102.3 → 102; 95.2 → 95.5
    Case(
        "triggers are reached no later",
        [F, (100, 102, 99, 101), (100, 101, 95.5, 96)],
        {0: [enter(**stop(102.3))], 1: [sell(**stop(95.2))]},
        [(1, 1, 1, 102), (2, -1, 1, 95.5)],
        {1: FILLED, 2: FILLED},
        market=HALF,
    ),
    # 100 × 0.953 = 95.3 → 95.5
    Case(
        "legs round as well",
        [F, (100, 101, 95.5, 96)],
        {0: [enter(stop_loss=("share", 0.047))]},
        [(1, 1, 1, 100), (1, -1, 1, 95.5)],
        {1: FILLED, 2: FILLED},
        market=HALF,
        reading="section 11 rounds legs too",
    ),
    # 100.12 → 100.5; 99.88 → 99.5
    Case(
        "a taker's price rounds away from the account",
        [F, F, F],
        {0: [enter()], 1: [close()]},
        [(1, 1, 1, 100.5), (2, -1, 1, 99.5)],
        {1: FILLED, 2: FILLED},
        Config(slippage_model="percent", slippage=0.0012),
        market=HALF,
        slippage=1.0,
    ),
    Case("quantity down to the lot", [F, F], {0: [enter(1.27)]}, [(1, 1, 1.2, 100)], {1: FILLED}, market={"lot": 0.1}),
    # 1 / 0.3 = 3.33 → 3 × 0.3
    Case("an odd lot", [F, F], {0: [enter(1)]}, [(1, 1, 0.9, 100)], {1: FILLED}, market={"lot": 0.3}),
    # 0.29 × 100 is 28.999999999999996 to a float: still 29 lots
    Case("exactly 29 lots", [F, F], {0: [enter(0.29)]}, [(1, 1, 0.29, 100)], {1: FILLED}, market={"lot": 0.01}),
    # 50 % of 3 lots is 1
    Case(
        "part of a position down to the lot",
        [F, F, F],
        {0: [enter(3)], 1: [close(50)]},
        [(1, 1, 3, 100), (2, -1, 1, 100)],
        {1: FILLED, 2: FILLED},
        market={"lot": 1.0},
    ),
]

# Fourteen true ranges of 2 (bars 1 … 14); the ATR of the bars before bar 15 is 2.
RANGES = [(100, 101, 99, 100)] * 15

COSTS = [
    Case(
        "spread",  # 100 × (1 ± 0.001)
        [F, F, F],
        {0: [enter()], 1: [close()]},
        [(1, 1, 1, 100.1), (2, -1, 1, 99.9)],
        {1: FILLED, 2: FILLED},
        Config(spread=0.002),
        slippage=0.2,
    ),
    Case(
        "percent and spread",  # 0.001 + 0.0005
        [F, F],
        {0: [enter()]},
        [(1, 1, 1, 100.15)],
        {1: FILLED},
        Config(spread=0.002, slippage_model="percent", slippage=0.0005),
    ),
    Case(
        "fixed",
        [F, F],
        {0: [enter()]},
        [(1, 1, 1, 100.25)],
        {1: FILLED},
        Config(slippage_model="fixed", slippage=0.25),
    ),
    # v = 10 / 100; 0.1 × 0.01 = 0.001
    Case(
        "volume",
        [F, H],
        {0: [enter(10)]},
        [(1, 1, 10, 100.1)],
        {1: FILLED},
        Config(slippage_model="volume", slippage=0.1),
        slippage=1.0,
    ),
    # v = min(1, 20 / 10) = 1
    Case(
        "volume, more than there is",
        [F, (100, 100, 100, 100, 10)],
        {0: [enter(20)]},
        [(1, 1, 20, 110)],
        {1: FILLED},
        Config(slippage_model="volume", slippage=0.1),
    ),
    Case(
        "ATR while it warms up",
        [F, F],
        {0: [enter()]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        Config(slippage_model="atr", slippage=0.5),
    ),
    Case(
        "ATR of fourteen bars is not there in bar 14",
        RANGES,
        {13: [enter()]},
        [(14, 1, 1, 100)],
        {1: FILLED},
        Config(slippage_model="atr", slippage=0.5),
    ),
    # 0.5 × 2 / 100 = 0.01; the range of bar 15 itself does not count
    Case(
        "ATR",
        [*RANGES, (100, 150, 50, 100)],
        {14: [enter()]},
        [(15, 1, 1, 101)],
        {1: FILLED},
        Config(slippage_model="atr", slippage=0.5),
    ),
    # bar 15: true range 16, ATR 2 + 14 / 14 = 3; 0.5 × 3 / 100 = 0.015
    Case(
        "ATR goes on as Wilder's",
        [*RANGES, (100, 108, 92, 100), F],
        {15: [enter()]},
        [(16, 1, 1, 101.5)],
        {1: FILLED},
        Config(slippage_model="atr", slippage=0.5),
    ),
    Case(
        "never more than half the price",
        [F, F],
        {0: [enter()]},
        [(1, 1, 1, 150)],
        {1: FILLED},
        Config(slippage_model="percent", slippage=0.9),
    ),
    Case(
        "a stop slips from its level",  # 102 × 1.001
        [F, (100, 103, 99, 101)],
        {0: [enter(**stop(102))]},
        [(1, 1, 1, 102.102)],
        {1: FILLED},
        Config(slippage_model="percent", slippage=0.001),
    ),
    Case(
        "a maker does not slip",
        [F, (100, 101, 97, 99)],
        {0: [enter(**limit(98))]},
        [(1, 1, 1, 98)],
        {1: FILLED},
        Config(slippage_model="percent", slippage=0.001, spread=0.002),
    ),
]
