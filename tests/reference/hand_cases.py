"""Cases computed by hand from docs/matching.md; the arithmetic stands in the comments.

Decisions fall at the close of bar 0 unless a case says otherwise, so that fills begin with bar 1. A bar is
(open, high, low, close) with a volume of 1000, or has its volume as the fifth number; None is a missing bar. A fill is
(bar, side, quantity, price), with the instrument as the fifth number where there are two. `ends` names every order
that ended and `working` every one that did not.
"""

from dataclasses import dataclass, field
from math import inf, nan
from typing import Any

from .values import Config, Intent

HOUR = 3600 * 1000
DAY = 24 * HOUR
F = (100, 100, 100, 100)  # a bar in which nothing happens
Q = (100, 101, 99, 100)  # a quiet one


@dataclass(frozen=True)
class Case:
    name: str
    bars: list[Any]
    intents: dict[int, list[Intent]]
    fills: list[tuple] = field(default_factory=list)
    ends: dict[int, str] = field(default_factory=dict)
    config: Config = field(default_factory=Config)
    ambiguous: int = 0
    market: dict[str, Any] = field(default_factory=dict)  # kind, tick, lot, minimum_…
    finer: dict[int, list[tuple]] = field(default_factory=dict)
    start: int = 0
    step: int = HOUR
    second: list[Any] | None = None  # the bars of a second instrument with the same options
    second_intents: dict[int, list[Intent]] = field(default_factory=dict)
    working: set[int] = field(default_factory=set)
    denied: list[tuple[int, str]] = field(default_factory=list)  # (bar, reason)
    cash: float | None = None
    fees: float | None = None
    funding: float | None = None
    slippage: float | None = None
    makers: list[bool] | None = None  # of each fill
    reading: str = ""  # where the case rests on a reading of an unclear sentence


def enter(size: float = 1, side: int = 1, **more: Any) -> Intent:
    return Intent(verb="enter", size=size, side=side, **more)


def place(size: float = 1, side: int = 1, **more: Any) -> Intent:
    return Intent(verb="place", size=size, side=side, **more)


def sell(size: float = 1, **more: Any) -> Intent:
    """A reduce-only sell order."""
    return place(size, -1, reduce_only=True, **more)


def close(percent: float = 100, **more: Any) -> Intent:
    return Intent(verb="close", size=percent, **more)


def reverse(size: float = 1, side: int = 1, **more: Any) -> Intent:
    return Intent(verb="reverse", size=size, side=side, **more)


def cancel(**more: Any) -> Intent:
    return Intent(verb="cancel", **more)


def modify(**more: Any) -> Intent:
    return Intent(verb="modify", **more)


def limit(price: float) -> dict[str, Any]:
    return {"kind": "limit", "limit": price}


def stop(price: float) -> dict[str, Any]:
    return {"kind": "stop", "stop": price}


def stop_limit(trigger: float, price: float) -> dict[str, Any]:
    return {"kind": "stop_limit", "stop": trigger, "limit": price}


def sl(price: float) -> dict[str, Any]:
    return {"stop_loss": ("price", price)}


def tp(price: float) -> dict[str, Any]:
    return {"take_profit": ("price", price)}


FILLED = "filled"
CANCELED = "canceled by the strategy"
OVER = "good-for over"
TAKEN = "would have taken"
AT_ONCE = "not filled at once"
NOTHING = "nothing to reduce"
CUT = "cut to the funds"
NO_FUNDS = "no funds"
CLOSED = "position closed"
OTHER = "other leg filled"
LIQUIDATED = "liquidated"
NO_SHORT = "cannot be sold short"

BEST = Config(assume="best")
FEES = Config(maker_fee=0.0005, taker_fee=0.001)
TENTH = Config(volume_limit=0.1)
LATE = Config(latency=1)
SMALL = Config(capital=1000)
PERPETUAL = {"kind": "perpetual"}
TEN = Config(leverage=10)

