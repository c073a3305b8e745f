"""Maintenance tiers: the liquidation price is where the margin that is left covers exactly what is demanded."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from wickwork import InputError, Terms
from wickwork.orders.margin import liquidation_price
from wickwork.orders.records import LANE, TERMS
from wickwork.sim.tiers import Tier, tiers_of

PUBLISHED = [(0, 0.004, 0), (50_000, 0.005, 50), (600_000, 0.0065, 950), (3_000_000, 0.01, 11_450)]
"""As an exchange publishes them: notional from, maintenance rate, maintenance amount."""


def demanded(tiers: tuple[Tier, ...], notional: float) -> float:
    """The maintenance margin added up bracket by bracket, as income tax is."""
    total = 0.0
    for tier, following in zip(tiers, [*tiers[1:], None], strict=True):
        end = following.floor if following else math.inf
        total += max(0.0, min(notional, end) - tier.floor) * tier.rate
    return total


def level_of(tiers: tuple[Tier, ...], quantity: float, average: float, margin: float) -> float:
    lane, terms = np.zeros(1, LANE).view(np.recarray)[0], np.zeros(1, TERMS).view(np.recarray)[0]
    lane.perpetual, lane.quantity, lane.average, lane.margin = 1, quantity, average, margin
    rows = np.array([(tier.rate, tier.amount) for tier in tiers])
    terms.tiers, terms.tier_count = rows.ctypes.data, len(tiers)
    return float(liquidation_price(terms, lane))


def test_amounts_are_those_that_exchanges_publish() -> None:
    assert [tier.amount for tier in tiers_of(row[:2] for row in PUBLISHED)] == pytest.approx([0, 50, 950, 11_450])
    assert tiers_of(PUBLISHED) == tiers_of(tiers_of(PUBLISHED))


@pytest.mark.parametrize("side", [1, -1])
def test_at_the_liquidation_price_the_margin_left_is_the_maintenance_margin(side: int) -> None:
    r = random.Random(side)
    for _ in range(300):
        tiers = tiers_of([(0, r.uniform(0, 0.01)), (1_000, r.uniform(0.01, 0.05)), (5_000, r.uniform(0.05, 0.3))])
        average, leverage = 10 ** r.uniform(-3, 4), r.uniform(1.0, 12.0)
        quantity = side * 10 ** r.uniform(1, 5) / average
        margin = abs(quantity) * average / leverage
        level = level_of(tiers, quantity, average, margin)
        if level == 0.0:  # a long that is never liquidated, since nothing is demanded of nothing
            assert margin >= quantity * average * (1 - 1e-9)
            continue
        left = margin + quantity * (level - average)
        assert left == pytest.approx(demanded(tiers, abs(quantity) * level), abs=1e-9 * abs(quantity) * average)
        for further in (1.01, 1.5):
            price = level / further if side > 0 else level * further
            assert margin + quantity * (price - average) < demanded(tiers, abs(quantity) * price)


def test_a_larger_position_of_the_same_leverage_is_liquidated_earlier() -> None:
    tiers = tiers_of(PUBLISHED)
    levels = [level_of(tiers, q, 50_000.0, q * 5_000.0) for q in (0.1, 2.0, 20.0, 200.0)]
    assert levels == sorted(levels)
    assert levels[0] == pytest.approx(45_000 / 0.996)
    assert levels[2] == pytest.approx((45_000 - 950 / 20) / 0.9935)


@pytest.mark.parametrize(
    ("rows", "hint"),
    [
        ([(100, 0.01)], "begin at a notional of 0"),
        ([(0, 0.01), (0, 0.02)], "floors must rise"),
        ([(0, 0.02), (100, 0.01)], "rates must not fall"),
        ([(0, 0.4), (100, 4.0)], "between 0 and 0.5"),
        ([(0, 0.01, 0), (100, 0.02, 0)], "is 1, was 0"),
        ([(0, math.nan)], "row 1"),
        ([(0, 0.01), 5], "row 2"),
        ([(0, 0.01), "ab"], "row 2"),
        ("text", "must be rows"),
        (7, "must be rows"),
        ([(k, 0.01) for k in range(65)], "64 are allowed"),
    ],
)
def test_tables_that_no_exchange_has_are_refused(rows: Any, hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        Terms(maintenance_tiers=rows)
