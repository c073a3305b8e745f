"""Trailing stops."""

from __future__ import annotations

from typing import Any

from .notation import BEST, FILLED, OTHER, PERPETUAL, Case, F, enter, limit, place, sell, sl, stop, tp


def trail(distance: float) -> dict[str, Any]:
    return {"trail": ("distance", distance)}


def after(distance: float) -> dict[str, Any]:
    return {"trail_after": ("distance", distance)}


TRAILING = [
    # 100 − 5 = 95 in bar 1; 104 − 5 = 99 after it
    Case(
        "a trailing stop follows the high of earlier bars",
        [F, (100, 104, 99.5, 103), (103, 104, 98, 100)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (2, -1, 1, 99)],
        {1: FILLED, 2: FILLED},
    ),
    # 104 × 0.95 = 98.8; the 112 of bar 2 itself may have come after: 112 × 0.95 = 106.4
    Case(
        "a trailing share",
        [F, (100, 104, 99, 103), (103, 112, 98, 105)],
        {0: [enter(trail=("share", 0.05))]},
        [(1, 1, 1, 100), (2, -1, 1, 98.8)],
        {1: FILLED, 2: FILLED},
        ambiguous=1,
    ),
    Case(
        "a trailing share, for the account",
        [F, (100, 104, 99, 103), (103, 112, 98, 105)],
        {0: [enter(trail=("share", 0.05))]},
        [(1, 1, 1, 100), (2, -1, 1, 106.4)],
        {1: FILLED, 2: FILLED},
        config=BEST,
        ambiguous=1,
    ),
    # the open of 110 becomes the extreme: 105; that of 111: 106
    Case(
        "gap up, then hit",
        [F, F, (110, 111, 104, 106)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (2, -1, 1, 105)],
        {1: FILLED, 2: FILLED},
        ambiguous=1,
    ),
    Case(
        "gap down through the trailing stop",
        [F, F, (94, 96, 93, 95)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (2, -1, 1, 94)],
        {1: FILLED, 2: FILLED},
    ),
    # 95 at first, 115 behind the high; the low of 96 lies between: up to 101 and down to 96
    Case(
        "the level follows the high of the bar itself as far as hurts",
        [F, (100, 120, 96, 119)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (1, -1, 1, 96)],
        {1: FILLED, 2: FILLED},
        ambiguous=1,
    ),
    # the low may have come first: not hit; after it 115
    Case(
        "a trailing stop that need not be hit, for the account",
        [F, (100, 120, 96, 119), (119, 119, 115, 116)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (2, -1, 1, 115)],
        {1: FILLED, 2: FILLED},
        config=BEST,
        ambiguous=1,
    ),
    # a close of 100 cannot be left by a stop at 115: hit on the way, at best there
    Case(
        "a close behind the level: hit, for the account at the level behind the high",
        [F, (100, 120, 96, 100)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (1, -1, 1, 115)],
        {1: FILLED, 2: FILLED},
        config=BEST,
        ambiguous=1,
    ),
    # hit at 95 on the way down, or at 115 after the high
    Case(
        "the low reaches the first level, for the account",
        [F, (100, 120, 94, 119)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (1, -1, 1, 115)],
        {1: FILLED, 2: FILLED},
        config=BEST,
        ambiguous=1,
    ),
    Case(
        "the low reaches the first level",
        [F, (100, 120, 94, 119)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100), (1, -1, 1, 95)],
        {1: FILLED, 2: FILLED},
        ambiguous=1,
    ),
    # hit at 99 only from 104 on; the target at 103 is passed before: no doubt
    Case(
        "a target on the way to the turn",
        [F, (100, 120, 99, 119)],
        {0: [enter(**trail(5), **tp(103))]},
        [(1, 1, 1, 100), (1, -1, 1, 103)],
        {1: FILLED, 2: FILLED, 3: OTHER},
    ),
    # the target at 105 comes after the turn at 104
    Case(
        "a target behind the turn",
        [F, (100, 120, 99, 119)],
        {0: [enter(**trail(5), **tp(105))]},
        [(1, 1, 1, 100), (1, -1, 1, 99)],
        {1: FILLED, 2: OTHER, 3: FILLED},
        ambiguous=1,
    ),
    # 102 − 5 = 97: the stop loss at 98 is hit before, whatever came first
    Case(
        "a stop loss nearer than the trailing stop ever is",
        [F, (100, 102, 96, 101)],
        {0: [enter(**trail(5), **sl(98))]},
        [(1, 1, 1, 100), (1, -1, 1, 98)],
        {1: FILLED, 2: FILLED, 3: OTHER},
    ),
    # for the account up to 110 first, 105 is then nearer than the stop loss
    Case(
        "a stop loss that is hit in any case, for the account",
        [F, (100, 110, 97, 109)],
        {0: [enter(**trail(5), **sl(98))]},
        [(1, 1, 1, 100), (1, -1, 1, 105)],
        {1: FILLED, 2: OTHER, 3: FILLED},
        config=BEST,
        ambiguous=1,
    ),
    # 102 − 5 = 97 < 98: no path reaches it
    Case(
        "a low above the level behind the high",
        [F, (100, 102, 98, 99)],
        {0: [enter(**trail(5))]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        working={2},
    ),
    # activated at 98, where the level is 96; up to 99 and down to 97
    Case(
        "entry bar of a limit entry: the turn",
        [F, (100, 103, 97, 102)],
        {0: [enter(**limit(98), **trail(2))]},
        [(1, 1, 1, 98), (1, -1, 1, 97)],
        {1: FILLED, 2: FILLED},
        ambiguous=1,
    ),
    # buying back: 100 + 5 at first, 85 behind the low; up to the high of 101 from 96
    Case(
        "the level of a short follows the low of the bar itself",
        [F, (100, 101, 80, 81)],
        {0: [enter(1, -1, **trail(5))]},
        [(1, -1, 1, 100), (1, 1, 1, 101)],
        {1: FILLED, 2: FILLED},
        market=PERPETUAL,
        ambiguous=1,
    ),
    # 100 + 5 = 105 in bar 1; 96 + 5 = 101 after it
    Case(
        "a trailing stop of a short",
        [F, (100, 100.5, 96, 97), (97, 101, 96, 99)],
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
    # activated at 98 on the way down, extreme 98; the high may have been before: the close of 102 counts; level 95
    Case(
        "entry bar of a limit entry: the close",
        [F, (100, 103, 97, 102), (102, 102, 95, 96)],
        {0: [enter(**limit(98), **trail(7))]},
        [(1, 1, 1, 98), (2, -1, 1, 95)],
        {1: FILLED, 2: FILLED},
    ),
    # activated at 102 on the way up: the high of 106 comes after; level 99.5
    Case(
        "entry bar of a stop entry: the high",
        [F, (100, 106, 100, 103.5), (104, 104, 99.5, 103)],
        {0: [enter(**stop(102), **trail(6.5))]},
        [(1, 1, 1, 102), (2, -1, 1, 99.5)],
        {1: FILLED, 2: FILLED},
    ),
    # level 100 + 2 = 102 in bar 1, 98.5 + 2 = 100.5 in bar 2
    Case(
        "a trailing entry",
        [F, (100, 100, 98.5, 99), (99, 100.5, 98.5, 100)],
        {0: [enter(kind="trailing", trail_amount=2)]},
        [(2, 1, 1, 100.5)],
        {1: FILLED},
    ),
    # level 102 at first, 99 behind the low: down to 99 and up to the high of 101
    Case(
        "a trailing entry in the bar of its extreme",
        [F, (100, 101, 97, 98)],
        {0: [enter(kind="trailing", trail_amount=2)]},
        [(1, 1, 1, 101)],
        {1: FILLED},
        ambiguous=1,
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
    # 96 does not count before 105 was seen; 106 − 4 = 102 after bar 2
    Case(
        "a trailing stop from a price on",
        [F, (100, 104, 95, 103), (103, 106, 103, 106), (106, 106, 101, 102)],
        {0: [enter(**trail(4), **after(5))]},
        [(1, 1, 1, 100), (3, -1, 1, 102)],
        {1: FILLED, 2: FILLED},
    ),
    # the open of 106 is beyond 105: 106 − 4
    Case(
        "the open is beyond the price from which on it follows",
        [F, F, (106, 106, 103, 104), (104, 104, 101, 102)],
        {0: [enter(**trail(4), **after(5))]},
        [(1, 1, 1, 100), (3, -1, 1, 102)],
        {1: FILLED, 2: FILLED},
    ),
    # activated at 105, where its level is 101; the low may come after
    Case(
        "the bar in which it begins to follow",
        [F, F, (101, 110, 101, 109)],
        {0: [enter(**trail(4), **after(5))]},
        [(1, 1, 1, 100), (2, -1, 1, 101)],
        {1: FILLED, 2: FILLED},
        ambiguous=1,
    ),
    # or before: the high of 110 came after 105, so 106 from bar 3 on
    Case(
        "the bar in which it begins to follow, for the account",
        [F, F, (101, 110, 101, 109), (109, 109, 105, 105)],
        {0: [enter(**trail(4), **after(5))]},
        [(1, 1, 1, 100), (3, -1, 1, 106)],
        {1: FILLED, 2: FILLED},
        config=BEST,
        ambiguous=1,
    ),
    Case(
        "entered beyond the price from which on it follows: at once",
        [F, (100, 100, 96, 97)],
        {0: [enter(**trail(4), trail_after=("price", 99))]},
        [(1, 1, 1, 100), (1, -1, 1, 96)],
        {1: FILLED, 2: FILLED},
    ),
    # a buy order: 95 on the way down, 94 + 3 = 97 after bar 2
    Case(
        "a trailing order from a price on",
        [F, (100, 104, 96, 96), (96, 96, 94, 94), (94, 97, 94, 95)],
        {0: [place(1, 1, kind="trailing_from", stop=95, trail_amount=3)]},
        [(3, 1, 1, 97)],
        {1: FILLED},
    ),
    # stop loss 96; from 100 + 0.5 × 4 on, 4 behind: 103 − 4
    Case(
        "from a multiple of R on",
        [F, (100, 103, 100, 103), (103, 103, 98, 99)],
        {0: [enter(stop_loss=("distance", 4), **trail(4), trail_after=("r", 0.5))]},
        [(1, 1, 1, 100), (2, -1, 1, 99)],
        {1: FILLED, 2: OTHER, 3: FILLED},
    ),
    Case(
        "from a multiple of R on without a stop loss",
        [F, F],
        {0: [enter(**trail(4), trail_after=("r", 0.5))]},
        denied=[(0, "no stop loss")],
    ),
]
