"""Channels against TA-Lib, and where random markets do not lead."""

from __future__ import annotations

import harness
import numpy as np
import pytest
import talib
from harness import market, walk

from wickwork.nodes import builtin

WALK = market("walk", walk(3000, 8), 8)


def of(name: str, where: harness.Market = WALK, **values: object) -> tuple[harness.Column, ...]:
    return harness.run(builtin()[name], where.columns(builtin()[name]), values)  # type: ignore[arg-type]


@pytest.mark.parametrize("period", [2, 20, 55])
def test_donchian_is_that_of_talib(period: int) -> None:
    upper, middle, lower = talib.DONCHIAN(WALK.high, WALK.low, period)
    np.testing.assert_allclose(of("donchian", period=period), (lower, middle, upper), rtol=1e-12)


def test_a_close_above_the_donchian_channel_of_the_bars_before_is_a_breakout() -> None:
    close = np.array([10.0, 11.0, 12.0, 11.0, 13.0])
    columns = [close, close, close, close, np.ones(5)]
    _, _, upper = harness.run(builtin()["donchian"], columns, {"period": 2, "current_bar": False})
    np.testing.assert_array_equal(upper, [np.nan, np.nan, 11, 12, 12])
    assert (close > upper).tolist() == [False, False, True, False, True]
    _, _, upper = harness.run(builtin()["donchian"], columns, {"period": 2})
    assert not (close > upper).any()


@pytest.mark.parametrize(("period", "atr_period"), [(20, 10), (20, 19), (20, 20), (5, 30), (2, 1)])
def test_keltner_of_typical_prices_is_that_of_talib(period: int, atr_period: int) -> None:
    upper, middle, lower = talib.KC(WALK.high, WALK.low, WALK.close, period, atr_period, 1.7)
    mine = of("keltner", period=period, atr_period=atr_period, multiplier=1.7, price="typical")
    np.testing.assert_allclose(mine, (lower, middle, upper), rtol=1e-9)


def test_the_middle_of_keltner_is_the_ema_of_the_closes() -> None:
    np.testing.assert_allclose(of("keltner")[1], talib.EMA(WALK.close, 20), rtol=1e-12)


def test_envelope_is_an_average_and_ten_percent_of_it() -> None:
    average = talib.SMA(WALK.close, 20)
    np.testing.assert_allclose(of("envelope"), (0.9 * average, average, 1.1 * average), rtol=1e-9)


def test_a_squeeze_is_where_bollinger_lies_inside_of_averaged_ranges() -> None:
    upper, middle, lower = talib.BBANDS(WALK.close, 20, 2.0, 2.0)
    reach = 1.5 * talib.SMA(talib.TRANGE(WALK.high, WALK.low, WALK.close)[1:], 20)
    reach = np.append(np.nan, reach)
    inside = (upper < middle + reach) & (lower > middle - reach)
    (mine,) = of("squeeze")
    assert np.array_equal(mine[20:], inside[20:].astype(float))
    assert 0.0 < mine[20:].mean() < 1.0
    assert np.isnan(mine[:20]).all()


def test_a_flat_market_has_channels_without_width_no_squeeze_and_no_momentum() -> None:
    flat = market("flat", np.full(80, 0.1), wick=0.0)
    for name in ("donchian", "keltner", "envelope"):
        channel = of(name, flat, **({"percent": 0.0} if name == "envelope" else {}))
        assert {*channel[0][30:], *channel[1][30:], *channel[2][30:]} == {0.1}, name
    assert set(of("squeeze", flat)[0][20:]) == {0.0}
    assert set(of("squeeze_momentum", flat)[0][38:]) == {0.0}


def test_squeeze_momentum_is_the_regression_of_talib() -> None:
    centre = (talib.MAX(WALK.high, 20) + talib.MIN(WALK.low, 20)) / 2
    distance = (WALK.close - (centre + talib.SMA(WALK.close, 20)) / 2)[19:]
    wanted = np.append(np.full(19, np.nan), talib.LINEARREG(distance, 20))
    np.testing.assert_allclose(of("squeeze_momentum")[0], wanted, atol=1e-9)
