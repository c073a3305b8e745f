"""Trend systems against TA-Lib, and where random markets do not lead."""

from __future__ import annotations

import harness
import numpy as np
import pytest
import talib
from harness import market, walk

from wickwork.nodes import builtin

WALK = market("walk", walk(3000, 8), 8)
TICKS = market("ticks", np.round(100.0 + np.cumsum(np.random.default_rng(3).integers(-1, 2, 2000)) * 0.1, 1), wick=0.0)


def of(name: str, where: harness.Market = WALK, **values: object) -> tuple[harness.Column, ...]:
    return harness.run(builtin()[name], where.columns(builtin()[name]), values)  # type: ignore[arg-type]


def bars(high: list[float], low: list[float]) -> harness.Market:
    middle = (np.array(high) + np.array(low)) / 2
    where = market("by hand", middle, wick=0.0)
    where.high[:], where.low[:] = high, low
    return where


@pytest.mark.parametrize("period", [2, 14, 25])
@pytest.mark.parametrize("where", [WALK, TICKS])
def test_aroon_is_that_of_talib(period: int, where: harness.Market) -> None:
    down, up = talib.AROON(where.high, where.low, period)
    wanted = (up, down, talib.AROONOSC(where.high, where.low, period))
    np.testing.assert_allclose(of("aroon", where, period=period), wanted, atol=1e-9)


def test_of_equal_extremes_the_latest_counts() -> None:
    where = bars([5, 7, 6, 7, 6, 6], [3, 1, 2, 2, 1, 2])
    assert [c[-1] for c in of("aroon", where, period=5)] == [60.0, 80.0, -20.0]


@pytest.mark.parametrize(("step", "maximum"), [(0.02, 0.2), (0.1, 0.15), (0.3, 0.1), (0.0, 0.2), (1.0, 1.0)])
@pytest.mark.parametrize("where", [WALK, TICKS])
def test_psar_is_that_of_talib(step: float, maximum: float, where: harness.Market) -> None:
    line, direction = of("psar", where, start=step, increment=step, maximum=maximum)
    np.testing.assert_allclose(line, talib.SAR(where.high, where.low, step, maximum), rtol=1e-9)
    assert set(direction[1:]) == {1.0, -1.0}


def test_psar_starts_faster_where_the_start_is_larger() -> None:
    wanted = np.abs(talib.SAREXT(WALK.high, WALK.low, 0.0, 0.0, 0.05, 0.01, 0.3, 0.05, 0.01, 0.3))
    np.testing.assert_allclose(of("psar", start=0.05, increment=0.01, maximum=0.3)[0], wanted, rtol=1e-9)


@pytest.mark.parametrize(
    ("high", "low", "stop", "direction"),
    [
        ([10, 11], [9, 9.5], 9, 1),  # up: the low of the first bar
        ([10, 10.5], [9, 8], 10, -1),  # further down than up; its high of 10.5 touches the stop at once
        ([10, 9.5], [9, 8], 10, -1),
        ([10, 12], [9, 8.5], 9, 1),  # further up than down
        ([10, 9.2], [9, 9.1], 9, 1),  # inside the first bar
        ([10, 10], [9, 9], 9, 1),  # no movement counts as up, and touches at once
    ],
)
def test_the_first_stop(high: list[float], low: list[float], stop: float, direction: int) -> None:
    line, trend = of("psar", bars(high, low))
    assert line[1] == talib.SAR(np.array(high, float), np.array(low, float))[1]
    touched = (low[1] <= stop) if direction > 0 else (high[1] >= stop)
    assert trend[1] == (-direction if touched else direction)
    assert touched or line[1] == stop


@pytest.mark.parametrize("period", [2, 14, 40])
def test_vortex_is_that_of_talib(period: int) -> None:
    np.testing.assert_allclose(
        of("vortex", period=period), talib.VORTEX(WALK.high, WALK.low, WALK.close, period), rtol=1e-9
    )


def test_a_chandelier_hangs_three_average_ranges_below_the_highest_high() -> None:
    atr = talib.ATR(WALK.high, WALK.low, WALK.close, 22)
    wanted = talib.MAX(WALK.high, 22) - 3 * atr, talib.MIN(WALK.low, 22) + 3 * atr
    np.testing.assert_allclose(of("chandelier_exit"), wanted, rtol=1e-9)


def test_a_flat_market_has_no_trend() -> None:
    flat = market("flat", np.full(60, 0.1), wick=0.0)
    assert [c[-1] for c in of("aroon", flat)] == [100.0, 100.0, 0.0]
    assert [c[-1] for c in of("vortex", flat)] == [0.0, 0.0]
    assert [c[-1] for c in of("chandelier_exit", flat)] == [0.1, 0.1]
    assert of("psar", flat)[0][-1] == 0.1
