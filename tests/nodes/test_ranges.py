"""Indices of ranges against TA-Lib, and where random markets do not lead."""

from __future__ import annotations

import harness
import numpy as np
import pytest
import talib
from harness import market, walk

from wickwork.nodes import builtin

WALK = market("walk", walk(3000, 8), 8)


def of(name: str, where: harness.Market = WALK, **values: object) -> harness.Column:
    return harness.run(builtin()[name], where.columns(builtin()[name]), values)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(("ema_period", "period"), [(9, 25), (2, 5), (20, 10)])
def test_mass_index_is_that_of_talib(ema_period: int, period: int) -> None:
    wanted = talib.MASSI(WALK.high, WALK.low, ema_period, period)
    np.testing.assert_allclose(of("mass_index", ema_period=ema_period, period=period), wanted, rtol=1e-9)


def test_ranges_that_do_not_change_have_the_mass_of_the_period() -> None:
    flat = market("flat", np.full(60, 0.1), wick=0.0)
    assert of("mass_index", flat)[-1] == talib.MASSI(flat.high, flat.low, 9, 25)[-1] == 25.0


def test_choppiness_is_its_formula_over_windows_of_talib() -> None:
    total = np.append(np.nan, talib.SUM(talib.TRANGE(WALK.high, WALK.low, WALK.close)[1:], 14))
    extent = talib.MAX(WALK.high, 14) - talib.MIN(WALK.low, 14)
    np.testing.assert_allclose(of("choppiness"), 100 * np.log10(total / extent) / np.log10(14), rtol=1e-9)


def test_a_straight_line_is_no_chop_and_a_standstill_is_nothing_else() -> None:
    straight = market("straight", np.arange(1.0, 61.0), wick=0.0)
    assert of("choppiness", straight)[-1] == 0.0
    pendulum = market("pendulum", np.resize([1.0, 2.0], 60), wick=0.0)
    assert of("choppiness", pendulum)[-1] == pytest.approx(100.0)
    flat = market("flat", np.append(walk(30), np.full(30, 77.0)), wick=0.0)
    assert of("choppiness", flat)[-1] == pytest.approx(100.0)
