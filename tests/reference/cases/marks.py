"""Mark prices: they decide liquidations and the amount of funding (sections 9 and 10)."""

from __future__ import annotations

from tests.reference.values import Config

from .notation import (
    FILLED,
    HOUR,
    LIQUIDATED,
    LONG_LEVEL,
    PERPETUAL,
    SHORT_LEVEL,
    TEN,
    Case,
    F,
    Q,
    enter,
    limit,
    place,
    sl,
    tp,
)

ENTRY = (1, 1, 1, 100)
STEEP = Config(leverage=20, tiers=[(0, 0.005), (50, 0.3)])


def of_long(name: str, bar: tuple, mark: tuple | None, price: float | None, **more) -> Case:
    """1 bought at 100 with leverage 10: level 90.45…, bankruptcy 90; then one bar with that mark price."""
    fills = [ENTRY, (2, -1, 1, price)] if price is not None else [ENTRY]
    options = {"ends": {1: FILLED}, "config": TEN, "market": PERPETUAL} | more
    bought = enter(**options.pop("legs", {}))
    return Case(name, [F, Q, bar], {0: [bought]}, fills, marks={2: [mark]}, **options)


MARK_PRICES = [
    of_long("a wick of the last price alone does not liquidate", (95, 96, 85, 94), (95, 96, 91, 94), None),
    of_long("a wick of the mark price alone liquidates", (95, 96, 94, 95), (95, 96, 90, 95), LONG_LEVEL),
    of_long("the mark price touches the level", (95, 96, 94, 95), (95, 96, LONG_LEVEL, 95), LONG_LEVEL),
    of_long("a gap of the mark price", (95, 96, 94, 95), (90.2, 95, 90.2, 95), 90.2),
    of_long("a gap of both, at the worse", (90.1, 91, 90, 91), (90.3, 91, 90.3, 91), 90.1),
    of_long("a gap of the last price alone does not liquidate", (85, 96, 84, 95), (91, 96, 91, 95), None),
    of_long("a gap of the mark price beyond bankruptcy", (95, 96, 94, 95), (85, 95, 85, 95), 90),
    of_long("the path is beyond the level already", (90.2, 91, 90.2, 91), (91, 91, 90, 91), 90.2),
    of_long("the path is beyond bankruptcy already", (89, 91, 89, 91), (91, 91, 90, 91), 90),
    of_long("a bar without a mark price has its own", (95, 96, 90, 92), None, LONG_LEVEL),
    of_long(
        "the nearer stop loss before the mark price",
        (95, 96, 85, 86),
        (95, 96, 85, 86),
        92,
        legs=sl(92),
        ends={1: FILLED, 2: FILLED},
    ),
    of_long(
        "a stop loss that the last price does not reach",
        (95, 96, 93, 94),
        (95, 96, 90, 94),
        LONG_LEVEL,
        legs=sl(92),
        ends={1: FILLED, 2: LIQUIDATED},
    ),
    of_long(
        "a target of the last price, and the level of the mark price",
        (100, 106, 99, 100),
        (100, 101, 90, 100),
        LONG_LEVEL,
        legs=tp(105),
        ends={1: FILLED, 2: LIQUIDATED},
        ambiguous=1,
    ),
    of_long(
        "a target of the last price, and the level of the mark price, best",
        (100, 106, 99, 100),
        (100, 101, 90, 100),
        105,
        legs=tp(105),
        ends={1: FILLED, 2: FILLED},
        config=Config(leverage=10, assume="best"),
        ambiguous=1,
    ),
    Case(
        "the mark price of a short",
        [F, Q, (105, 106, 104, 105), (105, 120, 104, 105)],
        {0: [enter(1, -1)]},
        [(1, -1, 1, 100), (3, 1, 1, SHORT_LEVEL)],
        {1: FILLED},
        TEN,
        market=PERPETUAL,
        marks={2: [(105, 109, 104, 105)], 3: [(105, 110, 104, 105)]},
    ),
    # bought at 91 on the way down: level 91 × 0.9 / 0.995 = 82.31…, which the mark price never reaches
    Case(
        "the mark price in the bar of a limit entry",
        [F, (100, 101, 82, 90)],
        {0: [enter(**limit(91))]},
        [(1, 1, 1, 91)],
        {1: FILLED},
        TEN,
        market=PERPETUAL,
        marks={1: [(100, 101, 92, 95)]},
    ),
    # bought at 91 on the way down, bankrupt at 86.45, level (86.45 − 50 × 0.295) / 0.7 = 102.43: behind the path.
    # With 0.5 more at 90 the average is 90.67, bankruptcy at 86.13, level (86.13 − 14.75 / 1.5) / 0.7 = 109
    Case(
        "a level behind the path that the mark price does not reach",
        [F, (100, 101, 90, 95), (100, 101, 99, 100)],
        {0: [enter(**limit(91)), place(0.5, **limit(90))]},
        [(1, 1, 1, 91), (1, 1, 0.5, 90)],
        {1: FILLED, 2: FILLED},
        STEEP,
        market=PERPETUAL,
        marks={1: [(115, 116, 113, 115)], 2: [(115, 116, 113, 115)]},
    ),
    Case(
        "a level behind the path that the mark price reaches",
        [F, (100, 101, 90, 95)],
        {0: [enter(**limit(91))]},
        [(1, 1, 1, 91), (1, -1, 1, 91)],
        {1: FILLED},
        STEEP,
        market=PERPETUAL,
        marks={1: [(105, 106, 102, 105)]},
    ),
    # the first finer bar has none, and its own low of 91 is above the level; in the second the mark price reaches it
    Case(
        "the mark price in finer bars",
        [F, Q, (95, 96, 89, 95)],
        {0: [enter()]},
        [ENTRY, (2, -1, 1, LONG_LEVEL)],
        {1: FILLED},
        TEN,
        market=PERPETUAL,
        finer={2: [(95, 95, 91, 92), (92, 96, 91, 95), (95, 95, 89, 95), (95, 95, 94, 95)]},
        marks={2: [None, (92, 96, 90, 95), (95, 95, 94, 95), None]},
    ),
    # 8:00 at the open of bar 2: 1 × 101 × 0.0001, the last price is 102
    Case(
        "funding of the mark price",
        [F, Q, (102, 103, 101, 102)],
        {0: [enter()]},
        [ENTRY],
        {1: FILLED},
        Config(funding_rate=0.0001),
        market=PERPETUAL,
        start=6 * HOUR,
        funding=0.0101,
        marks={2: [(101, 103, 101, 102)]},
    ),
]
