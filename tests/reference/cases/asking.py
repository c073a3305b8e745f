"""Sizes and denials."""

from __future__ import annotations

from math import inf, nan

from tests.reference.values import Config

from .notation import CUT, FILLED, LATE, PERPETUAL, Case, F, Q, close, enter, limit, place, sl, stop, tp

SIZES = [
    Case("quote", [F, F], {0: [enter(500, size_as="quote")]}, [(1, 1, 5, 100)], {1: FILLED}),
    # 490 / 98, the limit
    Case(
        "quote at a limit",
        [F, (100, 100, 98, 99)],
        {0: [enter(490, size_as="quote", **limit(98))]},
        [(1, 1, 5, 98)],
        {1: FILLED},
    ),
    # 10 000 × 0.5 / (100 × 1.0015 × 1.001) = 49.8752…; it pays 49.87 × 100.15 × 0.001
    Case(
        "percent of equity",
        [F, F],
        {0: [enter(50, size_as="percent_of_equity")]},
        [(1, 1, 49.87, 100.15)],
        {1: FILLED},
        Config(taker_fee=0.001, spread=0.002, slippage_model="percent", slippage=0.0005),
        market={"lot": 0.01},
        fees=4.9944805,
    ),
    Case(
        "all of the equity",
        [F, F],
        {0: [enter(100, size_as="percent_of_equity")]},
        [(1, 1, 100, 100)],
        {1: FILLED},
        market={"lot": 1.0},
        cash=0,
    ),
    # 4 000 of the 10 000 are spent when the second is decided: 6 000 × 0.5 / 100 = 30
    Case(
        "percent of cash",
        [F, F, F],
        {0: [enter(40)], 1: [enter(50, size_as="percent_of_cash", add=True)]},
        [(1, 1, 40, 100), (2, 1, 30, 100)],
        {1: FILLED, 2: FILLED},
        market={"lot": 1.0},
        cash=3000,
    ),
    # 10 000 × 0.01 / 5
    Case(
        "risk",
        [F, F],
        {0: [enter(1, size_as="risk_percent", **sl(95))]},
        [(1, 1, 20, 100)],
        {1: FILLED},
        market={"lot": 1.0},
        working={2},
    ),
    # 100 % of 10 000 at 100, then 110: 11 000 are asked, cut to 10 000 / 110 = 90.909…
    Case(
        "decided at the close, cut at the fill",
        [F, (110, 110, 110, 110)],
        {0: [enter(100, size_as="percent_of_equity")]},
        [(1, 1, 90, 110)],
        {1: CUT},
        market={"lot": 1.0},
    ),
    Case(
        "adding to a position",
        [F, F, (104, 104, 104, 104)],
        {0: [enter(1)], 1: [enter(3, add=True)]},
        [(1, 1, 1, 100), (2, 1, 3, 104)],
        {1: FILLED, 2: FILLED},
    ),
]

DENIALS = [
    Case("a limit that is missing", [F, F], {0: [enter(kind="limit")]}, denied=[(0, "value missing")]),
    Case("a size that is missing", [F, F], {0: [enter(nan)]}, denied=[(0, "value missing")]),
    Case("an infinite size", [F, F], {0: [enter(inf)]}, denied=[(0, "value missing")]),
    Case("a missing stop loss", [F, F], {0: [enter(**sl(nan))]}, denied=[(0, "value missing")]),
    Case("a size of zero", [F, F], {0: [enter(0)]}, denied=[(0, "not positive")]),
    Case("a negative limit", [F, F], {0: [enter(**limit(-1))]}, denied=[(0, "not positive")]),
    Case(
        "minimum quantity",
        [F, F],
        {0: [enter(0.5)]},
        market={"minimum_quantity": 1.0},
        denied=[(0, "below the minimum")],
    ),
    Case(
        "minimum notional",  # 0.05 × 100 = 5
        [F, F],
        {0: [enter(0.05)]},
        market={"minimum_notional": 10.0},
        denied=[(0, "below the minimum")],
    ),
    Case(
        "exactly the minimum notional",
        [F, F],
        {0: [enter(0.1)]},
        [(1, 1, 0.1, 100)],
        {1: FILLED},
        market={"minimum_notional": 10.0},
    ),
    Case("stop loss at the price", [F, F], {0: [enter(**sl(100))]}, denied=[(0, "stop loss on the wrong side")]),
    Case(
        "stop loss of a short below the price",
        [F, F],
        {0: [enter(1, -1, **sl(99))]},
        market=PERPETUAL,
        denied=[(0, "stop loss on the wrong side")],
    ),
    Case("risk without stop loss", [F, F], {0: [enter(1, size_as="risk_percent")]}, denied=[(0, "no stop loss")]),
    Case("R without stop loss", [F, F], {0: [enter(take_profit=("r", 2))]}, denied=[(0, "no stop loss")]),
    Case(
        "a position is held",
        [F, F, F],
        {0: [enter()], 1: [enter()]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        denied=[(1, "position held")],
    ),
    Case(
        "adding to the other direction",
        [F, F, F],
        {0: [enter()], 1: [enter(1, -1, add=True)]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        market=PERPETUAL,
        denied=[(1, "position held")],
    ),
    Case(
        "another entry works",
        [F, Q, F],
        {0: [enter(**limit(90))], 1: [enter()]},
        working={1},
        denied=[(1, "entry works")],
    ),
    Case(
        "a second resting entry that may add",
        [F, F, (99, 99, 96, 97)],
        {0: [enter(**limit(98)), enter(2, **limit(97), add=True)], 1: [enter(**limit(50))]},
        [(2, 1, 1, 98), (2, 1, 2, 97)],
        {1: FILLED, 2: FILLED},
        denied=[(1, "entry works")],
    ),
    Case(
        "a resting entry on the other side, though it may add",
        [F, F],
        {0: [enter(**limit(98)), enter(1, -1, **limit(103), add=True)]},
        working={1},
        market=PERPETUAL,
        denied=[(0, "entry works")],
    ),
    Case("nothing to close", [F, F], {0: [close()]}, denied=[(0, "nothing to close")]),
    Case(
        "a close works",
        [F, F, F, F, F],
        {0: [enter()], 2: [close()], 3: [close()]},
        [(2, 1, 1, 100), (4, -1, 1, 100)],
        {1: FILLED, 2: FILLED},
        LATE,
        denied=[(3, "close works")],
    ),
    Case(
        "1024 orders",
        [F, F],
        {0: [place(**limit(50)) for _ in range(1025)]},
        working=set(range(1, 1025)),
        denied=[(0, "table full")],
    ),
    # 341 orders with two legs each take 1023 places: the 342nd does not fit, a plain one does
    Case(
        "carried legs count",
        [F, F],
        {0: [place(**limit(50), **sl(40), **tp(60)) for _ in range(342)] + [place(**limit(50))]},
        working=set(range(1, 343)),
        denied=[(0, "table full")],
    ),
    Case(
        "IOC is not for stops",
        [F, F],
        {0: [enter(**stop(102), time_in_force="ioc")]},
        denied=[(0, "not for this kind")],
        reading="denied",
    ),
]
