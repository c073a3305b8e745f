"""Standard error bands against TA-Lib and numpy, and where random markets do not lead."""

from __future__ import annotations

import harness
import numpy as np
import talib
from harness import walk

from wickwork.nodes import builtin

NODE = builtin()["standard_error_bands"]


def test_the_middle_is_the_regression_of_talib_averaged() -> None:
    close = walk(1000)
    wanted = talib.SMA(talib.LINEARREG(close, 21)[20:], 3)
    np.testing.assert_allclose(harness.run(NODE, [close])[1][20:], wanted, rtol=1e-9)


def test_the_distance_of_the_bands_is_the_error_of_the_fit() -> None:
    close = walk(60)
    lower, middle, upper = harness.run(NODE, [close], {"smooth": 1, "multiplier": 1.0})
    for i in range(20, 60):
        (_, (squares,), *_) = np.polyfit(np.arange(21.0), close[i - 20 : i + 1], 1, full=True)
        np.testing.assert_allclose([middle[i] - lower[i], upper[i] - middle[i]], np.sqrt(squares / 19), rtol=1e-6)


def test_on_a_straight_line_and_in_a_flat_market_the_bands_have_no_width() -> None:
    straight = np.arange(50.0) * 0.25 + 100.0
    np.testing.assert_allclose(harness.run(NODE, [straight])[0][30:], straight[29:-1], rtol=1e-12)
    for value in (0.1, 0.7, 1.1, 64_123.45):
        lower, middle, upper = harness.run(NODE, [np.full(50, value)], {"smooth": 7})
        assert {*lower[26:], *middle[26:], *upper[26:]} == {value}
