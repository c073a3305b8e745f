"""The volume limit and partial fills."""

from __future__ import annotations

from tests.reference.values import Config

from .brackets import BOTH
from .notation import AT_ONCE, CUT, FILLED, OTHER, TENTH, Case, F, enter, limit, place, sl, stop

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
        [(1, 1, 10, 100), (2, -1, 10, 97), (2, 1, 5, 100)],
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
