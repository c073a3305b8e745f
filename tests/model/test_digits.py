from __future__ import annotations

import pytest

from wickwork.cli import output
from wickwork.model.digits import decimals_of_price, decimals_of_step, price_text


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (65_000.0, "65,000.00"),
        (1.23456, "1.2346"),
        (0.5, "0.50000000"),
        (5e-9, "0.0000000050000"),
        (-4.2e-12, "-0.0000000000042000"),
        (1.23456e-19, "1.2346e-19"),
        (0.0, "0.00000000"),
    ],
)
def test_a_price_has_the_decimals_of_its_size(price: float, text: str) -> None:
    assert price_text(price) == output.price(price) == text


@pytest.mark.parametrize("exponent", range(-22, 6))
def test_at_least_four_digits_of_any_price_are_shown(exponent: int) -> None:
    for price in (1.2345 * 10.0**exponent, 9.8765 * 10.0**exponent):
        assert float(price_text(price).replace(",", "")) == pytest.approx(price, rel=1e-3)


@pytest.mark.parametrize(
    ("step", "decimals"), [(0.25, 2), (10.0, 0), (1.0, 0), (0.01, 2), (1e-10, 10), (2.5e-12, 13), (1e-30, 20)]
)
def test_decimals_of_a_tick(step: float, decimals: int) -> None:
    assert decimals_of_step(step) == decimals


@pytest.mark.parametrize("price", [0.0, float("nan"), float("inf")])
def test_a_price_without_size_has_decimals(price: float) -> None:
    assert decimals_of_price(price) in (2, 8)
