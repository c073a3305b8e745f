"""Faults that were found from outside, as small cases: money that was made or lost where no venue would."""

from __future__ import annotations

from tests.reference.values import Config

from .notation import FILLED, OVER, PERPETUAL, TENTH, Case, F, Q, enter, limit, place, sell

H = (100, 101, 99, 100, 100)
FUNDED = Config(leverage=10, funding_rate=0.01)

FAULTS = [
    # Margin 10. Each bar of eight hours takes 100 × 0.01 = 1: after the sixth charge it is 4, the level 96 / 0.995 =
    # 96.48…; after the tenth 0, and the position is closed at 100, with nothing left for the fee: 10 lost, no more.
    Case(
        "funding takes the margin and ends in a liquidation",
        [F] * 13,
        {0: [enter()]},
        [(1, 1, 1, 100), (11, -1, 1, 100)],
        {1: FILLED},
        FUNDED,
        market=PERPETUAL,
        step=8 * 3600 * 1000,
        funding=10,
        cash=9990,
    ),
    # Margin 100 of 1 000; at the gap to 60 the loss would be 400.
    Case(
        "a gap takes no more than the margin",
        [F, F, (60, 61, 59, 60)],
        {0: [enter(10)]},
        [(1, 1, 10, 100), (2, -1, 10, 90)],
        {1: FILLED},
        Config(capital=1000, leverage=10, taker_fee=0.001, liquidation_fee=0.005),
        market=PERPETUAL,
        fees=1,  # of the entry: the liquidation finds nothing left
        cash=899,
    ),
    # 10 of 30 fit into a bar. 20 were left when the market was at 103: they gain nothing from 104 and 106.
    Case(
        "the volume limit makes no money",
        [F, H, H, H, (100, 103, 100, 103, 100), (104, 106, 103, 105, 100), (106, 107, 105, 106, 100)],
        {0: [enter(30)], 3: [sell(30, **limit(103))]},
        [(1, 1, 10, 100), (2, 1, 10, 100), (3, 1, 10, 100), (4, -1, 10, 103), (5, -1, 10, 103), (6, -1, 10, 103)],
        {1: FILLED, 2: FILLED},
        TENTH,
    ),
    # 0.1 + 0.2 − 0.3 is 5.6e-17 in float64
    Case(
        "a position of nothing is none",
        [F, F, F, F, F],
        {0: [place(0.1)], 1: [place(0.2)], 2: [place(0.3, -1)], 3: [enter()]},
        [(1, 1, 0.1, 100), (2, 1, 0.2, 100), (3, -1, 0.3, 100), (4, 1, 1, 100)],
        {1: FILLED, 2: FILLED, 3: FILLED, 4: FILLED},
        market={"lot": 1e-8},
    ),
    # Good for three bars of its own, of which the grid has one: bars 1, 4 and 5.
    Case(
        "bars that only another instrument has do not count",
        [F, Q, None, None, Q, (100, 100, 95, 96), F],
        {0: [enter(**limit(97), good_for=3)]},
        [(5, 1, 1, 97)],
        {1: FILLED},
        second=[F] * 7,
    ),
    Case(
        "and it ends after them",
        [F, Q, None, None, Q, Q, (100, 100, 95, 96)],
        {0: [enter(**limit(97), good_for=3)]},
        [],
        {1: OVER},
        second=[F] * 7,
    ),
    # A short of half the wallet brings no cash into it: the second size is 50 % of 10 000 again.
    Case(
        "the cash of a percentage is the wallet",
        [F, F, F],
        {
            0: [enter(50, -1, size_as="percent_of_cash")],
            1: [place(50, -1, size_as="percent_of_cash")],
        },
        [(1, -1, 50 * (1 - 1e-12), 100), (2, -1, 50 * (1 - 1e-12), 100)],
        {1: FILLED, 2: FILLED},
        Config(leverage=2),
        market=PERPETUAL,
    ),
]
