"""Functions of one bar: whole numbers of any size, ranges the wrong way round, steps that are not exact."""

from __future__ import annotations

import math

import harness
import numpy as np
import pytest
import talib
from tests.nodes.test_signals import run

from wickwork import backtest, demo_bars, strategy, ta, trade
from wickwork.nodes import builtin

nan = math.nan


def test_functions_agree_with_talib() -> None:
    values = np.concatenate([harness.walk(500), np.arange(-20.5, 20.5, 0.25), [0.0, -0.0, 1e15, -3e15]])
    for name, function in (("floor", talib.FLOOR), ("ceil", talib.CEIL)):
        np.testing.assert_array_equal(run(name, values)[0], function(values))
    small = values[np.abs(values) < 700]
    np.testing.assert_allclose(run("exponential", small)[0], talib.EXP(small), rtol=1e-14)
    np.testing.assert_allclose(run("tanh", small)[0], talib.TANH(small), rtol=1e-14)
    positive = values[values >= 0]
    np.testing.assert_array_equal(run("square_root", positive)[0], talib.SQRT(positive))


@pytest.mark.parametrize("value", [2.0**52 - 0.5, 2.0**52, 2.0**60, 0.49999999999999994, 1e-300, 5e-324])
def test_whole_numbers_of_any_size(value: float) -> None:
    for signed in (value, -value):
        assert run("floor", [signed])[0][0] == math.floor(signed)
        assert run("ceil", [signed])[0][0] == math.ceil(signed)


def test_what_has_no_answer_is_missing() -> None:
    assert math.isnan(run("square_root", [-1e-300])[0][0])
    assert math.isnan(run("exponential", [710.0])[0][0])
    assert math.isnan(run("percent_difference", [1.0], [0.0])[0][0])
    assert math.isnan(run("round_to_step", [1.0], [0.0])[0][0])
    assert run("exponential", [-1e9])[0][0] == 0.0


@pytest.mark.parametrize(
    ("direction", "wanted"),
    [
        ("nearest", [0.3, 0.4, 0.3, -0.4, 100.1]),
        ("down", [0.3, 0.3, 0.3, -0.4, 100.0]),
        ("up", [0.3, 0.4, 0.4, -0.3, 100.1]),
    ],
)
def test_a_multiple_of_a_step_that_is_not_exact_stays(direction: str, wanted: list[float]) -> None:
    """0.3 / 0.1 is below 3, and 0.1 + 0.2 above 0.3: both are three steps."""
    (mine,) = run("round_to_step", [0.1 + 0.2, 0.38, 0.31, -0.38, 100.07], [0.1] * 5, direction=direction)
    np.testing.assert_allclose(mine, wanted, rtol=1e-12)
    (mine,) = run("round_to_step", [0.3], [0.1], direction=direction)
    assert mine[0] == pytest.approx(0.3)


def test_half_a_step_goes_to_the_even_multiple() -> None:
    (mine,) = run("round_to_step", [12.5, 37.5, -12.5], [25.0] * 3)
    assert mine.tolist() == [0.0, 50.0, -0.0]


def test_scaling_from_a_falling_range_and_beyond_it() -> None:
    value = [70.0, 50.0, 30.0, 20.0, 90.0]
    columns = [value, [70.0] * 5, [30.0] * 5, [0.0] * 5, [10.0] * 5]
    assert run("scale", *columns)[0].tolist() == [0.0, 5.0, 10.0, 10.0, 0.0]
    assert run("scale", *columns, clip=False)[0].tolist() == [0.0, 5.0, 10.0, 12.5, -5.0]


def test_percent_differences_of_negative_numbers_have_the_sign_of_the_change() -> None:
    assert run("percent_difference", [-5.0, -20.0, 5.0], [-10.0] * 3)[0].tolist() == [50.0, -100.0, 150.0]


def test_sigmoids_are_symmetric_and_never_overflow() -> None:
    value = np.array([-1e300, -3.0, 0.0, 3.0, 1e300])
    (mine,) = run("sigmoid", value, [0.0] * 5, [1.0] * 5)
    np.testing.assert_allclose(mine + mine[::-1], 1.0)
    assert (mine[0], mine[2], mine[4]) == (0.0, 0.5, 1.0)


def test_an_average_takes_the_series_that_are_wired() -> None:
    with strategy("average") as s:
        close = s.bars.close
        mean = ta.average_of(close, s.bars.open, ta.sma(close, period=5), name="mean")
        trade.buy(when=close > mean, size=trade.quantity(0.01))
    bars = demo_bars("BTC/USDT", "1h").slice(0, 50)
    mine = backtest(s, bars).columns["mean"]
    (sma,) = harness.run(builtin()["sma"], [bars.close], {"period": 5})
    np.testing.assert_allclose(mine, (bars.close + bars.open + sma) / 3, rtol=1e-12)


@pytest.mark.parametrize("value", [0.1, 1.0 / 3.0, 64_123.45, 1e-12])
def test_the_average_of_equal_prices_is_that_price_to_the_last_bit(value: float) -> None:
    for number in range(2, 9):
        step = builtin()["average_of"].step
        assert step(*[value] * number) == value


def test_whole_percents_of_whole_numbers_are_exact() -> None:
    percent = np.arange(101.0)
    assert run("percent_of", percent, np.full(101, 100.0))[0].tolist() == percent.tolist()
