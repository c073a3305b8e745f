"""How large an order is: each way of saying it means what it says, and never a hair more."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wickwork.graph.types import PERCENT_OF_EQUITY, QUANTITY, QUOTE, RISK_PERCENT
from wickwork.risk.sizing import quantity_of

nan = math.nan
amounts, prices, percents = st.floats(1e-3, 1e6), st.floats(1e-8, 1e6), st.floats(0.01, 100.0)
rates = st.floats(0.0, 0.5)


@given(amounts, prices)
def test_a_quantity_is_itself(size: float, price: float) -> None:
    assert quantity_of(QUANTITY, size, price, nan, nan, nan, nan) == size


@given(amounts, prices)
def test_an_amount_of_quote_buys_that_much(size: float, price: float) -> None:
    assert quantity_of(QUOTE, size, price, nan, nan, nan, nan) * price == pytest.approx(size, rel=1e-15)


@given(amounts, percents, prices, rates, rates)
def test_a_percentage_of_equity_holds_costs_and_all(
    equity: float, percent: float, price: float, cost: float, fee: float
) -> None:
    """Bought at the price that spread and slippage make of it, with the fee, it takes the percentage or a hair less."""
    quantity = quantity_of(PERCENT_OF_EQUITY, percent, price, equity, nan, cost, fee)
    spent = Fraction(quantity) * Fraction(price) * (1 + Fraction(cost)) * (1 + Fraction(fee))
    meant = Fraction(equity) * Fraction(percent) / 100
    assert spent < meant
    assert spent > meant * (1 - Fraction(2, 10**12))


@given(amounts, percents, prices, st.floats(0.001, 0.5), st.sampled_from([1, -1]))
def test_a_percentage_at_risk_is_what_the_stop_loses(
    equity: float, percent: float, price: float, distance: float, side: int
) -> None:
    stop = price * (1 - side * distance)
    quantity = quantity_of(RISK_PERCENT, percent, price, equity, stop, 0.01, 0.01)
    lost = Fraction(quantity) * abs(Fraction(price) - Fraction(stop))
    meant = Fraction(equity) * Fraction(percent) / 100
    assert lost < meant
    assert lost == pytest.approx(float(meant), rel=1e-11)


def test_hand_computed() -> None:
    assert quantity_of(QUOTE, 500.0, 25.0, 0.0, nan, 0.0, 0.0) == 20.0
    assert quantity_of(PERCENT_OF_EQUITY, 50.0, 100.0, 10_000.0, nan, 0.0, 0.0) == pytest.approx(50.0)
    assert quantity_of(PERCENT_OF_EQUITY, 100.0, 100.0, 10_000.0, nan, 0.25, 0.6) == pytest.approx(50.0)
    assert quantity_of(RISK_PERCENT, 1.0, 100.0, 10_000.0, 98.0, 0.0, 0.0) == pytest.approx(50.0)
    assert quantity_of(RISK_PERCENT, 1.0, 100.0, 10_000.0, 102.0, 0.0, 0.0) == pytest.approx(50.0)


@pytest.mark.parametrize("stop", [nan, 100.0])
def test_nothing_can_be_risked_without_a_distance_to_the_stop(stop: float) -> None:
    assert math.isnan(quantity_of(RISK_PERCENT, 1.0, 100.0, 10_000.0, stop, 0.0, 0.0))


@pytest.mark.parametrize("how", [QUANTITY, QUOTE, PERCENT_OF_EQUITY, RISK_PERCENT])
def test_a_size_that_is_missing_stays_missing(how: int) -> None:
    assert math.isnan(quantity_of(how, nan, 100.0, 10_000.0, 95.0, 0.0, 0.0))


@pytest.mark.parametrize("how", [PERCENT_OF_EQUITY, RISK_PERCENT])
def test_an_account_without_equity_buys_nothing(how: int) -> None:
    assert quantity_of(how, 50.0, 100.0, -10.0, 95.0, 0.0, 0.0) < 0.0
    assert quantity_of(how, 50.0, 100.0, 0.0, 95.0, 0.0, 0.0) == 0.0
