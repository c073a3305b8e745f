"""The sequence of what happened to several instruments on one bar: funding comes at the turn of its instrument."""

from __future__ import annotations

from wickwork.engine.paper.sequence import FILL, FUNDING, Step, turns_of, with_funding
from wickwork.model.order_kinds import LIMIT, MARKET


def test_funding_of_an_instrument_that_reduces_comes_before_that_of_the_others() -> None:
    rows = [
        {"lane": 1, "reduce_only": 1, "kind": MARKET, "live_from": 7},
        {"lane": 2, "reduce_only": 1, "kind": MARKET, "live_from": 8},
        {"lane": 0, "reduce_only": 1, "kind": LIMIT, "live_from": 2},
        {"lane": 3, "reduce_only": 1, "kind": MARKET, "live_from": 7},
    ]
    turns = turns_of([True, True, True, False], rows, 7)
    assert turns == [1, 0, 1, 2]
    fills = [Step(FILL, {"lane": lane}) for lane in (1, 0, 3)]
    found = with_funding(fills, [{"lane": lane} for lane in (0, 1, 2)], turns)
    assert [(step.what, step.row["lane"]) for step in found] == [
        (FUNDING, 1),
        (FILL, 1),
        (FUNDING, 0),
        (FILL, 0),
        (FUNDING, 2),
        (FILL, 3),
    ]
