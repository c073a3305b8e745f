"""Grids: section 13. One step is 1 around 100 unless a case says otherwise, so that level k lies at 100 + k."""

from tests.reference.values import GRID_RUNS, NO_LEVEL, NO_SUCH_ORDER, NOT_COVERED, TABLE_FULL, Config, Intent

from .notation import (
    CANCELED,
    FILLED,
    LATE,
    LIQUIDATED,
    NO_FUNDS,
    NO_SHORT,
    PERPETUAL,
    SMALL,
    TEN,
    TENTH,
    Case,
    F,
    cancel,
    limit,
    modify,
    place,
)


def grid(size: float = 1, levels: int = 2, side: int = 0, **more) -> Intent:
    """Neutral, one step apart. Its first orders on a perpetual: 1 buys at 99, 2 sells at 101, 3 at 98, 4 at 102."""
    return Intent(verb="grid", size=size, levels=levels, side=side, **({"spacing": ("distance", 1)} | more))


FALL = (100, 100, 99, 99)  # to the first level below
GAP = (95, 95, 95, 95)

GRIDS = [
    Case("a grid is placed", [F, F], {0: [grid()]}, working={1, 2, 3, 4}, market=PERPETUAL),
    Case(
        "no order where the tick rounds a limit to 0",  # a buy at 0.2 would be one at 0; the sell at 199.8 is at 200
        [F, (200, 200, 200, 200)],
        {0: [grid(levels=1, spacing=("distance", 99.8))]},
        [(1, -1, 1, 200)],
        {1: FILLED},
        working={2, 3},
        market={**PERPETUAL, "tick": 0.5},
    ),
    Case(
        "a level below fills",  # c = −1: a sell at 100 and a buy at 97 come, the sell at 102 goes
        [F, FALL],
        {0: [grid()]},
        [(1, 1, 1, 99)],
        {1: FILLED, 4: CANCELED},
        working={2, 3, 5, 6},
        market=PERPETUAL,
    ),
    Case(
        "and the sell one step above it",  # 5 sells at 100; a buy at 99 (7) and a sell at 102 (8) come, 97 goes
        [F, FALL, (99, 100, 99, 100)],
        {0: [grid()]},
        [(1, 1, 1, 99), (2, -1, 1, 100)],
        {1: FILLED, 4: CANCELED, 5: FILLED, 6: CANCELED},
        working={2, 3, 7, 8},
        market=PERPETUAL,
        cash=10_001,
        makers=[True, True],
    ),
    Case(
        "a level above fills",  # c = 1: a buy at 100 (5) and a sell at 103 (6) come, the buy at 98 goes
        [F, (100, 101, 100, 101), (101, 101, 100, 100)],
        {0: [grid()]},
        [(1, -1, 1, 101), (2, 1, 1, 100)],
        {2: FILLED, 3: CANCELED, 5: FILLED, 6: CANCELED},
        working={1, 4, 7, 8},
        market=PERPETUAL,
        cash=10_001,
    ),
    Case(
        "two levels in one bar",  # c = −2: 97 (5), 99 (6), 96 (7), 100 (8)
        [F, (100, 100, 97.5, 98), (98, 99, 98, 99)],
        {0: [grid()]},
        [(1, 1, 1, 99), (1, 1, 1, 98), (2, -1, 1, 99)],
        {1: FILLED, 3: FILLED, 2: CANCELED, 4: CANCELED, 6: FILLED, 7: CANCELED},
        working={5, 8, 9, 10},  # c = −1: a buy at 98 (9), a sell at 101 (10)
        market=PERPETUAL,
    ),
    Case(
        "one of each side in one bar",  # c stays 0, both come back
        [F, (100, 101, 99, 100)],
        {0: [grid()]},
        [(1, 1, 1, 99), (1, -1, 1, 101)],
        {1: FILLED, 2: FILLED},
        working={3, 4, 5, 6},
        market=PERPETUAL,
        cash=10_002,
    ),
    Case(
        "a gap over several levels",  # c = −2, then the buys at 97 (5) and 96 (7) are behind the market; c = −4
        [F, GAP, GAP],
        {0: [grid()]},
        [(1, 1, 1, 95), (1, 1, 1, 95), (2, 1, 1, 95), (2, 1, 1, 95)],
        {1: FILLED, 3: FILLED, 2: CANCELED, 4: CANCELED, 5: FILLED, 7: FILLED, 6: CANCELED, 8: CANCELED},
        working={9, 10, 11, 12},
        market=PERPETUAL,
        cash=9_620,
        makers=[False] * 4,  # each on its first live bar
    ),
    Case(
        "a gap over levels that have been there",
        [F, F, GAP],
        {0: [grid(levels=1)]},
        [(2, 1, 1, 95)],
        {1: FILLED, 2: CANCELED},
        working={3, 4},
        market=PERPETUAL,
        makers=[True],
    ),
    Case(
        "a cancel ends a grid",
        [F, F, (100, 110, 90, 100)],
        {0: [grid()], 1: [cancel(target=0)]},
        [],
        dict.fromkeys((1, 2, 3, 4), CANCELED),
        market=PERPETUAL,
    ),
    Case(
        "a cancel of another action leaves it alone",
        [F, F],
        {0: [grid(action=2)], 1: [cancel(target=1)]},
        working={1, 2, 3, 4},
        market=PERPETUAL,
    ),
    Case(
        "a cancel with latency",  # 1 still fills, and nothing comes after it
        [F, F, FALL, (99, 99, 99, 99)],
        {0: [grid()], 1: [cancel()]},
        [(2, 1, 1, 99)],
        {1: FILLED, 2: CANCELED, 3: CANCELED, 4: CANCELED},
        LATE,
        market=PERPETUAL,
    ),
    Case(
        "a cancel, and another grid at once",
        [F, F],
        {0: [grid()], 1: [cancel(), grid(levels=1)]},
        [],
        dict.fromkeys((1, 2, 3, 4), CANCELED),
        working={5, 6},
        market=PERPETUAL,
    ),
    Case(
        "one grid at a time",
        [F, F],
        {0: [grid()], 1: [grid(action=1)]},
        working={1, 2, 3, 4},
        market=PERPETUAL,
        denied=[(1, GRID_RUNS)],
    ),
    # 6 × (99 + 98) = 1182
    Case("a grid that the funds do not cover", [F, F], {0: [grid(6)]}, config=SMALL, denied=[(0, NOT_COVERED)]),
    Case("a grid that they just cover", [F, F], {0: [grid()]}, config=Config(capital=197), working={1, 2}),
    Case(
        "what lacks funds is not asked for at every bar",
        # 500 and 495 are spent; 98 (3) ends, comes back when 99 (2) has filled (4), ends again, and stays away.
        [F, (100, 100, 98, 98), (98, 98, 98, 98), (98, 98, 98, 98)],
        {0: [place(5), grid(5)]},
        [(1, 1, 5, 100), (1, 1, 5, 99)],
        {1: FILLED, 2: FILLED, 3: NO_FUNDS, 4: NO_FUNDS},
        SMALL,
        working={5, 6, 7},  # sells at 100 (5) and 101 (7), a buy at 97 (6)
        market={"lot": 1.0},
    ),
    Case(
        "bounds",  # nothing at 98 and 102; after the fill a sell at 100 (3), and nothing at 97
        [F, FALL],
        {0: [grid(lower=98.5, upper=101)]},
        [(1, 1, 1, 99)],
        {1: FILLED},
        working={2, 3},
        market=PERPETUAL,
    ),
    Case("bounds that leave nothing", [F, F], {0: [grid(lower=105)]}, market=PERPETUAL, denied=[(0, NO_LEVEL)]),
    Case(
        "shares, ticks and lots",
        # 50 / 100 = 0.5. 100 / 1.003 = 99.70 → 99.5 (1), 100.3 → 100.5 (2), 99.40 → 99 (3), 100.60 → 101 (4).
        # c = −1: −2 at 99 (5), 0 at 100 (6), −3 = 99.11 → 99 (7), +1 at 100.5 (8)
        [F, (100, 100.5, 99, 100)],
        {0: [grid(50, size_as="quote", spacing=("share", 0.003))]},
        [(1, 1, 0.5, 99.5), (1, 1, 0.5, 99), (1, -1, 0.5, 100.5)],
        {1: FILLED, 2: FILLED, 3: FILLED, 4: CANCELED},
        working={5, 6, 7, 8},
        market=PERPETUAL | {"tick": 0.5, "lot": 0.1},
    ),
    Case(
        "a grid that the table cannot take",
        [F, F],
        {0: [*[place(**limit(50))] * 1021, grid()]},
        working=set(range(1, 1022)),
        market=PERPETUAL,
        denied=[(0, TABLE_FULL)],
    ),
    Case(
        "a table that is full when the grid moves",
        # 1023 work when the sell at 100 (1025) is placed; the sell at 102 only leaves with bar 4.
        [F, F, FALL, (99, 99, 99, 99), (99, 99, 99, 99)],
        {0: [grid()], 1: [place(**limit(50))] * 1020},
        [(2, 1, 1, 99)],
        {1: FILLED, 4: CANCELED},
        LATE,
        working={2, 3, *range(5, 1026)},
        market=PERPETUAL,
        denied=[(2, TABLE_FULL)],
    ),
    Case(
        "long",  # 2 at market; then sells at 101 (4) and 102 (5); flat at 102, buys at 101 (6) and 100 (7)
        [F, F, (100, 102, 100, 102)],
        {0: [grid(side=1)]},
        [(1, 1, 2, 100), (2, -1, 1, 101), (2, -1, 1, 102)],
        {1: FILLED, 4: FILLED, 5: FILLED, 2: CANCELED, 3: CANCELED},
        working={6, 7},
        market=PERPETUAL,
        cash=10_003,
    ),
    Case(
        "short",  # 2 sold at market; then buys at 99 (4) and 98 (5)
        [F, F, FALL],
        {0: [grid(side=-1)]},
        [(1, -1, 2, 100), (2, 1, 1, 99)],
        {1: FILLED, 4: FILLED, 3: CANCELED},
        working={2, 5, 6},  # a sell at 100 (6); a buy at 97 would need one more
        market=PERPETUAL,
    ),
    Case("short on spot", [F, F], {0: [grid(side=-1)]}, denied=[(0, NO_SHORT)]),
    Case(
        "long on spot, with something held",  # 2 − 1.5 = 0.5 more
        [F, F, F],
        {0: [place(1.5)], 1: [grid(side=1)]},
        [(1, 1, 1.5, 100), (2, 1, 0.5, 100)],
        {1: FILLED, 2: FILLED},
        working={3, 4, 5, 6},  # a sell at 101 (4) is covered at once, one at 102 (6) when that has been bought
        reading="what is held when the grid begins covers sells at once",
    ),
    Case(
        "neutral on spot sells what it has bought",
        [F, FALL, (99, 100, 99, 100)],
        {0: [grid()]},
        [(1, 1, 1, 99), (2, -1, 1, 100)],
        {1: FILLED, 3: FILLED, 4: CANCELED},
        working={2, 5},  # buys at 98 and 99 again
        cash=10_001,
    ),
    Case(
        "a liquidation ends a grid",  # level 99 × 0.9 / 0.995
        [F, (100, 100, 80, 80), (80, 80, 80, 80)],
        {0: [grid(10, levels=1)]},
        [(1, 1, 10, 99), (1, -1, 10, 89.54773869346734)],
        {1: FILLED, 2: LIQUIDATED},
        TEN,
        market=PERPETUAL,
    ),
    Case(
        "modifications do not mean a grid's orders",
        [F, F],
        {0: [grid()], 1: [modify(price=95)]},
        working={1, 2, 3, 4},
        market=PERPETUAL,
        denied=[(1, NO_SUCH_ORDER)],
    ),
    Case(
        "a part of a level",  # counts when the rest has filled: a buy at 98 (3), a sell at 100 (4)
        [F, (100, 100, 99, 99, 5), (99, 99, 99, 99)],
        {0: [grid(levels=1)]},
        [(1, 1, 0.5, 99), (2, 1, 0.5, 99)],
        {1: FILLED, 2: CANCELED},
        TENTH,
        working={3, 4},
        market=PERPETUAL,
    ),
    Case(
        "a grid is updated at coarse closes only",  # no sell at 100 waits in the second finer bar
        [F, (100, 101, 99, 101)],
        {0: [grid(levels=1)]},
        [(1, 1, 1, 99), (1, -1, 1, 101)],
        {1: FILLED, 2: FILLED},
        working={3, 4},
        market=PERPETUAL,
        finer={1: [FALL, (99, 101, 99, 101)]},
    ),
]
