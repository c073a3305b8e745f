"""Rounding, checked against exact decimals and fractions: toward safety, to the nearest step, and stable."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wickwork.risk.rules import (
    cut_down,
    inverse_of,
    is_dust,
    nearest_lot,
    order_price,
    round_down,
    round_up,
    taker_price,
)

DECIMAL_STEPS = [float(f"1e-{k}") for k in range(13)] + [0.5, 0.25, 0.05, 0.0005, 0.02]
ODD_STEPS = [0.3, 0.7, 3.0, 12.5, 2.5e-7 * 3, 10.0, 1000.0]
steps = st.sampled_from(DECIMAL_STEPS + ODD_STEPS)
FEW = 1e14
"""Steps up to which a float tells one step from the next."""
sides = st.sampled_from([1, -1])


@st.composite
def values(draw: st.DrawFn) -> tuple[float, float]:
    """A step, and a value of up to 10⁹ of them."""
    step = draw(steps)
    return draw(st.floats(0.0, 1e9, allow_subnormal=False)) * step, step


@given(values())
def test_down_is_never_above_and_less_than_a_step_below(pair: tuple[float, float]) -> None:
    value, step = pair
    rounded = Fraction(float(round_down(value, step, inverse_of(step))))
    dust = Fraction(step) * Fraction(2, 10**9) + 2 * Fraction(math.ulp(value))
    assert rounded <= Fraction(value) + dust
    assert rounded > Fraction(value) - Fraction(step) - dust


@given(values())
def test_up_is_never_below_and_less_than_a_step_above(pair: tuple[float, float]) -> None:
    value, step = pair
    rounded = Fraction(float(round_up(value, step, inverse_of(step))))
    dust = Fraction(step) * Fraction(2, 10**9) + 2 * Fraction(math.ulp(value))
    assert rounded >= Fraction(value) - dust
    assert rounded < Fraction(value) + Fraction(step) + dust


@given(values())
def test_rounding_again_changes_nothing(pair: tuple[float, float]) -> None:
    value, step = pair
    assume(value / step < FEW)
    inverse = inverse_of(step)
    for function in (round_down, round_up):
        once = float(function(value, step, inverse))
        assert float(round_down(once, step, inverse)) == float(round_up(once, step, inverse)) == once


@pytest.mark.parametrize(
    ("value", "step"),
    [(0.32228482, 1e-8), (0.61391223, 1e-8), (2.61915586, 1e-8), (81597.5351, 1e-4), (66347.577, 1e-3)],
)
def test_a_number_on_the_grid_stays_however_fine_the_grid(value: float, step: float) -> None:
    """A quantity of 0.32 coins on a lot of 1e-8, as large spot venues have it, is 32 million lots."""
    assert (round_down(value, step, inverse_of(step)), round_up(value, step, inverse_of(step))) == (value, value)


@given(st.integers(0, 10**6), st.integers(0, 8), st.sampled_from(["1", "5", "25"]))
def test_a_price_that_a_person_wrote_on_the_grid_stays_as_written(count: int, digits: int, unit: str) -> None:
    """0.3 on a tick of 0.1 is 0.3, not 0.30000000000000004; and 0.29 on 0.01 is 29 steps."""
    step = Decimal(unit).scaleb(-digits)
    written = float(step * count)
    inverse = inverse_of(float(step))
    assume(inverse > 0.0)
    assert float(round_down(written, float(step), inverse)) == written
    assert float(round_up(written, float(step), inverse)) == written


@given(st.decimals("0.00001", "100000", places=5), st.integers(0, 4))
def test_decimal_rounds_the_same(value: Decimal, digits: int) -> None:
    step = Decimal(1).scaleb(-digits)
    assume(value / step < FEW)
    down = (value / step).to_integral_value(ROUND_FLOOR) * step
    up = (value / step).to_integral_value(ROUND_CEILING) * step
    inverse = inverse_of(float(step))
    assert float(round_down(float(value), float(step), inverse)) == float(down)
    assert float(round_up(float(value), float(step), inverse)) == float(up)


@given(values(), sides)
def test_an_order_never_pays_more_nor_asks_for_less_than_was_meant(pair: tuple[float, float], side: int) -> None:
    value, step = pair
    price = float(order_price(value, side, step, inverse_of(step)))
    assert (price - value) * side <= 2e-9 * step + 2 * math.ulp(value)


@given(values(), sides)
def test_a_taker_never_gets_better_than_the_market_nor_anything_for_nothing(
    pair: tuple[float, float], side: int
) -> None:
    value, step = pair
    assume(value > 0.0)
    price = float(taker_price(value, side, step, inverse_of(step)))
    assert price > 0.0
    assert (price - value) * side >= -2e-9 * step - 2 * math.ulp(value)


@given(st.floats(1e-9, 1e9), sides)
def test_without_a_step_nothing_is_rounded(value: float, side: int) -> None:
    assert round_down(value, 0.0, 0.0) == round_up(value, 0.0, 0.0) == value
    assert order_price(value, side, 0.0, 0.0) == taker_price(value, side, 0.0, 0.0) == value


@pytest.mark.parametrize("step", DECIMAL_STEPS)
def test_the_inverse_of_a_decimal_step_is_a_whole_number(step: float) -> None:
    assert inverse_of(step) == round(1 / step)


@pytest.mark.parametrize("step", [0.0, -1.0, 0.3, 0.7, 3.0, 12.5])
def test_other_steps_have_no_inverse(step: float) -> None:
    assert inverse_of(step) == 0.0


@pytest.mark.parametrize(("value", "step", "down", "up"), [(1.0, 0.3, 3, 4), (0.9, 0.3, 3, 3), (7.0, 12.5, 0, 1)])
def test_odd_steps_count_from_zero(value: float, step: float, down: int, up: int) -> None:
    assert float(round_down(value, step, 0.0)) == down * step
    assert float(round_up(value, step, 0.0)) == up * step


@given(st.floats(1e-6, 1e6), st.floats(0.0, 0.5))
def test_dust_of_a_lot_is_half_of_it(lot: float, share: float) -> None:
    assert is_dust(lot * share, 1.0, lot)
    assert not is_dust(lot * 0.5001, 1.0, lot)
    assert not is_dust(lot, 1e9, lot)


@given(st.floats(1e-6, 1e6))
def test_dust_without_a_lot_is_a_trillionth_of_the_whole(scale: float) -> None:
    assert is_dust(scale * 5e-13, scale, 0.0)
    assert not is_dust(scale * 2e-12, scale, 0.0)
    assert is_dust(0.0, scale, 0.0)
    assert is_dust(-scale, scale, 0.0)


@given(st.floats(-10.0, 1000.0), st.floats(1e-3, 1000.0), st.sampled_from([0.0, 0.1, 0.001, 0.3]))
def test_a_cut_is_whole_lots_of_what_there_is_and_never_a_speck(to: float, quantity: float, lot: float) -> None:
    cut = float(cut_down(to, quantity, lot, inverse_of(lot)))
    assert cut >= 0.0
    assert cut <= max(to, 0.0) + 2e-9 * lot
    assert cut == 0.0 or not is_dust(cut, quantity, lot)
    if lot > 0.0:
        assert abs(cut / lot - round(cut / lot)) < 1e-6


@given(st.integers(0, 10**9), st.sampled_from((0.001, 0.1, 0.3, 1.0, 12.5)), st.floats(-0.4, 0.4))
def test_the_nearest_lot_is_a_whole_number_of_lots(lots: int, lot: float, error: float) -> None:
    inverse = inverse_of(lot)
    exact = lots / inverse if inverse else lots * lot
    assert float(nearest_lot(exact + error * lot, lot, inverse)) == exact
    assert float(nearest_lot(-exact - error * lot, lot, inverse)) == -exact


def test_without_a_lot_the_nearest_is_the_quantity_itself() -> None:
    assert nearest_lot(0.123456789, 0.0, 0.0) == 0.123456789
