"""Market-if-touched orders: they wait as limits do, and fill as takers."""

from __future__ import annotations

from typing import Any

from tests.reference.values import Config

from .notation import FEES, FILLED, OTHER, TENTH, Case, F, Q, enter, place, sell, stop


def touched(price: float) -> dict[str, Any]:
    return {"kind": "market_if_touched", "stop": price}


SLIPPERY = Config(slippage_model="fixed", slippage=0.5)

MARKET_IF_TOUCHED = [
    Case(
        "touched exactly inside, a taker",  # fee 98 × 0.001
        [F, (100, 101, 98, 99)],
        {0: [enter(**touched(98))]},
        [(1, 1, 1, 98)],
        {1: FILLED},
        FEES,
        fees=0.098,
        makers=[False],
    ),
    Case("missed by a hundredth", [F, (100, 101, 98.01, 99)], {0: [enter(**touched(98))]}, working={1}),
    Case(
        "gap to the better side fills at the open",
        [F, Q, (97, 99, 96, 98)],
        {0: [enter(**touched(98))]},
        [(2, 1, 1, 97)],
        {1: FILLED},
        makers=[False],
    ),
    Case(
        "slippage is paid beyond the trigger",  # a limit at 98 would pay 98
        [F, (100, 101, 97, 99)],
        {0: [enter(**touched(98))]},
        [(1, 1, 1, 98.5)],
        {1: FILLED},
        SLIPPERY,
        slippage=0.5,
    ),
    Case(
        "a sell above the market",
        [F, F, (100, 105, 99, 104)],
        {0: [enter()], 1: [sell(**touched(105))]},
        [(1, 1, 1, 100), (2, -1, 1, 105)],
        {1: FILLED, 2: FILLED},
    ),
    Case(
        "a buy's trigger rounds up, so that it is reached no later than asked",  # 98.04 → 98.1
        [F, (100, 101, 98.1, 99)],
        {0: [enter(**touched(98.04))]},
        [(1, 1, 1, 98.1)],
        {1: FILLED},
        market={"tick": 0.1},
    ),
    Case(
        "the rest of one that was touched is a market order",
        [F, (100, 101, 98, 99, 100), (104, 105, 103, 104, 100)],
        {0: [enter(15, **touched(98))]},
        [(1, 1, 10, 98), (2, 1, 5, 104)],
        {1: FILLED},
        TENTH,
    ),
    Case(
        "the stop on the other side goes first, and the bar is in doubt",
        [F, F, (100, 105, 95, 100)],
        {0: [enter()], 1: [sell(oco=1, **touched(105)), sell(oco=1, **stop(95))]},
        [(1, 1, 1, 100), (2, -1, 1, 95)],
        {1: FILLED, 3: FILLED, 2: OTHER},
        ambiguous=1,
    ),
    Case(
        "placed beyond the market it fills at the next open",
        [F, (101, 102, 100, 101)],
        {0: [place(**touched(103))]},
        [(1, 1, 1, 101)],
        {1: FILLED},
        makers=[False],
    ),
]
