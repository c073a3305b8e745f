"""One cancels other."""

from __future__ import annotations

from .notation import BEST, CLOSED, FILLED, OTHER, SHARED, Case, F, enter, limit, place, sell, stop

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
        {2: FILLED, 1: SHARED},
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
