"""Market, limit, stop and stop-limit orders by themselves."""

from __future__ import annotations

from tests.reference.values import Config

from .notation import BEST, CLOSED, FEES, FILLED, TAKEN, Case, F, Q, close, enter, limit, place, sell, stop, stop_limit

MARKET_AND_LIMIT = [
    # cash 10 000 − 101
    Case("market at the next open", [F, (101, 102, 99, 100)], {0: [enter()]}, [(1, 1, 1, 101)], {1: FILLED}, cash=9899),
    Case("decided on the last bar", [F], {0: [enter()]}, working={1}),
    Case("limit touched exactly", [F, (100, 101, 98, 99)], {0: [enter(**limit(98))]}, [(1, 1, 1, 98)], {1: FILLED}),
    Case("limit missed by a hundredth", [F, (100, 101, 98.01, 99)], {0: [enter(**limit(98))]}, working={1}),
    Case(
        "limit inside is a maker",  # fee 98 × 0.0005
        [F, (100, 101, 97, 99)],
        {0: [enter(**limit(98))]},
        [(1, 1, 1, 98)],
        {1: FILLED},
        FEES,
        fees=0.049,
        makers=[True],
    ),
    Case(
        "fresh limit beyond the open is a taker at the open",  # fee 97 × 0.001
        [F, (97, 99, 96, 98)],
        {0: [enter(**limit(98))]},
        [(1, 1, 1, 97)],
        {1: FILLED},
        FEES,
        fees=0.097,
        makers=[False],
    ),
    Case(
        "older limit beyond the open is a maker at the open",  # fee 97 × 0.0005
        [F, Q, (97, 99, 96, 98)],
        {0: [enter(**limit(98))]},
        [(2, 1, 1, 97)],
        {1: FILLED},
        FEES,
        fees=0.0485,
        makers=[True],
    ),
    Case("limit equal to the open", [F, F], {0: [enter(**limit(100))]}, [(1, 1, 1, 100)], {1: FILLED}, makers=[False]),
    Case(
        "sell limit touched exactly",
        [F, F, (100, 105, 99, 104)],
        {0: [enter()], 1: [sell(**limit(105))]},
        [(1, 1, 1, 100), (2, -1, 1, 105)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "sell limit, gap up",
        [F, F, Q, (107, 108, 104, 104)],
        {0: [enter()], 1: [sell(**limit(105))]},
        [(1, 1, 1, 100), (3, -1, 1, 107)],
        {1: FILLED, 2: FILLED},
        makers=[False, True],
    ),
    # 99.99 × 1.0005 = 100.039995 is beyond the limit of 100
    Case(
        "a taker's price never passes its limit",
        [F, (99.99, 101, 99, 100)],
        {0: [enter(**limit(100))]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        Config(spread=0.001),
        slippage=0.01,
        reading="a limit order never fills beyond its limit, spread or not",
    ),
    # 100 × 1.0005 is within the limit of 101
    Case(
        "a taker's limit pays the spread",
        [F, F],
        {0: [enter(**limit(101))]},
        [(1, 1, 1, 100.05)],
        {1: FILLED},
        Config(spread=0.001),
    ),
]

STOPS = [
    Case(
        "buy stop touched exactly", [F, (100, 102, 99, 101)], {0: [enter(**stop(102))]}, [(1, 1, 1, 102)], {1: FILLED}
    ),
    Case("buy stop missed", [F, (100, 101.99, 99, 101)], {0: [enter(**stop(102))]}, working={1}),
    Case("buy stop, gap", [F, (103, 104, 101, 102)], {0: [enter(**stop(102))]}, [(1, 1, 1, 103)], {1: FILLED}),
    Case(
        "sell stop touched exactly",
        [F, F, (100, 101, 95, 96)],
        {0: [enter()], 1: [sell(**stop(95))]},
        [(1, 1, 1, 100), (2, -1, 1, 95)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "sell stop, gap",
        [F, F, (93, 96, 92, 95)],
        {0: [enter()], 1: [sell(**stop(95))]},
        [(1, 1, 1, 100), (2, -1, 1, 93)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "sell stop equal to the open",
        [F, F, (95, 96, 95, 96)],
        {0: [enter()], 1: [sell(**stop(95))]},
        [(1, 1, 1, 100), (2, -1, 1, 95)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "of two stops on one side the nearer first",
        [F, F, (100, 101, 94, 96)],
        {0: [enter()], 1: [sell(**stop(95)), sell(**stop(97))]},
        [(1, 1, 1, 100), (2, -1, 1, 97)],
        {1: FILLED, 3: FILLED, 2: CLOSED},
    ),
    Case(
        "of two stops behind the open the older first",
        [F, F, (94, 95, 93, 94)],
        {0: [enter()], 1: [sell(**stop(95)), sell(**stop(97))]},
        [(1, 1, 1, 100), (2, -1, 1, 94)],
        {1: FILLED, 2: FILLED, 3: CLOSED},
    ),
    Case(
        "a market order comes before a stop at the open",
        [F, F, (94, 95, 93, 94)],
        {0: [enter()], 1: [sell(**stop(95)), close()]},  # closes act first: the stop is 3
        [(1, 1, 1, 100), (2, -1, 1, 94)],
        {1: FILLED, 2: FILLED, 3: CLOSED},
    ),
    Case(
        "on the way to the stop the path crosses a limit",
        [F, F, (100, 101, 94, 96)],
        {0: [enter()], 1: [sell(**stop(95)), place(**limit(97))]},
        [(1, 1, 1, 100), (2, 1, 1, 97), (2, -1, 1, 95)],
        {1: FILLED, 2: FILLED, 3: FILLED},
    ),
]

STOP_LIMITS = [
    # triggered at 102; the limit of 103 is behind the path there: taker at 102
    Case(
        "stop-limit through its limit",
        [F, (100, 104, 99, 101)],
        {0: [enter(**stop_limit(102, 103))]},
        [(1, 1, 1, 102)],
        {1: FILLED},
        makers=[False],
    ),
    Case(
        "stop-limit gaps past its limit and fills later",
        [F, (105, 106, 104, 105), (104, 105, 103, 104)],
        {0: [enter(**stop_limit(102, 103))]},
        [(2, 1, 1, 103)],
        {1: FILLED},
        makers=[True],
    ),
    Case(
        "stop-limit gaps past its limit and comes back in the bar",
        [F, (105, 106, 103, 105)],
        {0: [enter(**stop_limit(102, 103))]},
        [(1, 1, 1, 103)],
        {1: FILLED},
    ),
    Case(
        "stop-limit opens between trigger and limit",
        [F, (102.5, 103, 102, 103)],
        {0: [enter(**stop_limit(102, 103))]},
        [(1, 1, 1, 102.5)],
        {1: FILLED},
    ),
    # triggered at 102 on the way up; back at 101 is possible (low 99), not proven (close 102)
    Case(
        "stop-limit with a limit behind its trigger, unproven",
        [F, (100, 103, 99, 102), (102, 102, 100, 101)],
        {0: [enter(**stop_limit(102, 101))]},
        [(2, 1, 1, 101)],
        {1: FILLED},
        ambiguous=1,
    ),
    Case(
        "stop-limit with a limit behind its trigger, best",
        [F, (100, 103, 99, 102)],
        {0: [enter(**stop_limit(102, 101))]},
        [(1, 1, 1, 101)],
        {1: FILLED},
        BEST,
        ambiguous=1,
    ),
    Case(
        "stop-limit with a limit behind its trigger, proven by the close",
        [F, (100, 103, 99, 101)],
        {0: [enter(**stop_limit(102, 101))]},
        [(1, 1, 1, 101)],
        {1: FILLED},
        makers=[True],
    ),
    # the sell limit of 94 is behind the path at 95
    Case(
        "sell stop-limit",
        [F, F, (100, 100, 93, 97)],
        {0: [enter()], 1: [sell(**stop_limit(95, 94))]},
        [(1, 1, 1, 100), (2, -1, 1, 95)],
        {1: FILLED, 2: FILLED},
    ),
]

STOP_LIMITS += [
    # placed earlier, so not fresh: a maker at the open that triggers it
    Case(
        "stop-limit triggered at the open of a later bar",
        [F, Q, (102.5, 103, 102, 103)],
        {0: [enter(**stop_limit(102, 103))]},
        [(2, 1, 1, 102.5)],
        {1: FILLED},
        makers=[False],
    ),
    Case(
        "post-only stop-limit behind the path",
        [F, (100, 104, 99, 101)],
        {0: [enter(**stop_limit(102, 103), post_only=True)]},
        [],
        {1: TAKEN},
        reading="post-only never takes, inside as at the open",
    ),
]
