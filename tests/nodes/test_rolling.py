"""Rolling sums and places of extremes against TA-Lib, ties, and flat windows."""

from __future__ import annotations

import harness
import numpy as np
import pytest
import talib

from wickwork.nodes import builtin


def distinct(n: int, seed: int) -> harness.Column:
    """A walk without equal values, for which TA-Lib takes either."""
    return harness.walk(n, seed) + np.random.default_rng(seed).random(n) * 1e-6


@pytest.mark.parametrize("period", [2, 14, 55])
def test_places_of_extremes_agree_with_talib(period: int) -> None:
    close = distinct(2000, 3)
    for name, function in (("bars_since_highest", talib.MAXINDEX), ("bars_since_lowest", talib.MININDEX)):
        (mine,) = harness.run(builtin()[name], [close], {"period": period})
        theirs = np.arange(len(close)) - function(close, period)
        np.testing.assert_array_equal(mine[period - 1 :], theirs[period - 1 :])


@pytest.mark.parametrize("period", [2, 14, 55])
def test_sums_and_scaling_agree_with_talib(period: int) -> None:
    close = harness.walk(2000, 4)
    (mine,) = harness.run(builtin()["rolling_sum"], [close], {"period": period})
    np.testing.assert_allclose(mine, talib.SUM(close, period), rtol=1e-10)
    (mine,) = harness.run(builtin()["normalise"], [close], {"period": period})
    low, high = talib.MIN(close, period), talib.MAX(close, period)
    moved = high > low
    np.testing.assert_allclose(mine[moved], (close - low)[moved] / (high - low)[moved], rtol=1e-9, atol=1e-12)


def test_of_equal_values_the_latest_counts() -> None:
    flat = np.full(10, 5.0)
    for name in ("bars_since_highest", "bars_since_lowest"):
        (mine,) = harness.run(builtin()[name], [flat], {"period": 4})
        np.testing.assert_array_equal(mine[3:], np.zeros(7))


@pytest.mark.parametrize(("name", "step"), [("bars_since_highest", -1.0), ("bars_since_lowest", 1.0)])
def test_the_extreme_that_leaves_the_window_is_followed_by_the_next(name: str, step: float) -> None:
    (mine,) = harness.run(builtin()[name], [np.arange(10) * step], {"period": 4})
    np.testing.assert_array_equal(mine[3:], np.full(7, 3.0))


def test_a_window_of_equal_values_lies_in_the_middle() -> None:
    (mine,) = harness.run(builtin()["normalise"], [np.full(10, 0.1)], {"period": 3})
    np.testing.assert_array_equal(mine[2:], np.full(8, 0.5))
