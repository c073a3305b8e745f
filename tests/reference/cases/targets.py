"""Several take profits of one entry, each for a share of its quantity."""

from __future__ import annotations

from typing import Any

from tests.reference import values as v
from tests.reference.values import Config

from .notation import CANCELED, FILLED, OTHER, PERPETUAL, SHARED, TENTH, Case, F, Q, cancel, enter, modify, sl

LOT = {"lot": 1.0}


def targets(*prices_and_shares: tuple[float, float]) -> dict[str, Any]:
    return {"targets": tuple((("price", price), share) for price, share in prices_and_shares)}


HALVES = targets((105, 0.5), (110, 0.5))
BOTH = {**sl(95), **HALVES}

# The entry is order 1, its stop loss 2, its targets 3 and 4.
TARGETS = [
    Case(
        "one target after the other",
        [F, Q, (100, 106, 100, 106), (106, 111, 106, 110)],
        {0: [enter(2, **BOTH)]},
        [(1, 1, 2, 100), (2, -1, 1, 105), (3, -1, 1, 110)],
        {1: FILLED, 3: FILLED, 4: FILLED, 2: OTHER},
    ),
    Case(
        "after the first target the stop closes the rest",
        [F, Q, (100, 106, 100, 104), (104, 104, 94, 95)],
        {0: [enter(2, **BOTH)]},
        [(1, 1, 2, 100), (2, -1, 1, 105), (3, -1, 1, 95)],
        {1: FILLED, 3: FILLED, 2: SHARED, 4: OTHER},
    ),
    Case(
        "the stop cancels all targets",
        [F, Q, (100, 100, 94, 95)],
        {0: [enter(2, **BOTH)]},
        [(1, 1, 2, 100), (2, -1, 2, 95)],
        {1: FILLED, 2: FILLED, 3: OTHER, 4: OTHER},
    ),
    # 3 and 2 of 10; what is left, 5, is the stop's
    Case(
        "shares below the whole leave the rest to the stop",
        [F, Q, (100, 111, 100, 110), (110, 110, 94, 95)],
        {0: [enter(10, **sl(95), **targets((105, 0.3), (110, 0.2)))]},
        [(1, 1, 10, 100), (2, -1, 3, 105), (2, -1, 2, 110), (3, -1, 5, 95)],
        {1: FILLED, 3: FILLED, 4: FILLED, 2: SHARED},
    ),
    Case(
        "one target for a share, and no stop",
        [F, Q, (100, 106, 100, 106)],
        {0: [enter(4, **targets((105, 0.25)))]},
        [(1, 1, 4, 100), (2, -1, 1, 105)],
        {1: FILLED, 2: FILLED},
    ),
    # a third of 10 lots is 3, and the last target gets 4
    Case(
        "shares round down to the lot, the last target gets the rest",
        [F, Q, (100, 107, 100, 107)],
        {0: [enter(10, **targets((102, 1 / 3), (104, 1 / 3), (106, 1 / 3)))]},
        [(1, 1, 10, 100), (2, -1, 3, 102), (2, -1, 3, 104), (2, -1, 4, 106)],
        {1: FILLED, 2: FILLED, 3: FILLED, 4: FILLED},
        market=LOT,
    ),
    # 3 of 10 at first: 1 and 2. With all 10 the first is due 5 and lacks 4, so that the last gets 3 of these 7.
    Case(
        "the parts of an entry give each target what it lacks",
        [F, (*Q, 30), (*Q, 1000), (100, 111, 100, 110)],
        {0: [enter(10, **BOTH)]},
        [(1, 1, 3, 100), (2, 1, 7, 100), (3, -1, 5, 105), (3, -1, 5, 110)],
        {1: FILLED, 3: FILLED, 4: FILLED, 2: OTHER},
        TENTH,
        market=LOT,
    ),
    # A fill of one lot: 40 % of it is none, so only the last target is made, with the next id; the second fill
    # of 9 gives the first 4.
    Case(
        "a target without a lot is made later",
        [F, (*Q, 10), (*Q, 1000), (100, 111, 100, 110)],
        {0: [enter(10, **targets((105, 0.4), (110, 0.6)))]},
        [(1, 1, 1, 100), (2, 1, 9, 100), (3, -1, 4, 105), (3, -1, 6, 110)],
        {1: FILLED, 2: FILLED, 3: FILLED},
        TENTH,
        market=LOT,
    ),
    # Of the stop 4 fill at 95: 6 remain, and the targets together, 10, lose 4 of the second. Then 2 fill at 112: the
    # second target, 1, is gone, and the first has 4 of its 5.
    Case(
        "a stop that fills in part leaves the first target to the last",
        [F, Q, (100, 100, 94, 94, 40), (112, 112, 112, 112, 20)],
        {0: [enter(10, **BOTH)]},
        [(1, 1, 10, 100), (2, -1, 4, 95), (3, -1, 2, 112)],
        {1: FILLED, 4: OTHER},
        TENTH,
        market=LOT,
        working={2, 3},
    ),
    # the rest of 4 closes the position
    Case(
        "a stop that fills in part takes from the last target first",
        [F, Q, (100, 100, 94, 94, 40), (112, 112, 112, 112, 20), (100, 100, 100, 100)],
        {0: [enter(10, **BOTH)]},
        [(1, 1, 10, 100), (2, -1, 4, 95), (3, -1, 2, 112), (4, -1, 4, 100)],
        {1: FILLED, 2: FILLED, 3: OTHER, 4: OTHER},
        TENTH,
        market=LOT,
    ),
    # extreme 103 at the open, 105 after the bar: level 102
    Case(
        "a trailing stop closes what the first target left",
        [F, F, (103, 105, 103, 105), (105, 105, 101, 101)],
        {0: [enter(2, trail=("distance", 3), **targets((105, 0.5), (120, 0.5)))]},
        [(1, 1, 2, 100), (2, -1, 1, 105), (3, -1, 1, 102)],
        {1: FILLED, 2: FILLED, 4: SHARED, 3: OTHER},
    ),
    Case(
        "a short with targets in any order of price",
        [F, Q, (100, 100, 89, 90)],
        {0: [enter(4, -1, **sl(105), **targets((90, 0.75), (95, 0.25)))]},
        [(1, -1, 4, 100), (2, 1, 1, 95), (2, 1, 3, 90)],
        {1: FILLED, 3: FILLED, 4: FILLED, 2: OTHER},
        market=PERPETUAL,
    ),
    # worst goes down to the stop first, best up to the target
    Case(
        "stop and first target in one bar, worst",
        [F, Q, (100, 106, 94, 100)],
        {0: [enter(2, **BOTH)]},
        [(1, 1, 2, 100), (2, -1, 2, 95)],
        {1: FILLED, 2: FILLED, 3: OTHER, 4: OTHER},
        ambiguous=1,
    ),
    Case(
        "stop and first target in one bar, best",
        [F, Q, (100, 106, 94, 100)],
        {0: [enter(2, **BOTH)]},
        [(1, 1, 2, 100), (2, -1, 1, 105), (2, -1, 1, 95)],
        {1: FILLED, 3: FILLED, 2: SHARED, 4: OTHER},
        Config(assume="best"),
        ambiguous=1,
    ),
    Case(
        "the second target is moved, the first stays",
        [F, Q, Q, (100, 106, 100, 106)],
        {0: [enter(2, **BOTH)], 2: [modify(leg="take profit 2", price=103)]},
        [(1, 1, 2, 100), (3, -1, 1, 103), (3, -1, 1, 105)],
        {1: FILLED, 3: FILLED, 4: FILLED, 2: OTHER},
    ),
    Case(
        "a target that was filled cannot be moved",
        [F, Q, (100, 106, 100, 104), F],
        {0: [enter(2, **BOTH)], 2: [modify(leg="take profit", price=103)]},
        [(1, 1, 2, 100), (2, -1, 1, 105)],
        {1: FILLED, 3: FILLED},
        working={2, 4},
        denied=[(2, v.NO_SUCH_ORDER)],
    ),
    # without its first target the position is closed by the second and the stop
    Case(
        "one target is canceled",
        [F, Q, Q, (100, 111, 100, 110), (110, 110, 94, 95)],
        {0: [enter(2, **BOTH)], 2: [cancel(leg="take profit")]},
        [(1, 1, 2, 100), (3, -1, 1, 110), (4, -1, 1, 95)],
        {1: FILLED, 3: CANCELED, 4: FILLED, 2: SHARED},
    ),
    Case(
        "the stop loss alone is canceled, by its action",
        [F, Q, Q, (100, 100, 94, 95)],
        {0: [enter(2, action=1, **BOTH)], 2: [cancel(leg="stop loss", target=1), cancel(leg="take profit", target=2)]},
        [(1, 1, 2, 100)],
        {1: FILLED, 2: CANCELED},
        working={3, 4},
    ),
    Case(
        "targets that cannot be",
        [F, F],
        {
            0: [
                enter(2, action=1, **targets((105, 0.6), (110, 0.5))),
                enter(2, action=2, **targets((105, 0.5), (110, 0.0))),
                enter(2, action=3, **targets((105, 0.5), (99, 0.5))),
                enter(2, action=4, targets=((("share", 0.01), 0.5), (("r", 2.0), 0.5))),
            ]
        },
        denied=[(0, v.SHARES_ABOVE_WHOLE), (0, v.NOT_POSITIVE), (0, v.TARGET_ON_WRONG_SIDE), (0, v.NO_STOP_LOSS)],
    ),
    # 20 % of 4 lots is no lot; 25 % is one, for 100, where 150 are needed
    Case(
        "a target below the minimum",
        [F, F],
        {
            0: [
                enter(4, action=1, **targets((105, 0.2), (110, 0.8))),
                enter(4, action=2, **targets((105, 0.25), (110, 0.75))),
            ]
        },
        denied=[(0, v.NOT_POSITIVE), (0, v.TARGET_BELOW_MINIMUM)],
        market={**LOT, "minimum_notional": 150.0},
    ),
]
