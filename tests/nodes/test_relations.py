"""Relations of two series against TA-Lib, and in cases that random markets do not have."""

from __future__ import annotations

import harness
import numpy as np
import pytest
import talib
from harness import Column, walk

from wickwork.graph.signature import Value
from wickwork.nodes import builtin


def of(name: str, *series: Column, **settings: Value) -> Column:
    """The answers of the node over these series."""
    return harness.run(builtin()[name], [np.array(s, dtype=np.float64) for s in series], settings)[0]


def test_correlation_and_beta_agree_with_talib() -> None:
    a, b = walk(2000, 6), walk(2000, 7) + walk(2000, 6)
    for period in (5, 30):
        np.testing.assert_allclose(of("correlation", a, b, period=period), talib.CORREL(a, b, period), atol=1e-6)
        np.testing.assert_allclose(of("beta", a, b, period=period), talib.BETA(b, a, period), rtol=1e-6, atol=1e-9)


def test_a_series_and_a_multiple_of_it() -> None:
    a = walk(200, 3)
    np.testing.assert_allclose(of("correlation", a, 5.0 - 3.0 * a)[29:], -1.0)
    np.testing.assert_allclose(of("beta", a * 7.0, a)[30:], 1.0)
    np.testing.assert_allclose(of("covariance", a, 2.0 * a)[29:], 2.0 * of("variance", a, period=30)[29:])


def test_autocorrelation_of_a_repeating_series() -> None:
    wave = np.tile([1.0, 2.0, 4.0, 3.0], 40)
    np.testing.assert_allclose(of("autocorrelation", wave, lag=4, period=20)[23:], 1.0)
    np.testing.assert_allclose(of("autocorrelation", np.tile([1.0, -1.0], 40), lag=1, period=20)[20:], -1.0)


@pytest.mark.parametrize("name", ["correlation", "covariance", "beta"])
def test_a_flat_series_has_no_relation(name: str) -> None:
    rest, moving = np.concatenate([walk(50, step=1.0), np.full(60, 0.1)]), walk(110, 2)
    assert set(of(name, moving, rest, period=10)[61:]) == {0.0}
    assert set(of(name, rest, moving, period=10)[61:]) == {0.0}


def test_nothing_drifts() -> None:
    noise = np.random.default_rng(1)
    a, b = (walk(20_000, k) * 10.0 ** noise.integers(0, 3, 20_000) for k in (1, 2))
    a[9_000] = b[11_000] = 1e15
    a[-500:], b[-500:] = walk(500, 3), walk(500, 4)
    for name in ("correlation", "covariance", "beta"):
        fresh = of(name, a[-500:], b[-500:], period=50)
        np.testing.assert_allclose(of(name, a, b, period=50)[-400:], fresh[-400:], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("size", [1e2, 1e3, 1e5, 1e7])
def test_a_jump_costs_no_digits(size: float) -> None:
    """Right after the jump has left the window, not only when the next pass begins."""
    noise = np.random.default_rng(2).normal(0.0, 1.0, (2, 200))
    a, b = noise[0] + np.where(np.arange(200) < 75, 0.0, size), noise[1]
    for series in ((a, b), (b, a)):
        wanted = [np.corrcoef(series[0][i - 29 : i + 1], series[1][i - 29 : i + 1])[0, 1] for i in range(104, 200)]
        np.testing.assert_allclose(of("correlation", *series, period=30)[104:], wanted, rtol=1e-10, atol=1e-10)


def test_what_is_beyond_all_numbers_is_missing() -> None:
    wild = walk(60, 3) * np.where(np.arange(60) % 2, 1e300, -1e300)
    assert np.isnan(of("correlation", wild, walk(60, 4), period=10)).all()
    for name in ("z_score", "skewness", "kurtosis"):
        assert np.isnan(of(name, wild, period=10)).all()


@pytest.mark.parametrize("name", ["correlation", "covariance", "beta"])
def test_numbers_beyond_all_measure_are_forgotten(name: str) -> None:
    a, b = walk(400, 3), walk(400, 4)
    wild, tail = a.copy(), slice(-300, None)
    wild[20:30:2], wild[21:30:2] = 1.7e308, -1.7e308
    np.testing.assert_allclose(of(name, wild, b, period=20)[tail], of(name, a, b, period=20)[tail], rtol=1e-8)
    np.testing.assert_allclose(of(name, b, wild, period=20)[tail], of(name, b, a, period=20)[tail], rtol=1e-8)
