"""Statistics against TA-Lib, and cases that random markets do not have."""

from __future__ import annotations

import harness
import numpy as np
import pytest
import talib
from harness import Column, walk

from wickwork.graph.signature import Value
from wickwork.nodes import builtin


def of(name: str, values: list[float] | Column, **settings: Value) -> Column:
    """The answers of the node over these values."""
    return harness.run(builtin()[name], [np.array(values, dtype=np.float64)], settings)[0]


def test_statistics_agree_with_talib() -> None:
    x = walk(2000, 6)
    np.testing.assert_allclose(of("variance", x, period=20), talib.VAR(x, 20), rtol=1e-7, atol=1e-9)
    steps = np.random.default_rng(1).integers(0, 7, 500).astype(np.float64)
    for values in (x, steps):
        np.testing.assert_allclose(of("percentile_rank", values, period=50), talib.PERCENTRANK(values, 50))
        for percent in (0.5, 10.0, 50.0, 75.0, 100.0):
            mine = of("quantile", values, period=20, percent=percent)
            np.testing.assert_array_equal(mine, talib.PERCENTILE(values, 20, percent))


def test_quantile_and_median_agree_with_numpy() -> None:
    x = walk(300, 2)
    windows = np.lib.stride_tricks.sliding_window_view(x, 20)
    np.testing.assert_allclose(of("median", x, period=20)[19:], np.median(windows, axis=1))
    for percent in (0.0, 33.0, 90.0, 100.0):
        mine = of("quantile", x, period=20, percent=percent, method="linear")
        np.testing.assert_allclose(mine[19:], np.percentile(windows, percent, axis=1))


def test_a_worked_example() -> None:
    """Mean 5, standard deviation 2: the example of many textbooks."""
    values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]
    assert of("variance", values, period=8)[-1] == 4.0
    assert of("z_score", values, period=8)[-1] == 2.0
    assert of("median", values, period=8)[-1] == 4.5
    np.testing.assert_allclose(of("skewness", values, period=8)[-1], 42 / 8 / 8)
    np.testing.assert_allclose(of("kurtosis", values, period=8)[-1], 356 / 8 / 16 - 3)


@pytest.mark.parametrize("name", ["z_score", "variance", "skewness", "kurtosis"])
def test_equal_values_have_no_spread(name: str) -> None:
    answers = of(name, [*walk(30, step=1.0), *[0.1] * 60], period=10)
    assert set(answers[39:]) == {0.0}


def test_the_rank_of_ties() -> None:
    values = [3.0, 3.0, 1.0, 5.0, 3.0]
    assert of("percentile_rank", values, period=4)[-1] == 25.0
    assert of("percentile_rank", values, period=4, counted="at_or_below")[-1] == 75.0


def test_the_ordered_window_keeps_equal_values() -> None:
    values = np.random.default_rng(3).integers(0, 4, 400).astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(values, 7)
    for percent in (0.0, 40.0, 100.0):
        wanted = np.percentile(windows, percent, axis=1, method="inverted_cdf")
        np.testing.assert_array_equal(of("quantile", values, period=7, percent=percent)[6:], wanted)
