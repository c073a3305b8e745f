"""Several instruments, missing bars, finer bars."""

from __future__ import annotations

from .brackets import BOTH, WIDE
from .funds import EXITS_FIRST
from .notation import (
    AT_ONCE,
    FILLED,
    HOUR,
    NO_FUNDS,
    OTHER,
    PERPETUAL,
    SMALL,
    TENTH,
    Case,
    F,
    Q,
    enter,
    limit,
    modify,
    place,
    stop_limit,
)
from .perpetuals import RATE
from .trailing import trail

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
        [(2, 1, 1, 97)],
        {1: FILLED},
        reading="bars of the instrument are counted, not those of the grid",
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
    # the first shows 108: level 99.5 in the second
    Case(
        "finer bars: a trailing stop moves",
        [F, (100, 108, 99, 104)],
        {0: [enter(**trail(8.5))]},
        [(1, 1, 1, 100), (1, -1, 1, 99.5)],
        {1: FILLED, 2: FILLED},
        finer={1: [(100, 108, 100, 107), (107, 107, 99, 104)]},
    ),
    # Triggered at the open of the second finer bar; changed at the close it is fresh again on the first of bar 2.
    Case(
        "finer bars: a changed order is fresh on the first of them",
        [F, (100, 103, 100, 103), (103, 104, 102, 103)],
        {0: [place(**stop_limit(102, 101))], 1: [modify(price=104)]},
        [(2, 1, 1, 103)],
        {1: FILLED},
        finer={1: [(100, 101, 100, 101), (102, 103, 102, 103)]},
        makers=[False],
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