# Long from 100 at leverage 10: level 100 × 0.9 / 0.995, bankruptcy 90. Short: 100 × 1.1 / 1.005, bankruptcy 110.
LONG_LEVEL = 90.45226130653266
SHORT_LEVEL = 109.45273631840796

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
        "a leg behind the path at its birth",
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
        "a stop loss behind the path at its birth",
        [F, (100, 103, 99, 102)],
        {0: [enter(**stop(102), stop_loss=("distance", 0.5), **tp(110))]},
        [(1, 1, 1, 103.02), (1, -1, 1, 100.98)],
        {1: FILLED, 2: FILLED, 3: OTHER},
        Config(slippage_model="percent", slippage=0.01),
    ),
]


def trail(distance: float) -> dict[str, Any]:
    return {"trail": ("distance", distance)}


TRAILING = [
    # 100 − 5 = 95 in bar 1; 104 − 5 = 99 after it
    Case(
        "a trailing stop follows the high of earlier bars",
        [F, (100, 104, 99, 103), (103, 105, 98, 100)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (2, -1, 1, 99)],
        {1: FILLED, 2: FILLED},
    ),
    # 110 × 0.95 = 104.5; the 112 of bar 2 itself does not count
    Case(
        "a trailing share",
        [F, (100, 110, 99, 109), (108, 112, 104, 105)],
        {0: [enter(trail=("share", 0.05))]},
        [(1, 1, 1, 100), (2, -1, 1, 104.5)],
        {1: FILLED, 2: FILLED},
    ),
    # the open of 110 becomes the extreme: 105
    Case(
        "gap up, then hit",
        [F, F, (110, 111, 104, 106)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (2, -1, 1, 105)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "gap down through the trailing stop",
        [F, F, (94, 96, 93, 95)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (2, -1, 1, 94)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "within the bar the level stays",  # 95 all through bar 1, although 120 − 5 = 115 > the close
        [F, (100, 120, 96, 100)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        working={2},
    ),
    # 100 + 5 = 105 in bar 1; 96 + 5 = 101 after it
    Case(
        "a trailing stop of a short",
        [F, (100, 101, 96, 97), (97, 101, 95, 99)],
        {0: [enter(1, -1, **trail(5))]},
        [(1, -1, 1, 100), (2, 1, 1, 101)],
        {1: FILLED, 2: FILLED},
        market=PERPETUAL,
    ),
    # extreme: the close of the deciding bar, 103; level 99
    Case(
        "a placed trailing stop starts with the close",
        [F, (100, 110, 100, 103), (103, 103, 99, 100)],
        {0: [enter()], 1: [sell(kind="trailing", trail_amount=4)]},
        [(1, 1, 1, 100), (2, -1, 1, 99)],
        {1: FILLED, 2: FILLED},
    ),
    # born at 98 on the way down, extreme 98; the high may have been before: the close of 102 counts; level 100
    Case(
        "entry bar of a limit entry: the close",
        [F, (100, 103, 97, 102), (102, 102.5, 100, 101)],
        {0: [enter(**limit(98), **trail(2))]},
        [(1, 1, 1, 98), (2, -1, 1, 100)],
        {1: FILLED, 2: FILLED},
    ),
    # born at 102 on the way up: the high of 106 comes after; level 103
    Case(
        "entry bar of a stop entry: the high",
        [F, (100, 106, 100, 103.5), (104, 104, 103, 103)],
        {0: [enter(**stop(102), **trail(3))]},
        [(1, 1, 1, 102), (2, -1, 1, 103)],
        {1: FILLED, 2: FILLED},
    ),
    # level 100 + 2 = 102 in bar 1, 97 + 2 = 99 in bar 2
    Case(
        "a trailing entry",
        [F, (100, 101, 97, 98), (98, 99, 96, 97)],
        {0: [enter(kind="trailing", trail_amount=2)]},
        [(2, 1, 1, 99)],
        {1: FILLED},
    ),
    # level 100 × 1.02 = 102, reached at once at 102.5
    Case(
        "a trailing entry by share, gap",
        [F, (102.5, 103, 102, 103)],
        {0: [enter(kind="trailing", trail_share=0.02)]},
        [(1, 1, 1, 102.5)],
        {1: FILLED},
    ),
    # stop loss 96; trailing 0.5 × 4 = 2 below 100: 98 is nearer
    Case(
        "a trailing stop of R",
        [F, (100, 100, 97, 99)],
        {0: [enter(stop_loss=("distance", 4), trail=("r", 0.5))]},
        [(1, 1, 1, 100), (1, -1, 1, 98)],
        {1: FILLED, 3: FILLED, 2: OTHER},
    ),
]

OCO = [
    Case(
        "one of two fills",
        [F, (100, 103, 99, 101)],
        {0: [place(**limit(98), oco=1), place(**stop(102), oco=1)]},
        [(1, 1, 1, 102)],
        {2: FILLED, 1: OTHER},
    ),
    Case(
        "both in reach, worst: the stop",
        [F, (100, 103, 97, 100)],
        {0: [place(**limit(98), oco=1), place(**stop(102), oco=1)]},
        [(1, 1, 1, 102)],
        {2: FILLED, 1: OTHER},
        ambiguous=1,
    ),
    Case(
        "both in reach, best: the limit",
        [F, (100, 103, 97, 100)],
        {0: [place(**limit(98), oco=1), place(**stop(102), oco=1)]},
        [(1, 1, 1, 98)],
        {1: FILLED, 2: OTHER},
        BEST,
        ambiguous=1,
    ),
    # 3 − 1 = 2 are left of the limit order
    Case(
        "a smaller fill reduces the other",
        [F, (100, 103, 99, 101), (100, 101, 97, 98)],
        {0: [place(3, **limit(98), oco=1), place(1, **stop(102), oco=1)]},
        [(1, 1, 1, 102), (2, 1, 2, 98)],
        {2: FILLED, 1: FILLED},
    ),
    Case(
        "two limits on two sides that are not tied: not ambiguous",
        [F, F, (100, 103, 97, 100)],
        {0: [enter()], 1: [place(**limit(98)), place(1, -1, **limit(102))]},
        # the nearest decides the side; equally near: the lower id
        [(1, 1, 1, 100), (2, 1, 1, 98), (2, -1, 1, 102)],
        {1: FILLED, 2: FILLED, 3: FILLED},
    ),
]

OCO += [
    # 102 is 2 away, 97 is 3: the nearer stop decides the side; then 97 is crossed after all
    Case(
        "stops on both sides: the nearer first",
        [F, F, (100, 102, 97, 99)],
        {0: [enter()], 1: [sell(**stop(97)), place(**stop(102))]},
        [(1, 1, 1, 100), (2, 1, 1, 102), (2, -1, 1, 97)],
        {1: FILLED, 2: FILLED, 3: FILLED},
        ambiguous=1,
    ),
    # 98 and 102 are equally near: the lower id, which is the buy stop
    Case(
        "stops on both sides, equally near: the older first",
        [F, F, (100, 102, 98, 99)],
        {0: [enter()], 1: [place(**stop(102)), sell(2, **stop(98))]},
        [(1, 1, 1, 100), (2, 1, 1, 102), (2, -1, 2, 98)],
        {1: FILLED, 2: FILLED, 3: FILLED},
        ambiguous=1,
    ),
    # 103 is 3 away, 96 is 4: the stop decides the side although the limit is nearer
    Case(
        "the stop first, although a limit is nearer",
        [F, F, (100, 103, 95, 100)],
        {0: [enter()], 1: [sell(**stop(96)), sell(**limit(103))]},
        [(1, 1, 1, 100), (2, -1, 1, 96)],
        {1: FILLED, 2: FILLED, 3: CLOSED},
        ambiguous=1,
    ),
    Case(
        "the limit first under best, although the stop is nearer",
        [F, F, (100, 104, 95, 100)],
        {0: [enter()], 1: [sell(**stop(98)), sell(**limit(103))]},
        [(1, 1, 1, 100), (2, -1, 1, 103)],
        {1: FILLED, 3: FILLED, 2: CLOSED},
        BEST,
        ambiguous=1,
    ),
]

# Volume 100 × 0.1 = 10 fit into a bar.
H = (100, 101, 99, 100, 100)

VOLUME = [
    Case(
        "a market order over three bars",
        [F, H, (101, 102, 99, 100, 100), (102, 102, 99, 100, 100)],
        {0: [enter(25)]},
        [(1, 1, 10, 100), (2, 1, 10, 101), (3, 1, 5, 102)],
        {1: FILLED},
        TENTH,
    ),
    Case(
        "a triggered stop becomes a market order for the rest",
        [F, (100, 103, 99, 101, 100), (104, 105, 103, 104, 100)],
        {0: [enter(15, **stop(102))]},
        [(1, 1, 10, 102), (2, 1, 5, 104)],
        {1: FILLED},
        TENTH,
    ),
    Case(
        "a limit order stays",
        [F, (100, 101, 97, 98, 100), (100, 101, 99, 98.5, 100), (100, 100, 98, 99, 100)],
        {0: [enter(15, **limit(98))]},
        [(1, 1, 10, 98), (3, 1, 5, 98)],
        {1: FILLED},
        TENTH,
    ),
    Case(
        "two orders share the volume",  # 6, then 10 − 6 = 4, then the other 2
        [F, H, H],
        {0: [place(6), place(6)]},
        [(1, 1, 6, 100), (1, 1, 4, 100), (2, 1, 2, 100)],
        {1: FILLED, 2: FILLED},
        TENTH,
    ),
    Case(
        "nothing left in the bar",
        [F, H, (101, 101, 101, 101, 100)],
        {0: [place(10), place(3)]},
        [(1, 1, 10, 100), (2, 1, 3, 101)],
        {1: FILLED, 2: FILLED},
        TENTH,
    ),
    # 105 × 0.1 = 10.5, down to 10
    Case(
        "the cut rounds down to the lot",
        [F, (100, 101, 99, 100, 105), H],
        {0: [enter(12)]},
        [(1, 1, 10, 100), (2, 1, 2, 100)],
        {1: FILLED},
        TENTH,
        market={"lot": 1.0},
    ),
    Case(
        "an IOC order takes what there is",
        [F, H, H],
        {0: [enter(15, time_in_force="ioc")]},
        [(1, 1, 10, 100)],
        {1: AT_ONCE},
        TENTH,
    ),
    Case("a FOK order that does not fit", [F, H], {0: [enter(15, time_in_force="fok")]}, [], {1: AT_ONCE}, TENTH),
    # 10 at 100: stop loss 90. 5 more at 110: average 1550 / 15 = 103.3333, stop loss 93.3333 for 15
    Case(
        "legs grow and are priced anew",
        [F, H, (110, 111, 109, 110, 100), (110, 110, 93, 94, 1000)],
        {0: [enter(15, stop_loss=("distance", 10))]},
        [(1, 1, 10, 100), (2, 1, 5, 110), (3, -1, 15, 1550 / 15 - 10)],
        {1: FILLED, 2: FILLED},
        TENTH,
    ),
    # 10 at 100 with a target of 105, which fills in bar 2; the other 5 at 100 in bar 3 have a new one
    Case(
        "legs that are gone are made anew",
        [F, H, (102, 106, 101, 104), (103, 104, 100, 101)],
        {0: [enter(15, **limit(100), take_profit=("share", 0.05))]},
        [(1, 1, 10, 100), (2, -1, 10, 105), (3, 1, 5, 100)],
        {2: FILLED, 1: FILLED},
        TENTH,
        working={3},
        reading="for that fill's quantity",
    ),
    # 15 held; the stop loss gets 10 at 95, the target keeps 5, the rest is sold at the next open
    Case(
        "a leg that fills in parts",
        [F, (100, 100, 100, 100, 1000), (100, 100, 94, 96, 100), (97, 98, 96, 97, 100)],
        {0: [enter(15, **BOTH)]},
        [(1, 1, 15, 100), (2, -1, 10, 95), (3, -1, 5, 97)],
        {1: FILLED, 2: FILLED, 3: OTHER},
        TENTH,
    ),
]

VOLUME += [
    # Bar 1: 10 at the open; the stop loss is reached, but nothing is left; the limit of 105 lies behind the path and
    # makes nothing ambiguous. Bar 2: the triggered stop first (class 0), then the other 5 as a maker at 97.
    Case(
        "what acted at the open does not act inside",
        [F, (100, 106, 94, 100, 100), (97, 98, 96, 97)],
        {0: [enter(15, **limit(105), **sl(95))]},
        [(1, 1, 10, 100), (2, -1, 10, 97), (2, 1, 5, 97)],
        {2: FILLED, 1: FILLED},
        TENTH,
        working={3},
        makers=[False, False, True],
        reading="dealt with at the open: not reachable inside",
    ),
    # the market order takes the 10 × 0.1 = 1; the stop is triggered and sold at the next open
    Case(
        "a stop triggers though nothing is left in the bar",
        [F, F, (100, 100, 94, 96, 10), (97, 98, 97, 98, 1000)],
        {0: [place(2, **sl(95))], 1: [place(1)]},
        [(1, 1, 2, 100), (2, 1, 1, 100), (3, -1, 2, 97)],
        {1: FILLED, 3: FILLED, 2: FILLED},
        TENTH,
        reading="a triggered stop becomes a market order also when none of it fits",
    ),
    # 10 of 15 for 1000 of 1040; then 40 / 110 is below one lot
    Case(
        "filled in part, then no funds",
        [F, H, (110, 110, 110, 110, 100)],
        {0: [enter(15)]},
        [(1, 1, 10, 100)],
        {1: CUT},
        Config(capital=1040, volume_limit=0.1),
        market={"lot": 1.0},
        reading="'when something was filled' counts over the life of the order",
    ),
]

TIME_IN_FORCE = [
    Case(
        "IOC limit that is not reached at the open",
        [F, (100, 101, 97, 98)],
        {0: [enter(**limit(98), time_in_force="ioc")]},
        [],
        {1: AT_ONCE},
    ),
    Case("FOK that fits", [F, F], {0: [enter(**limit(100), time_in_force="fok")]}, [(1, 1, 1, 100)], {1: FILLED}),
    Case("FOK that the funds would cut", [F, F], {0: [enter(20, time_in_force="fok")]}, [], {1: AT_ONCE}, SMALL),
    Case(
        "FOK that the position would cut",
        [F, F, F],
        {0: [enter()], 1: [sell(2, time_in_force="fok")]},
        [(1, 1, 1, 100)],
        {1: FILLED, 2: AT_ONCE},
        reading="whole or not at all, whatever cuts",
    ),
    Case(
        "good for two bars",
        [F, Q, Q, (100, 101, 97, 98)],
        {0: [enter(**limit(98), good_for=2)]},
        [],
        {1: OVER},
    ),
    Case(
        "filled in its last bar",
        [F, Q, (100, 101, 97, 98)],
        {0: [enter(**limit(98), good_for=2)]},
        [(2, 1, 1, 98)],
        {1: FILLED},
    ),
    Case(
        "good for one bar, with latency",  # live in bar 2 only
        [F, (100, 101, 97, 98), Q, (100, 101, 97, 98)],
        {0: [enter(**limit(98), good_for=1)]},
        [],
        {1: OVER},
        LATE,
    ),
    Case("post-only would have taken", [F, F], {0: [enter(**limit(101), post_only=True)]}, [], {1: TAKEN}),
    Case(
        "post-only at its price",
        [F, (100, 101, 98, 99)],
        {0: [enter(**limit(98), post_only=True)]},
        [(1, 1, 1, 98)],
        {1: FILLED},
    ),
    Case(
        "post-only, no longer fresh, gap",
        [F, Q, (97, 98, 96, 97)],
        {0: [enter(**limit(98), post_only=True)]},
        [(2, 1, 1, 97)],
        {1: FILLED},
        makers=[True],
    ),
]

REDUCE_ONLY = [
    Case(
        "cut to the position",
        [F, F, F],
        {0: [enter()], 1: [sell(3)]},
        [(1, 1, 1, 100), (2, -1, 1, 100)],
        {1: FILLED, 2: CLOSED},
    ),
    Case("nothing to reduce", [F, F], {0: [sell()]}, [], {1: NOTHING}),
    Case("nothing to reduce inside", [F, (100, 100, 95, 96)], {0: [sell(**stop(98))]}, [], {1: NOTHING}),
    Case(
        "half is closed, the stop loss closes the rest",
        [F, F, F, (100, 100, 94, 95)],
        {0: [enter(4, **sl(95))], 1: [close(50)]},
        [(1, 1, 4, 100), (2, -1, 2, 100), (3, -1, 2, 95)],
        {1: FILLED, 3: FILLED, 2: CLOSED},
    ),
    Case(
        "closing by hand ends the legs",
        [F, F, F],
        {0: [enter(**BOTH)], 1: [close()]},
        [(1, 1, 1, 100), (2, -1, 1, 100)],
        {1: FILLED, 4: FILLED, 2: CLOSED, 3: CLOSED},
    ),
]

LATENCY_CANCEL_MODIFY = [
    Case(
        "latency 1",
        [F, (101, 101, 101, 101), (102, 102, 102, 102)],
        {0: [enter()]},
        [(2, 1, 1, 102)],
        {1: FILLED},
        LATE,
    ),
    Case(
        "a cancel is late: arrives before bar 3",
        [F, F, Q, (100, 101, 97, 98)],
        {0: [enter(**limit(98))], 1: [cancel()]},
        [],
        {1: CANCELED},
        LATE,
    ),
    Case(
        "a cancel is too late",
        [F, F, (100, 101, 97, 98), F],
        {0: [enter(**limit(98))], 1: [cancel()]},
        [(2, 1, 1, 98)],
        {1: FILLED},
        LATE,
    ),
    Case(
        "a cancel without latency",
        [F, Q, (100, 101, 97, 98)],
        {0: [enter(**limit(98))], 1: [cancel()]},
        [],
        {1: CANCELED},
    ),
    Case(
        "a cancel aims at one action",
        [F, Q, (100, 101, 97, 98)],
        {0: [place(tag=7, **limit(98)), place(tag=8, **limit(99.5), good_for=1)], 1: [cancel(target=7)]},
        [(1, 1, 1, 99.5)],
        {1: CANCELED, 2: FILLED},
    ),
    Case(
        "a cancel spares legs",
        [F, F, (100, 100, 95, 96)],
        {0: [enter(**sl(95))], 1: [cancel()]},
        [(1, 1, 1, 100), (2, -1, 1, 95)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "a cancel takes legs when asked",
        [F, F, (100, 100, 95, 96)],
        {0: [enter(**sl(95))], 1: [cancel(legs=True)]},
        [(1, 1, 1, 100)],
        {1: FILLED, 2: CANCELED},
    ),
    Case(
        "cancel, then enter, in one decision",  # the cancel acts first whatever the order of the list
        [F, Q, F],
        {0: [enter(**limit(98))], 1: [enter(), cancel()]},
        [(2, 1, 1, 100)],
        {1: CANCELED, 2: FILLED},
    ),
    Case(
        "a modified price",
        [F, Q, (100, 101, 99, 100)],
        {0: [enter(**limit(98))], 1: [modify(price=99)]},
        [(2, 1, 1, 99)],
        {1: FILLED},
    ),
    Case(
        "a modified trigger",
        [F, Q, (100, 101, 99, 100)],
        {0: [enter(**stop(105))], 1: [modify(price=101)]},
        [(2, 1, 1, 101)],
        {1: FILLED},
    ),
    Case(
        "a modification is late: arrives before bar 3",
        [F, F, (100, 101, 98, 100), (100, 100, 98.5, 99)],
        {0: [enter(**limit(95))], 1: [modify(price=99)]},
        [(3, 1, 1, 99)],
        {1: FILLED},
        LATE,
    ),
    Case(
        "a modification makes fresh",  # taker: 100 × 0.001
        [F, Q, F],
        {0: [enter(**limit(98))], 1: [modify(price=102)]},
        [(2, 1, 1, 100)],
        {1: FILLED},
        FEES,
        fees=0.1,
    ),
    Case(
        "a modified quantity",
        [F, Q, (100, 101, 97, 98)],
        {0: [enter(**limit(98))], 1: [modify(quantity=3)]},
        [(2, 1, 3, 98)],
        {1: FILLED},
    ),
]

LATENCY_CANCEL_MODIFY += [
    # decided at bar 1, arrives before bar 3: order 2, placed in bar 2 and live from bar 4, is not meant
    Case(
        "a late cancel means the orders of its decision",
        [F, F, Q, Q, (100, 101, 97.5, 98)],
        {0: [place(**limit(97))], 1: [cancel()], 2: [place(**limit(98))]},
        [(4, 1, 1, 98)],
        {1: CANCELED, 2: FILLED},
        LATE,
        reading="the orders that work when the cancel is decided",
    ),
    # order 1 fills in bar 2, before the cancel arrives; order 2, live with its arrival, is not meant
    Case(
        "a late cancel and an entry in one decision",
        [F, F, F, (101, 101, 101, 101)],
        {0: [place()], 1: [cancel(), place(2)]},
        [(2, 1, 1, 100), (3, 1, 2, 101)],
        {1: FILLED, 2: FILLED},
        LATE,
    ),
]

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
    # closing books 10 × 100 first: 1000 are there; 15 are wished, 1000 / 100 = 10 are opened
    Case(
        "a flip pays with what its closing part frees",
        [F, F, F],
        {0: [enter(10)], 1: [place(25, -1)]},
        [(1, 1, 10, 100), (2, -1, 20, 100)],
        {1: FILLED, 2: CUT},
        SMALL,
        market=PERPETUAL,
    ),
    # after closing 40: cash 1000, nothing reserved; 60 are wished, 1000 / (100 / 5) = 50 are opened
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
    # 100 × 0.001, and 90.4522613… × (0.001 + 0.005) = 0.5427135…; slippage for the entry only: 100.1
    Case(
        "fees",
        [F, Q, (95, 96, 90, 92)],
        {0: [enter()]},
        [(1, 1, 1, 100), (2, -1, 1, LONG_LEVEL)],
        {1: FILLED},
        Config(leverage=10, taker_fee=0.001, liquidation_fee=0.005),
        market=PERPETUAL,
        fees=0.1 + 0.006 * LONG_LEVEL,
    ),
    # level 100.1 × 0.9 / 0.995 = 90.5427135…
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
        reading="the liquidation order is born with the fill",
    )
    for assume, fills in (
        ("worst", [(1, 1, 1, 102), (1, -1, 1, 1.02 * LONG_LEVEL)]),
        ("best", [(1, 1, 1, 102)]),
    )
]

RATE = Config(funding_rate=0.0001)

FUNDING = [
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
        "64 orders",
        [F, F],
        {0: [place(**limit(50)) for _ in range(65)]},
        working=set(range(1, 65)),
        denied=[(0, "table full")],
    ),
    # 21 orders with two legs each take 63 places: the 22nd does not fit, a plain one does
    Case(
        "carried legs count",
        [F, F],
        {0: [place(**limit(50), **sl(40), **tp(60)) for _ in range(22)] + [place(**limit(50))]},
        working=set(range(1, 23)),
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

SEVERAL = [
    EXITS_FIRST,
    Case(
        "flat instruments in the order of the list",
        [F, F],
        {0: [enter(10)]},
        [(1, 1, 10, 100, 0)],
        {1: FILLED, 2: NO_FUNDS},
        SMALL,
        second=[F, F],
        second_intents={0: [enter(10)]},
    ),
    Case("a missing bar", [F, None, (103, 103, 103, 103)], {0: [enter()]}, [(2, 1, 1, 103)], {1: FILLED}),
    Case(
        "fresh in its first bar, not at its first number",
        [F, None, (97, 98, 96, 97)],
        {0: [enter(**limit(98))]},
        [(2, 1, 1, 97)],
        {1: FILLED},
        makers=[False],
        reading="the first bar that the instrument has",
    ),
    Case(
        "good for a bar that is missing",
        [F, None, (97, 98, 96, 97)],
        {0: [enter(**limit(98), good_for=1)]},
        [],
        {1: OVER},
        reading="bars are counted on the grid; the order does not live on",
    ),
    # the decision of bar 1 exists for the second instrument only
    Case(
        "the other instrument goes on",
        [F, None, F],
        {0: [enter()], 1: [enter()]},
        [(1, 1, 1, 101, 1), (2, 1, 1, 100, 0)],
        {1: FILLED, 2: FILLED},
        second=[F, (101, 101, 101, 101), F],
        second_intents={0: [enter()]},
    ),
]

FINER = [
    Case(
        "finer bars: the target was first",
        [F, WIDE],
        {0: [enter(**BOTH)]},
        [(1, 1, 1, 100), (1, -1, 1, 105)],
        {1: FILLED, 3: FILLED, 2: OTHER},
        finer={1: [(100, 106, 99, 105), (105, 105, 94, 100)]},
    ),
    Case(
        "finer bars: the stop was first",
        [F, WIDE],
        {0: [enter(**BOTH)]},
        [(1, 1, 1, 100), (1, -1, 1, 95)],
        {1: FILLED, 2: FILLED, 3: OTHER},
        finer={1: [(100, 101, 94, 95), (95, 106, 95, 100)]},
    ),
    # the first shows 108: level 103 in the second
    Case(
        "finer bars: a trailing stop moves",
        [F, (100, 108, 100, 104)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (1, -1, 1, 103)],
        {1: FILLED, 2: FILLED},
        finer={1: [(100, 108, 100, 107), (107, 107, 102, 104)]},
    ),
    Case(
        "finer bars: IOC ends after the first open",
        [F, (100, 100, 97, 98)],
        {0: [enter(**limit(98), time_in_force="ioc")]},
        [],
        {1: AT_ONCE},
        finer={1: [(100, 100, 97, 97), (97, 98, 97, 98)]},
    ),
    # 0.1 × 50 in each
    Case(
        "finer bars: the volume limit is theirs",
        [F, (100, 102, 100, 102, 100)],
        {0: [enter(10)]},
        [(1, 1, 5, 100), (1, 1, 5, 101)],
        {1: FILLED},
        TENTH,
        finer={1: [(100, 101, 100, 101, 50), (101, 102, 101, 102, 50)]},
    ),
    Case(
        "finer bars: fresh on the first only",
        [F, (100, 100, 96, 97)],
        {0: [enter(**limit(98))]},
        [(1, 1, 1, 97)],
        {1: FILLED},
        finer={1: [(100, 100, 99, 99), (97, 98, 96, 97)]},
        makers=[True],
        reading="a maker at the open of the second",
    ),
    Case(
        "finer bars: good for coarse ones",
        [F, (100, 100, 98, 99)],
        {0: [enter(**limit(98), good_for=1)]},
        [(1, 1, 1, 98)],
        {1: FILLED},
        finer={1: [(100, 100, 99, 99), (99, 99, 98, 99)]},
    ),
    Case(
        "finer bars: counted once as ambiguous",
        [F, F, (100, 106, 94, 100), (100, 106, 94, 100)],
        {0: [enter(2, **BOTH)]},
        [(1, 1, 2, 100), (2, -1, 2, 95)],
        {1: FILLED, 2: FILLED, 3: OTHER},
        finer={2: [WIDE, WIDE]},
        ambiguous=1,
    ),
    # held at 7, one moment at 8: once, at the open of the first finer bar, 1 × 100 × 0.0001
    Case(
        "finer bars: funding once",
        [F, F, Q],
        {0: [enter()]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        RATE,
        market=PERPETUAL,
        start=6 * HOUR,
        finer={2: [(100, 101, 100, 101), (101, 101, 99, 100)]},
        funding=0.01,
    ),
]

CASES = [
    *MARKET_AND_LIMIT,
    *STOPS,
    *STOP_LIMITS,
    *BRACKETS,
    *ENTRY_AND_EXIT_IN_ONE_BAR,
    *TRAILING,
    *OCO,
    *VOLUME,
    *TIME_IN_FORCE,
    *REDUCE_ONLY,
    *LATENCY_CANCEL_MODIFY,
    *FUNDS,
    *SHORT_AND_FLIP,
    *LIQUIDATION,
    *FUNDING,
    *ROUNDING,
    *COSTS,
    *SIZES,
    *DENIALS,
    *SEVERAL,
    *FINER,
]
