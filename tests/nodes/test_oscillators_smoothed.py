"""The oscillators of moving averages: agreement with TA-Lib, and cases that random markets do not show."""

from __future__ import annotations

from typing import Any

import harness
import numpy as np
import pytest
import talib
from harness import Column, Market, market, walk

from wickwork.graph.signature import Value
from wickwork.nodes import builtin


def outputs(name: str, where: Market, **values: Value) -> tuple[Column, ...]:
    return harness.run(builtin()[name], where.columns(builtin()[name]), values)


def answers(w: Market) -> list[tuple[str, dict[str, Value], Any]]:
    """Node, settings, and what TA-Lib gives for the first outputs."""
    h, lo, c = w.high, w.low, w.close
    return [
        ("ppo", {"signal": 1}, talib.PPO(c, 12, 26, 1)),
        ("ppo", {"fast": 20, "slow": 5, "signal": 1}, talib.PPO(c, 20, 5, 1)),
        ("trix", {}, talib.TRIX(c, 18)),
        ("trix", {"period": 5}, talib.TRIX(c, 5)),
        ("tsi", {"signal": 1}, talib.TSI(c, 25, 13)),
        ("tsi", {"slow": 7, "fast": 3, "signal": 1}, talib.TSI(c, 7, 3)),
        ("awesome_oscillator", {}, talib.AO(h, lo)),
        ("awesome_oscillator", {"fast": 3, "slow": 10}, talib.AO(h, lo, 3, 10)),
        ("bull_bear_power", {}, talib.ERI(h, lo, c, 13)),
        ("detrended_price", {"centered": True}, talib.DPO(c, 21)),
        ("detrended_price", {"centered": True, "period": 10}, talib.DPO(c, 10)),
    ]


@pytest.mark.parametrize(("seed", "start"), [(8, 100.0), (9, 6e4)])
def test_nodes_agree_with_talib(seed: int, start: float) -> None:
    where = market("walk", walk(2000, seed, start=start), seed)
    for name, values, theirs in answers(where):
        for mine, b in zip(outputs(name, where, **values), np.atleast_2d(theirs), strict=False):
            np.testing.assert_allclose(mine, b, rtol=1e-8, atol=1e-12 * start, err_msg=f"{name} {values}")


@pytest.mark.parametrize("name", ["ppo", "trix", "tsi", "awesome_oscillator", "detrended_price", "bull_bear_power"])
def test_a_flat_market_is_exactly_zero(name: str) -> None:
    for column in outputs(name, market("flat", np.full(120, 0.1), wick=0.0)):
        assert set(column[-50:]) == {0.0}


@pytest.mark.parametrize("name", ["awesome_oscillator", "detrended_price"])
def test_a_window_that_became_flat_is_exactly_zero(name: str) -> None:
    rest = np.concatenate([walk(60, step=0.5), np.full(60, 0.1)])
    assert set(outputs(name, market("rest", rest, wick=0.0))[0][-20:]) == {0.0}


def test_tsi_of_a_market_that_only_rises_or_falls() -> None:
    for sign in (1.0, -1.0):
        line, signal = harness.run(builtin()["tsi"], [100.0 + sign * np.arange(90.0)])
        assert set(line[-30:]) == set(signal[-30:]) == {100.0 * sign}


def test_tsi_keeps_its_value_in_a_rest() -> None:
    close = np.concatenate([walk(300), np.full(1000, 77.0)])
    line, _ = harness.run(builtin()["tsi"], [close], {"slow": 5, "fast": 1})
    np.testing.assert_allclose(line[302:800], line[302], rtol=1e-9)


def test_the_oscillator_of_displaced_averages_looks_back_only() -> None:
    close = walk(100)
    for centered in (False, True):
        (whole,) = harness.run(builtin()["detrended_price"], [close], {"centered": centered})
        (part,) = harness.run(builtin()["detrended_price"], [close[:60].copy()], {"centered": centered})
        assert part.tobytes() == whole[:60].tobytes()


def test_ppo_is_missing_while_the_slow_average_is_zero() -> None:
    close = np.concatenate([np.zeros(5), np.full(10, 2.0)])
    line, signal, _ = harness.run(builtin()["ppo"], [close], {"fast": 1, "slow": 2, "signal": 2})
    assert np.isnan(line[:6]).all()
    assert np.isfinite(line[6:]).all()
    assert np.isfinite(signal[6:]).all()
