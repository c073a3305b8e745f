"""Time in force, reduce-only, latency, cancel and modify."""

from __future__ import annotations

from tests.reference.values import Config

from .brackets import BOTH
from .notation import (
    AT_ONCE,
    CANCELED,
    CLOSED,
    FEES,
    FILLED,
    LATE,
    NOTHING,
    OTHER,
    OVER,
    SMALL,
    TAKEN,
    Case,
    F,
    Q,
    cancel,
    close,
    enter,
    limit,
    modify,
    place,
    sell,
    sl,
    stop,
    tp,
)

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
        {0: [place(action=7, **limit(98)), place(action=8, **limit(99.5), good_for=1)], 1: [cancel(target=7)]},
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
    # the stop loss at 95 moves to the entry price of 100
    Case(
        "a stop loss moves to break even",
        [F, (100, 106, 100, 105), (105, 105, 99, 99)],
        {0: [enter(**sl(95), **tp(120))], 1: [modify(target=0, leg="stop loss", price=100)]},
        [(1, 1, 1, 100), (2, -1, 1, 100)],
        {1: FILLED, 2: FILLED, 3: OTHER},
    ),
    Case(
        "a take profit moves, late",  # arrives before bar 4; there was none at bar 1
        [F, F, (100, 104, 100, 104), (104, 110, 103, 104), (104, 105, 104, 105)],
        {0: [enter(**sl(95), **tp(120))], **{t: [modify(leg="take profit", price=103)] for t in (1, 2)}},
        [(2, 1, 1, 100), (4, -1, 1, 104)],
        {1: FILLED, 2: OTHER, 3: FILLED},
        LATE,
        denied=[(1, "no such order works")],
    ),
    # half of the volume: 1 at 100, 1 at 102; the stop loss that was moved stays at 99, and grows
    Case(
        "a leg that was moved keeps its price when its entry fills again",
        [F, (100, 100, 100, 100, 2), (102, 102, 102, 102, 2), (102, 102, 99, 100)],
        {0: [enter(2, stop_loss=("distance", 5))], 1: [modify(leg="stop loss", price=99)]},
        [(1, 1, 1, 100), (2, 1, 1, 102), (3, -1, 2, 99)],
        {1: FILLED, 2: FILLED},
        Config(volume_limit=0.5),
    ),
    Case(
        "a leg keeps its quantity",
        [F, F, F],
        {0: [enter(**sl(95))], 1: [modify(leg="stop loss", price=99, quantity=2)]},
        [(1, 1, 1, 100)],
        {1: FILLED},
        working={2},
        denied=[(1, "the quantity of a leg")],
    ),
    # a stop loss above the market is hit at the next open
    Case(
        "a stop loss moved beyond the market",
        [F, F, (101, 102, 101, 102)],
        {0: [enter(**sl(95))], 1: [modify(leg="stop loss", price=103)]},
        [(1, 1, 1, 100), (2, -1, 1, 101)],
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
