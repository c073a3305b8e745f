"""Funds, selling short, turning around."""

from __future__ import annotations

from tests.reference.values import Config

from .notation import (
    CLOSED,
    CUT,
    FILLED,
    NO_FUNDS,
    NO_SHORT,
    PERPETUAL,
    SHORT_LEVEL,
    SMALL,
    TEN,
    Case,
    F,
    close,
    enter,
    place,
    reverse,
    sl,
)

FUNDS = [
    Case("cut to the funds", [F, F], {0: [enter(20)]}, [(1, 1, 10, 100)], {1: CUT}, SMALL, cash=0),
    # 1000 / (100 × 1.001) = 9.990009…, down to 9.99; cash 1000 − 999 − 0.999
    Case(
        "cut to the funds with fee and lot",
        [F, F],
        {0: [enter(20)]},
        [(1, 1, 9.99, 100)],
        {1: CUT},
        Config(capital=1000, taker_fee=0.001),
        market={"lot": 0.01},
        cash=0.001,
        fees=0.999,
    ),
    Case("no funds", [F, F], {0: [place(10), place(5)]}, [(1, 1, 10, 100)], {1: FILLED, 2: NO_FUNDS}, SMALL),
    # 5 are left, 0.05 × 100 < 10
    Case(
        "a rest below the minimum notional",
        [F, F],
        {0: [place(9.95), place(5)]},
        [(1, 1, 9.95, 100)],
        {1: FILLED, 2: NO_FUNDS},
        SMALL,
        market={"minimum_notional": 10.0},
    ),
    # 40 × 100 / 5 = 800 of margin; cash 1000 − 4000
    Case(
        "leverage",
        [F, F],
        {0: [enter(40)]},
        [(1, 1, 40, 100)],
        {1: FILLED},
        Config(capital=1000, leverage=5),
        market=PERPETUAL,
        cash=-3000,
    ),
    # 1000 / (100 / 5) = 50
    Case(
        "leverage, cut",
        [F, F],
        {0: [enter(60)]},
        [(1, 1, 50, 100)],
        {1: CUT},
        Config(capital=1000, leverage=5),
        market=PERPETUAL,
    ),
    # reserved 30 × 100 / 5 = 600: 400 are left, 400 / 20 = 20
    Case(
        "margin is reserved",
        [F, F, F],
        {0: [place(30, -1)], 1: [place(25, -1)]},
        [(1, -1, 30, 100), (2, -1, 20, 100)],
        {1: FILLED, 2: CUT},
        Config(capital=1000, leverage=5),
        market=PERPETUAL,
    ),
]

# 10 of 1000 on each of two instruments
EXITS_FIRST = Case(
    "exits come first",
    [F, F, F],
    {1: [enter(10)]},
    [(1, 1, 10, 100, 1), (2, -1, 10, 100, 1), (2, 1, 10, 100, 0)],
    {1: FILLED, 2: FILLED, 3: FILLED},
    SMALL,
    second=[F, F, F],
    second_intents={0: [enter(10)], 1: [close()]},
)
# The first instrument decides first, so that its order is 2 and the close 3; the close fills first all the same.

SHORT_AND_FLIP = [
    Case("spot: no short entry", [F, F], {0: [enter(1, -1)]}, denied=[(0, NO_SHORT)]),
    Case("spot: nothing to sell", [F, F], {0: [place(1, -1)]}, [], {1: NO_SHORT}),
    Case(
        "spot: sells at most the position",
        [F, F, F],
        {0: [enter()], 1: [place(3, -1)]},
        [(1, 1, 1, 100), (2, -1, 1, 100)],
        {1: FILLED, 2: NO_SHORT},
        reading="what cannot be sold ends the order at once",
    ),
    # −2 with an average of 110; cash 10 000 − 100 + 330 − 210
    Case(
        "a flip",
        [F, F, (110, 110, 110, 110), (105, 105, 105, 105)],
        {0: [enter()], 1: [place(3, -1)], 2: [close()]},
        [(1, 1, 1, 100), (2, -1, 3, 110), (3, 1, 2, 105)],
        {1: FILLED, 2: FILLED, 3: FILLED},
        market=PERPETUAL,
        cash=10020,
    ),
    # legs for the 2 that were opened: stop loss 110 + 5
    Case(
        "legs of a flip are for what was opened",
        [F, F, (110, 110, 110, 110), (110, 115, 109, 112)],
        {0: [enter()], 1: [place(3, -1, stop_loss=("distance", 5))]},
        [(1, 1, 1, 100), (2, -1, 3, 110), (3, 1, 2, 115)],
        {1: FILLED, 2: FILLED, 3: FILLED},
        market=PERPETUAL,
    ),
    # closing books 10 × 100 first: 1000 are there; 15 are requested, 1000 / 100 = 10 are opened
    Case(
        "a flip pays with what its closing part frees",
        [F, F, F],
        {0: [enter(10)], 1: [place(25, -1)]},
        [(1, 1, 10, 100), (2, -1, 20, 100)],
        {1: FILLED, 2: CUT},
        SMALL,
        market=PERPETUAL,
    ),
    # after closing 40: cash 1000, nothing reserved; 60 are requested, 1000 / (100 / 5) = 50 are opened
    Case(
        "a flip frees the margin of what it closes",
        [F, F, F],
        {0: [enter(40)], 1: [place(100, -1)]},
        [(1, 1, 40, 100), (2, -1, 90, 100)],
        {1: FILLED, 2: CUT},
        Config(capital=1000, leverage=5),
        market=PERPETUAL,
    ),
    # the average of the new position is 110: level 110 × 1.1 / 1.005 = 120.398…
    Case(
        "a turned position has its own average",
        [F, F, (110, 110, 110, 110), (115, 121, 114, 115)],
        {0: [enter()], 1: [place(3, -1)]},
        [(1, 1, 1, 100), (2, -1, 3, 110), (3, 1, 2, 1.1 * SHORT_LEVEL)],
        {1: FILLED, 2: FILLED},
        TEN,
        market=PERPETUAL,
    ),
    Case(
        "reverse",
        [F, F, (110, 110, 110, 110)],
        {0: [enter(**sl(95))], 1: [reverse(2, 0)]},
        [(1, 1, 1, 100), (2, -1, 1, 110), (2, -1, 2, 110)],
        {1: FILLED, 2: CLOSED, 3: FILLED, 4: FILLED},
        market=PERPETUAL,
    ),
    Case(
        "reverse when flat",
        [F, F],
        {0: [reverse(2, -1)]},
        [(1, -1, 2, 100)],
        {1: FILLED},
        market=PERPETUAL,
    ),
]
