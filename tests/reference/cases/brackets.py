"""Brackets, and entry and exit in one bar."""

from __future__ import annotations

from tests.reference.values import Config

from .notation import BEST, FILLED, OTHER, PERPETUAL, Case, F, Q, enter, limit, sl, stop, tp

BOTH = {**sl(95), **tp(105)}
WIDE = (100, 106, 94, 100)

BRACKETS = [
    Case(
        "stop and target in one bar, worst",
        [F, WIDE],
        {0: [enter(**BOTH)]},
        [(1, 1, 1, 100), (1, -1, 1, 95)],
        {1: FILLED, 2: FILLED, 3: OTHER},
        ambiguous=1,
        reading="other leg filled comes before position closed",
    ),
    Case(
        "stop and target in one bar, best",
        [F, WIDE],
        {0: [enter(**BOTH)]},
        [(1, 1, 1, 100), (1, -1, 1, 105)],
        {1: FILLED, 3: FILLED, 2: OTHER},
        BEST,
        ambiguous=1,
    ),
    Case(
        "stop and target in a later bar, worst",
        [F, F, WIDE],
        {0: [enter(**BOTH)]},
        [(1, 1, 1, 100), (2, -1, 1, 95)],
        {1: FILLED, 2: FILLED, 3: OTHER},
        ambiguous=1,
    ),
    # stop loss 100 × 0.95 = 95, take profit 100 + 2 × 5
    Case(
        "share and R",
        [F, Q, (100, 110, 99, 109)],
        {0: [enter(stop_loss=("share", 0.05), take_profit=("r", 2))]},
        [(1, 1, 1, 100), (2, -1, 1, 110)],
        {1: FILLED, 3: FILLED, 2: OTHER},
    ),
    # stop loss 100 + 5, take profit 100 × 0.9
    Case(
        "a short with distance and share",
        [F, Q, (100, 101, 90, 92)],
        {0: [enter(1, -1, stop_loss=("distance", 5), take_profit=("share", 0.1))]},
        [(1, -1, 1, 100), (2, 1, 1, 90)],
        {1: FILLED, 3: FILLED, 2: OTHER},
        market=PERPETUAL,
    ),
    Case(
        "gap past the stop loss",
        [F, F, (90, 106, 89, 95)],
        {0: [enter(**BOTH)]},
        [(1, 1, 1, 100), (2, -1, 1, 90)],
        {1: FILLED, 2: FILLED, 3: OTHER},
    ),
    Case(
        "gap past the target",
        [F, F, (112, 113, 90, 95)],
        {0: [enter(**BOTH)]},
        [(1, 1, 1, 100), (2, -1, 1, 112)],
        {1: FILLED, 3: FILLED, 2: OTHER},
        makers=[False, True],
    ),
    Case(
        "entry opens beyond its stop loss",
        [F, (94, 96, 93, 95)],
        {0: [enter(**sl(95))]},
        [(1, 1, 1, 94), (1, -1, 1, 94)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "entry opens beyond its target: a fresh leg is a taker",
        [F, (107, 108, 106, 107)],
        {0: [enter(**tp(105))]},
        [(1, 1, 1, 107), (1, -1, 1, 107)],
        {1: FILLED, 2: FILLED},
        makers=[False, False],
    ),
    # levels from the fill with slippage, 100 × 1.01 = 101: stop loss 101 − 3 = 98, sold at 98 × 0.99
    Case(
        "levels count from the fill price",
        [F, (100, 100, 98, 99)],
        {0: [enter(stop_loss=("distance", 3))]},
        [(1, 1, 1, 101), (1, -1, 1, 97.02)],
        {1: FILLED, 2: FILLED},
        Config(slippage_model="percent", slippage=0.01),
        slippage=1.98,  # 1 + 0.98
    ),
    # the stop loss would be at 100 − 150: not made
    Case(
        "a leg below zero is not made",
        [F, F],
        {0: [enter(stop_loss=("distance", 150), take_profit=("price", 110))]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        working={2},
    ),
]

ENTRY_AND_EXIT_IN_ONE_BAR = [
    # from 100 down through 98 to 95: 96 comes after 98 on every path
    Case(
        "limit entry, stop below",
        [F, (100, 101, 95, 97)],
        {0: [enter(**limit(98), **sl(96))]},
        [(1, 1, 1, 98), (1, -1, 1, 96)],
        {1: FILLED, 2: FILLED},
    ),
    # the high of 101 may have been before 98
    Case(
        "limit entry, target above, unproven",
        [F, (100, 101, 97, 98)],
        {0: [enter(**limit(98), **tp(99))]},
        [(1, 1, 1, 98)],
        {1: FILLED},
        ambiguous=1,
        working={2},
    ),
    Case(
        "limit entry, target above, best",
        [F, (100, 101, 97, 98)],
        {0: [enter(**limit(98), **tp(99))]},
        [(1, 1, 1, 98), (1, -1, 1, 99)],
        {1: FILLED, 2: FILLED},
        BEST,
        ambiguous=1,
    ),
    Case(
        "limit entry, target above, proven by the close",
        [F, (100, 101, 97, 99)],
        {0: [enter(**limit(98), **tp(99))]},
        [(1, 1, 1, 98), (1, -1, 1, 99)],
        {1: FILLED, 2: FILLED},
        makers=[True, True],
    ),
    Case(
        "limit entry, target proven, stop out of reach",
        [F, (100, 101, 97, 100)],
        {0: [enter(**limit(98), **sl(96), **tp(99))]},
        [(1, 1, 1, 98), (1, -1, 1, 99)],
        {1: FILLED, 3: FILLED, 2: OTHER},
    ),
    Case(
        "limit entry, both legs proven, worst",
        [F, (100, 101, 95, 100)],
        {0: [enter(**limit(98), **sl(96), **tp(99))]},
        [(1, 1, 1, 98), (1, -1, 1, 96)],
        {1: FILLED, 2: FILLED, 3: OTHER},
        ambiguous=1,
    ),
    Case(
        "limit entry, both legs proven, best",
        [F, (100, 101, 95, 100)],
        {0: [enter(**limit(98), **sl(96), **tp(99))]},
        [(1, 1, 1, 98), (1, -1, 1, 99)],
        {1: FILLED, 3: FILLED, 2: OTHER},
        BEST,
        ambiguous=1,
    ),
    # bought at 102 on the way up; the low of 99 may have been before or after
    Case(
        "stop entry, stop below, possible",
        [F, (100, 103, 99, 102.5)],
        {0: [enter(**stop(102), **sl(101))]},
        [(1, 1, 1, 102), (1, -1, 1, 101)],
        {1: FILLED, 2: FILLED},
        ambiguous=1,
    ),
    Case(
        "stop entry, stop below, best",
        [F, (100, 103, 99, 102.5)],
        {0: [enter(**stop(102), **sl(101))]},
        [(1, 1, 1, 102)],
        {1: FILLED},
        BEST,
        ambiguous=1,
        working={2},
    ),
    Case(
        "stop entry, stop below, proven by the close",
        [F, (100, 103, 99, 100.5)],
        {0: [enter(**stop(102), **sl(101))]},
        [(1, 1, 1, 102), (1, -1, 1, 101)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "stop entry, stop below, out of reach",
        [F, (102, 103, 101.5, 102.5)],
        {0: [enter(**stop(102), **sl(101))]},
        [(1, 1, 1, 102)],
        {1: FILLED},
        working={2},
    ),
    # the high of 104 comes after 102, whatever else happens
    Case(
        "stop entry, target above",
        [F, (100, 104, 99, 100)],
        {0: [enter(**stop(102), **tp(103))]},
        [(1, 1, 1, 102), (1, -1, 1, 103)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "stop entry, both legs, worst",
        [F, (100, 104, 99, 103.5)],
        {0: [enter(**stop(102), **sl(101), **tp(103))]},
        [(1, 1, 1, 102), (1, -1, 1, 101)],
        {1: FILLED, 2: FILLED, 3: OTHER},
        ambiguous=1,
    ),
    Case(
        "stop entry, both legs, best",
        [F, (100, 104, 99, 103.5)],
        {0: [enter(**stop(102), **sl(101), **tp(103))]},
        [(1, 1, 1, 102), (1, -1, 1, 103)],
        {1: FILLED, 3: FILLED, 2: OTHER},
        BEST,
        ambiguous=1,
    ),
    # short at 98 on the way down; back up at 99 possible (high 101), not proven (close 97.5)
    Case(
        "short stop entry, stop above, possible",
        [F, (100, 101, 97, 97.5)],
        {0: [enter(1, -1, **stop(98), **sl(99))]},
        [(1, -1, 1, 98), (1, 1, 1, 99)],
        {1: FILLED, 2: FILLED},
        ambiguous=1,
        market=PERPETUAL,
    ),
    # bought at 102 × 1.01 = 103.02; the stop loss of 102.52 is above the path at 102: sold there, 102 × 0.99
    Case(
        "a leg behind the path at its activation",
        [F, (100, 103, 99, 102)],
        {0: [enter(**stop(102), stop_loss=("distance", 0.5))]},
        [(1, 1, 1, 103.02), (1, -1, 1, 100.98)],
        {1: FILLED, 2: FILLED},
        Config(slippage_model="percent", slippage=0.01),
        reading="e is the level, not the price with slippage",
    ),
    # bought at 98 on the way down; the target of 97 is below the path: sold at 98 as a taker
    Case(
        "a target on the wrong side of a limit entry",
        [F, (100, 101, 97.5, 98)],
        {0: [enter(**limit(98), **tp(97))]},
        [],
        {},
        denied=[(0, "take profit on the wrong side")],
    ),
]

ENTRY_AND_EXIT_IN_ONE_BAR += [
    # bought at 102 × 1.01 = 103.02; 102.52 lies behind the path at 102: sold there, for 102 × 0.99 = 100.98
    Case(
        "a stop loss behind the path at its activation",
        [F, (100, 103, 99, 102)],
        {0: [enter(**stop(102), stop_loss=("distance", 0.5), **tp(110))]},
        [(1, 1, 1, 103.02), (1, -1, 1, 100.98)],
        {1: FILLED, 2: FILLED, 3: OTHER},
        Config(slippage_model="percent", slippage=0.01),
    ),
]
