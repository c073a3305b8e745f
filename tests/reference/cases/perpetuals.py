"""Liquidation and funding."""

from __future__ import annotations

from tests.reference.values import Config

from .notation import (
    DAY,
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
    close,
    enter,
    limit,
    place,
    sl,
    stop,
    tp,
)

TIERED = Config(leverage=10, tiers=[(0, 0.005), (1000, 0.01), (2000, 0.05)])
FOURTH = Config(leverage=4, maintenance=0)

LIQUIDATION = [
    Case(
        "inside the bar",
        [F, Q, (95, 96, 90, 92)],
        {0: [enter()], 1: [place(**limit(50))]},
        [(1, 1, 1, 100), (2, -1, 1, LONG_LEVEL)],
        {1: FILLED, 2: LIQUIDATED},
        TEN,
        market=PERPETUAL,
    ),
    Case(
        "at a gap",
        [F, Q, (90.2, 91, 90, 91)],
        {0: [enter()]},
        [(1, 1, 1, 100), (2, -1, 1, 90.2)],
        {1: FILLED},
        TEN,
        market=PERPETUAL,
    ),
    Case(
        "never beyond bankruptcy",  # cash 10 000 − 100 + 90
        [F, Q, (85, 86, 84, 85)],
        {0: [enter()]},
        [(1, 1, 1, 100), (2, -1, 1, 90)],
        {1: FILLED},
        TEN,
        market=PERPETUAL,
        cash=9990,
    ),
    Case(
        "the nearer stop first",
        [F, Q, (95, 96, 85, 86)],
        {0: [enter(**sl(92))]},
        [(1, 1, 1, 100), (2, -1, 1, 92)],
        {1: FILLED, 2: FILLED},
        TEN,
        market=PERPETUAL,
    ),
    Case(
        "liquidation before stops at the open",
        [F, Q, (85, 86, 84, 85)],
        {0: [enter(**sl(92))]},
        [(1, 1, 1, 100), (2, -1, 1, 90)],
        {1: FILLED, 2: LIQUIDATED},
        TEN,
        market=PERPETUAL,
    ),
    Case(
        "of a short",
        [F, Q, (105, 110, 104, 106)],
        {0: [enter(1, -1)]},
        [(1, -1, 1, 100), (2, 1, 1, SHORT_LEVEL)],
        {1: FILLED},
        TEN,
        market=PERPETUAL,
    ),
    Case(
        "of a short, never beyond bankruptcy",
        [F, Q, (120, 121, 119, 120)],
        {0: [enter(1, -1)]},
        [(1, -1, 1, 100), (2, 1, 1, 110)],
        {1: FILLED},
        TEN,
        market=PERPETUAL,
    ),
    # 100 × 0.001, and 90.4522613… × (0.001 + 0.005) = 0.5427135…, of which the margin of 10 has 0.4522613… left
    Case(
        "fees",
        [F, Q, (95, 96, 90, 92)],
        {0: [enter()]},
        [(1, 1, 1, 100), (2, -1, 1, LONG_LEVEL)],
        {1: FILLED},
        Config(leverage=10, taker_fee=0.001, liquidation_fee=0.005),
        market=PERPETUAL,
        fees=0.1 + 10 - (100 - LONG_LEVEL),
    ),
    # slippage for the entry only: 100.1; level 100.1 × 0.9 / 0.995 = 90.5427135…
    Case(
        "without slippage",
        [F, Q, (95, 96, 90, 92)],
        {0: [enter()]},
        [(1, 1, 1, 100.1), (2, -1, 1, 100.1 * 0.9 / 0.995)],
        {1: FILLED},
        Config(leverage=10, slippage_model="percent", slippage=0.001),
        market=PERPETUAL,
        slippage=0.1,
    ),
    # tiers: 0.5 % from 0, 1 % − 5 from 1000, 5 % − 85 from 2000. At the level 20 p − 1800 = 0.2 p − 5: p = 1795 / 19.8
    Case(
        "of a long in the second tier",
        [F, Q, (95, 96, 90.6, 92)],
        {0: [enter(20)]},
        [(1, 1, 20, 100), (2, -1, 20, 1795 / 19.8)],
        {1: FILLED},
        TIERED,
        market=PERPETUAL,
    ),
    # its notional is 2000 at the entry, and grows into the third: 2200 − 20 p = p − 85: p = 2285 / 21
    Case(
        "of a short that grows into the third tier",
        [F, Q, (105, 109, 104, 106)],
        {0: [enter(20, -1)]},
        [(1, -1, 20, 100), (2, 1, 20, 2285 / 21)],
        {1: FILLED},
        TIERED,
        market=PERPETUAL,
    ),
    Case(
        "of a small position in the first tier",  # 90 / 0.995
        [F, Q, (95, 96, 90, 92)],
        {0: [enter()]},
        [(1, 1, 1, 100), (2, -1, 1, LONG_LEVEL)],
        {1: FILLED},
        TIERED,
        market=PERPETUAL,
    ),
    # the instrument's own: margin 20, level 80 / 0.98; fees 100 × 0.002 and 81.63… × (0.002 + 0.01)
    Case(
        "an instrument with terms of its own",
        [F, Q, (85, 86, 81, 82)],
        {0: [enter()]},
        [(1, 1, 1, 100), (2, -1, 1, 80 / 0.98)],
        {1: FILLED},
        Config(leverage=10, taker_fee=0.001),
        market=PERPETUAL | {"own": {"leverage": 5, "maintenance": 0.02, "taker_fee": 0.002, "liquidation_fee": 0.01}},
        fees=0.2 + 80 / 0.98 * 0.012,
    ),
    Case(
        "a long without leverage cannot be liquidated",
        [F, Q, (50, 51, 0.5, 1)],
        {0: [enter()]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        market=PERPETUAL,
    ),
    Case(
        "liquidation and target in one bar",
        [F, Q, (100, 106, 90, 100)],
        {0: [enter(**tp(105))]},
        [(1, 1, 1, 100), (2, -1, 1, LONG_LEVEL)],
        {1: FILLED, 2: LIQUIDATED},
        TEN,
        market=PERPETUAL,
        ambiguous=1,
    ),
    Case(
        "liquidation ignores the volume limit",
        [F, (100, 101, 99, 100, 1000), (95, 96, 90, 92, 10)],
        {0: [enter(20)]},
        [(1, 1, 20, 100), (2, -1, 20, LONG_LEVEL)],
        {1: FILLED},
        Config(leverage=10, volume_limit=0.1),
        market=PERPETUAL,
    ),
    # a quarter of 88 below it: the low meets the level and no more
    Case(
        "of a long, touched in the bar of its limit entry",
        [F, (100, 101, 66, 90)],
        {0: [enter(**limit(88))]},
        [(1, 1, 1, 88), (1, -1, 1, 66)],
        {1: FILLED},
        FOURTH,
        market=PERPETUAL,
    ),
    # a quarter of 104 above it
    Case(
        "of a short, touched in the bar of its limit entry",
        [F, (100, 130, 99, 110)],
        {0: [enter(1, -1, **limit(104))]},
        [(1, -1, 1, 104), (1, 1, 1, 130)],
        {1: FILLED},
        FOURTH,
        market=PERPETUAL,
    ),
    # bought at 91 on the way down: level 91 × 0.9 / 0.995 = 82.31…, low 82
    Case(
        "in the bar of a limit entry",
        [F, (100, 101, 82, 90)],
        {0: [enter(**limit(91))]},
        [(1, 1, 1, 91), (1, -1, 1, 91 * 0.9 / 0.995)],
        {1: FILLED},
        TEN,
        market=PERPETUAL,
    ),
]

# bought at 102 on the way up: level 102 × 0.9 / 0.995 = 92.26…; the low of 91 may have been before
LIQUIDATION += [
    Case(
        f"in the bar of a stop entry, {assume}",
        [F, (100, 103, 91, 102)],
        {0: [enter(**stop(102))]},
        fills,
        {1: FILLED},
        Config(leverage=10, assume=assume),
        market=PERPETUAL,
        ambiguous=1,
        reading="the liquidation order is activated with the fill",
    )
    for assume, fills in (
        ("worst", [(1, 1, 1, 102), (1, -1, 1, 1.02 * LONG_LEVEL)]),
        ("best", [(1, 1, 1, 102)]),
    )
]

RATE = Config(funding_rate=0.0001)

FUNDING = [
    # a series: bars open at 6, 7, 8, 9; 6:00 comes before the position, 7:30 and 8:00 are charged at 8, 8:30 at 9
    Case(
        "of a series, at its own moments",
        [F, Q, (102, 103, 101, 102), (104, 105, 103, 104)],
        {0: [enter()]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        RATE,
        market=PERPETUAL
        | {"funding": [(6 * HOUR, 0.05), (15 * HOUR // 2, 0.001), (8 * HOUR, 0.002), (17 * HOUR // 2, -0.0005)]},
        start=6 * HOUR,
        funding=102 * 0.003 - 104 * 0.0005,
    ),
    # bars open at 6, 7, 8, 9 o'clock; held from 7; 1 × 102 × 0.0001 at 8
    Case(
        "of hourly bars",
        [F, Q, (102, 103, 101, 102), (102, 103, 101, 102)],
        {0: [enter()]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        RATE,
        market=PERPETUAL,
        start=6 * HOUR,
        funding=0.0102,
        cash=9899.9898,
    ),
    Case(
        "entered at the moment: not charged",
        [F, Q, Q],
        {0: [enter()]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        RATE,
        market=PERPETUAL,
        start=7 * HOUR,
        funding=0,
    ),
    Case(
        "closed at the moment: charged",  # 1 × 100 × 0.0001
        [F, Q, F],
        {0: [enter()], 1: [close()]},
        [(1, 1, 1, 100), (2, -1, 1, 100)],
        {1: FILLED, 2: FILLED},
        RATE,
        market=PERPETUAL,
        start=6 * HOUR,
        funding=0.01,
    ),
    # 8:00, 16:00 and 0:00 at the open of bar 2: 3 × 102 × 0.0001
    Case(
        "of daily bars",
        [F, Q, (102, 103, 101, 102)],
        {0: [enter()]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        RATE,
        market=PERPETUAL,
        step=DAY,
        funding=0.0306,
    ),
    Case(
        "a short receives",
        [F, Q, (102, 103, 101, 102)],
        {0: [enter(2, -1)]},
        [(1, -1, 2, 100)],
        {1: FILLED},
        RATE,
        market=PERPETUAL,
        start=6 * HOUR,
        funding=-0.0204,
        cash=10200.0204,
    ),
    Case("not on spot", [F, Q, Q], {0: [enter()]}, [(1, 1, 1, 100)], {1: FILLED}, RATE, start=6 * HOUR, funding=0),
]
