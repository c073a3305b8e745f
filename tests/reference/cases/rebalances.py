"""Positions brought to a share of equity: section 14, and the turns of section 1."""

from __future__ import annotations

from math import nan
from typing import Any

from tests.reference.values import Config, Intent

from .notation import CUT, FILLED, LATE, PERPETUAL, Case, F, enter, place


def to(weight: float, **more: Any) -> Intent:
    return Intent(verb="rebalance", size=weight, **more)


LOT = {"lot": 0.01}
WHOLE = {"lot": 1.0}
SWING = {**PERPETUAL, "lot": 1.0}

REBALANCES = [
    # 10 000 × 0.5 / (100 × 1.001) = 49.95…
    Case("from flat, costs within the weight", [F, F], {0: [to(50)]}, [(1, 1, 49.95, 100)], {1: FILLED},
         Config(taker_fee=0.001), market=LOT),
    # equity 10 000 + 40 × 10 = 10 400; wanted 6 240, held 4 400: 1 840 / 110 = 16.7…
    Case("what is missing", [F, F, (110, 110, 110, 110), (110, 110, 110, 110)], {0: [enter(40)], 2: [to(60)]},
         [(1, 1, 40, 100), (3, 1, 16, 110)], {1: FILLED, 2: FILLED}, market=WHOLE),
    # equity 10 800, held 8 800, wanted 5 400: 3 400 / 110 = 30.9…
    Case("what is too much", [F, F, (110, 110, 110, 110), (110, 110, 110, 110)], {0: [enter(80)], 2: [to(50)]},
         [(1, 1, 80, 100), (3, -1, 30, 110)], {1: FILLED, 2: FILLED}, market=WHOLE),
    Case("to nothing, whole and without a minimum", [F, F, F], {0: [enter(0.5)], 1: [to(0, tolerance=50)]},
         [(1, 1, 0.5, 100), (2, -1, 0.5, 100)], {1: FILLED, 2: FILLED}, market={"minimum_notional": 40.0}),
    Case("flat to nothing", [F, F], {0: [to(0)]}),
    # 40 % are held, 45 wanted, tolerance 5
    Case("within the tolerance", [F, F, F], {0: [enter(40)], 1: [to(45, tolerance=5)]}, [(1, 1, 40, 100)], {1: FILLED}),
    Case("flat and within the tolerance", [F, F], {0: [to(1, tolerance=1)]}),
    Case("a difference below the minimum", [F, F, F], {0: [enter(40)], 1: [to(45)]}, [(1, 1, 40, 100)], {1: FILLED},
         market={"minimum_notional": 501.0}),
    Case("below zero", [F, F], {0: [to(-50)]}, [(1, -1, 50, 100)], {1: FILLED}, market=SWING),
    # closes 20, opens 10 000 × 0.3 / 100 on the other side
    Case("through zero in two orders", [F, F, F], {0: [enter(20)], 1: [to(-30)]},
         [(1, 1, 20, 100), (2, -1, 20, 100), (2, -1, 30, 100)], {1: FILLED, 2: FILLED, 3: FILLED}, market=SWING),
    Case("a negative weight on spot", [F, F, F], {0: [enter(20)], 1: [to(-30)]}, [(1, 1, 20, 100)], {1: FILLED},
         denied=[(1, "cannot be sold short")]),
    Case("a weight that is missing", [F, F], {0: [to(nan)]}, denied=[(0, "value missing")]),
    # the first order arrives at bar 2
    Case("while its order is on the way", [F, F, F], {0: [to(50)], 1: [to(80)]}, [(2, 1, 50, 100)], {1: FILLED}, LATE,
         market=WHOLE, denied=[(1, "the order of the last rebalance works")]),
    Case("while another action's order is on the way", [F, F], {0: [place(20), to(50, action=1)]},
         [(1, 1, 20, 100), (1, 1, 50, 100)], {1: FILLED, 2: FILLED}, market=WHOLE),
    # Both hold 50. The first wants 90 %, the second 10 %: 40 × 100 are sold before 40 are bought.
    Case("what is sold comes before what is bought", [F, F, F], {0: [enter(50)], 1: [to(90)]},
         [(1, 1, 50, 100, 0), (1, 1, 50, 100, 1), (2, -1, 40, 100, 1), (2, 1, 40, 100, 0)],
         {1: FILLED, 2: FILLED, 3: FILLED, 4: FILLED}, market=WHOLE, second=[F, F, F],
         second_intents={0: [enter(50)], 1: [to(10)]}, cash=0),
    # The sale of a plain order that is not reduce-only comes in the order of the list: the purchase is cut.
    Case("an order that is not reduce-only has no earlier turn", [F, F, F], {0: [enter(60)], 1: [to(90)]},
         [(1, 1, 60, 100, 0), (1, 1, 30, 100, 1), (2, 1, 10, 100, 0), (2, -1, 30, 100, 1)],
         {1: FILLED, 2: FILLED, 3: CUT, 4: FILLED}, market=WHOLE, second=[F, F, F],
         second_intents={0: [enter(30)], 1: [place(30, -1)]}),
]  # fmt: skip
