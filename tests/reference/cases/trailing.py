"""Trailing stops."""

from __future__ import annotations

from typing import Any

from .words import FILLED, OTHER, PERPETUAL, Case, F, enter, limit, sell, stop


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
