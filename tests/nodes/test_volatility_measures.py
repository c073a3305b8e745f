"""Measures of volatility against TA-Lib and numpy, and where random markets do not lead."""

from __future__ import annotations

import harness
import numpy as np
import pytest
import talib
from harness import market, walk

from wickwork.model.timeframe import DAY, HOUR
from wickwork.nodes import builtin

WALK = market("walk", walk(3000, 8), 8)


def of(name: str, where: harness.Market = WALK, **values: object) -> harness.Column:
    return harness.run(builtin()[name], where.columns(builtin()[name]), values)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("period", [2, 14, 50])
def test_natr_is_that_of_talib(period: int) -> None:
    wanted = talib.NATR(WALK.high, WALK.low, WALK.close, period)
    np.testing.assert_allclose(of("natr", period=period), wanted, rtol=1e-9)


@pytest.mark.parametrize(("period", "roc_period"), [(10, 10), (2, 5), (30, 3)])
def test_chaikin_volatility_is_that_of_talib(period: int, roc_period: int) -> None:
    wanted = talib.CVI(WALK.high, WALK.low, period, roc_period)
    np.testing.assert_allclose(of("chaikin_volatility", period=period, roc_period=roc_period), wanted, atol=1e-9)


@pytest.mark.parametrize("sample", [False, True])
def test_historical_volatility_is_the_deviation_of_log_returns_in_a_year(sample: bool) -> None:
    moves = np.diff(np.log(WALK.close))
    wanted = [100 * np.std(moves[i - 30 : i], ddof=int(sample)) * np.sqrt(8760) for i in range(30, len(moves) + 1)]
    mine = of("historical_volatility", period=30, bars_per_year=8760.0, sample=sample)
    np.testing.assert_allclose(mine[30:], wanted, rtol=1e-9)


@pytest.mark.parametrize("name", ["historical_volatility", "parkinson", "garman_klass"])
def test_a_year_has_as_many_bars_as_the_timeframe_of_the_run_unless_it_is_set(name: str) -> None:
    node = builtin()[name]
    for length, bars in ((HOUR, 8760.0), (DAY, 365.0), (7 * DAY, 365 / 7)):
        (mine,) = harness.begin(node, length=length).over(WALK.columns(node))
        np.testing.assert_allclose(mine, of(name, bars_per_year=bars), rtol=1e-12)


def test_estimators_find_the_volatility_that_a_market_was_made_with() -> None:
    """Half a percent per step, a hundred steps per bar: five percent per bar."""
    noise = np.random.default_rng(5)
    path = 100 * np.exp(np.cumsum(noise.normal(0.0, 0.005, 400_000)))
    steps = path.reshape(-1, 100)
    where = market("made", steps[:, -1].copy(), wick=0.0)
    where.open[:], where.high[:], where.low[:] = steps[:, 0], steps.max(axis=1), steps.min(axis=1)
    for name in ("parkinson", "garman_klass", "historical_volatility"):
        mine = of(name, where, period=4000 - 1, bars_per_year=1.0)
        # Highs and lows between steps are not seen, so the two from ranges are a little too low.
        assert mine[-1] == pytest.approx(5.0, rel=0.12), name


def test_parkinson_of_one_bar() -> None:
    where = market("one", np.array([100.0]), wick=0.0)
    where.high[:], where.low[:] = 110.0, 90.0
    wanted = 100 * np.log(110 / 90) / np.sqrt(4 * np.log(2))
    assert of("parkinson", where, period=1, bars_per_year=1.0)[0] == pytest.approx(wanted)


def test_ulcer_index_counts_falls_alone() -> None:
    assert of("ulcer_index", market("up", np.linspace(1.0, 2.0, 60)))[-1] == 0.0
    # Within windows of three: 90 is 10 % below 100, 95 is 5 % below 100, 76 is 20 % below 95.
    where = market("falls", np.array([100.0, 100.0, 90.0, 95.0, 76.0]))
    assert of("ulcer_index", where, period=3)[-1] == pytest.approx(np.sqrt((10**2 + 5**2 + 20**2) / 3))


@pytest.mark.parametrize("name", ["natr", "historical_volatility", "parkinson", "garman_klass", "ulcer_index"])
def test_a_flat_market_has_no_volatility_and_prices_below_zero_have_none_to_measure(name: str) -> None:
    flat = market("flat", np.full(60, 0.1), wick=0.0)
    assert of(name, flat)[-1] == 0.0
    below = market("below", np.append(walk(60), np.full(5, -1.0)), wick=0.0)
    assert np.isfinite(of(name, below)[59])
    assert np.isnan(of(name, below)[-1]) or name == "ulcer_index"
    negative = market("negative", -walk(60))
    assert np.isnan(of(name, negative)).all()
