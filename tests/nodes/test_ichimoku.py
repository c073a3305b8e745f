"""Ichimoku, against windows of TA-Lib."""

from __future__ import annotations

import harness
import numpy as np
import talib
from harness import market, walk

from wickwork.nodes import builtin

WALK = market("walk", walk(500, 8), 8)


def test_the_cloud_is_that_of_26_bars_before_and_nothing_looks_ahead() -> None:
    node = builtin()["ichimoku"]
    conversion, base, span_a, span_b, lagging = harness.run(node, WALK.columns(node))
    nine, twenty_six, fifty_two = (talib.MIDPRICE(WALK.high, WALK.low, n) for n in (9, 26, 52))
    known = slice(77, None)  # the 78th bar is the first on which the cloud is known
    assert all(np.isnan(line[:77]).all() for line in (conversion, base, span_a, span_b, lagging))
    np.testing.assert_allclose(conversion[known], nine[known], rtol=1e-12)
    np.testing.assert_allclose(base[known], twenty_six[known], rtol=1e-12)
    np.testing.assert_allclose(span_a[known], (nine + twenty_six)[51:-26] / 2, rtol=1e-12)
    np.testing.assert_allclose(span_b[known], fifty_two[51:-26], rtol=1e-12)
    np.testing.assert_allclose(lagging[known], WALK.close[known] - WALK.close[51:-26], atol=1e-12)
