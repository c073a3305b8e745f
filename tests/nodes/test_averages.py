"""Moving averages against TA-Lib, on flat markets, and in cases that random markets do not show."""

from __future__ import annotations

import harness
import numpy as np
import pytest
import talib
from harness import Column, market, walk

from wickwork.graph.node import Value
from wickwork.nodes import builtin


def one(name: str, columns: list[Column], **values: Value) -> Column:
    """The first output of the node."""
    return harness.run(builtin()[name], columns, values)[0]


# ---- TA-Lib


@pytest.mark.parametrize("close", [walk(2000, 8), walk(2000, 9, start=6e4)])
def test_averages_agree_with_talib(close: Column) -> None:
    for n in (2, 3, 7, 20, 51):
        theirs = {
            "dema": talib.DEMA(close, n),
            "tema": talib.TEMA(close, n),
            "zlema": talib.ZLEMA(close, n),
        }
        for name, wanted in theirs.items():
            mine = one(name, [close], period=n)
            np.testing.assert_allclose(mine, wanted, rtol=1e-9, err_msg=f"{name} {n}")
        for factor in (0.7, 0.2):
            mine = one("t3", [close], period=n, factor=factor)
            np.testing.assert_allclose(mine, talib.T3(close, n, factor), rtol=1e-9, err_msg=f"t3 {n}")


# ---- flat markets

PLAIN = ("dema", "tema", "t3", "zlema", "ssf", "ssf3", "hwma")


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("value", [0.1, 1.0 / 3.0, 64_123.45, 1e-12])
def test_averages_of_equal_prices_are_that_price_to_the_last_bit(name: str, value: float) -> None:
    columns = market("flat", np.full(300, value), wick=0.0).columns(builtin()[name])
    for values in harness.variants(builtin()[name]):
        mine = one(name, columns, **values)
        assert set(mine[np.isfinite(mine)]) == {value}, values


# ---- cases of their own


@pytest.mark.parametrize("name", ["ssf", "ssf3"])
def test_super_smoothers_take_out_short_swings_and_keep_long_ones(name: str) -> None:
    bars = np.arange(3000.0)
    for length, low, high in ((4.0, 0.0, 0.05), (20.0, 0.6, 0.8), (200.0, 0.98, 1.02)):
        swing = one(name, [100.0 + np.sin(2.0 * np.pi * bars / length)], period=20)[-1000:] - 100.0
        assert low <= swing.max() <= high, length


def test_a_holt_winters_average_meets_a_straight_line_one_bar_ahead() -> None:
    bars = np.arange(3000.0)
    mine = one("hwma", [50.0 + 0.25 * bars])
    np.testing.assert_allclose(mine[-100:], 50.0 + 0.25 * (bars[-100:] + 1.0), rtol=1e-9)
