from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays
from report_reading import Unpacked

from wickwork.analytics.report.pack import Packer, decimals_of
from wickwork.model.bars import Floats

numbers = some.floats(-1e12, 1e12) | some.floats(-1.0, 1.0) | some.just(float("nan"))


@settings(deadline=None)
@given(arrays(np.float64, some.integers(1, 40), elements=numbers))
def test_a_column_keeps_eight_digits_of_its_largest_value_and_every_hole(values: Floats) -> None:
    packer = Packer()
    packer.numbers(np.zeros(3))  # something in front
    described = packer.numbers(values)
    found = Unpacked(packer.text({})).numbers(described)
    assert np.array_equal(np.isnan(found), np.isnan(values))
    known = np.isfinite(values)
    if known.any():
        assert np.abs(found[known] - values[known]).max() <= 5e-9 * np.abs(values[known]).max() + 1e-17


@settings(deadline=None)
@given(
    arrays(np.int64, some.integers(1, 40), elements=some.integers(-1_000_000_000, 1_000_000_000)), some.integers(0, 8)
)
def test_what_has_few_decimals_comes_back_to_the_bit(steps: np.ndarray, decimals: int) -> None:  # type: ignore[type-arg]
    values = (steps % 10_000_000 if decimals else steps // 2) / 10.0**decimals
    packer = Packer()
    described = packer.numbers(values)
    assert np.array_equal(Unpacked(packer.text({})).numbers(described), values)


def test_candles_come_back_to_the_bit() -> None:
    chance = np.random.default_rng(1)
    close = np.round(100.0 * np.exp(np.cumsum(chance.normal(0.0, 0.02, 500))), 2)
    opens = np.round(close * (1.0 + chance.normal(0.0, 0.01, 500)), 2)
    high = np.round(np.maximum(opens, close) + chance.exponential(1.0, 500), 2)
    low = np.round(np.minimum(opens, close) - chance.exponential(1.0, 500), 2)
    packer = Packer()
    described = packer.candles(opens, high, low, close)
    found = Unpacked(packer.text({})).candles(described)
    for name, values in {"open": opens, "high": high, "low": low, "close": close}.items():
        assert np.array_equal(found[name], values), name


FALLING = 119.12 * np.exp(-0.05 * np.arange(400.0))


@pytest.mark.parametrize(
    "close", [FALLING, FALLING[::-1], FALLING * 1e-9, FALLING * 1e6, np.where(np.arange(400) == 7, 1e-7 / 3, FALLING)]
)
def test_every_candle_keeps_its_digits_however_far_prices_move(close: Floats) -> None:
    prices = {"open": np.roll(close, 1), "high": close * 1.3 + np.roll(close, 1), "low": close / 7.0, "close": close}
    packer = Packer()
    packer.numbers(np.zeros(3))
    candles = packer.candles(*prices.values())
    wire = np.where(np.arange(400) < 20, np.nan, close)
    line = packer.numbers(wire, prices=True)
    found = Unpacked(packer.text({}))
    for name, values in prices.items():
        assert found.candles(candles)[name] == pytest.approx(values, rel=1e-4), name
    assert found.numbers(line) == pytest.approx(wire, rel=1e-4, nan_ok=True)


@pytest.mark.parametrize(
    ("values", "decimals"), [([1.5, 2.25], 2), ([1.0, -3.0], 0), ([], 0), ([0.0], 0), ([1 / 3], 9), ([1e15 / 3], -6)]
)
def test_as_few_decimals_as_lose_nothing(values: list[float], decimals: int) -> None:
    assert decimals_of(np.array(values, np.float64)) == decimals


def test_the_same_columns_give_the_same_text() -> None:
    def text() -> str:
        packer = Packer()
        packer.numbers(np.sqrt(np.arange(100.0)))
        return packer.text({"b": 1, "a": "é"})

    assert text() == text()
