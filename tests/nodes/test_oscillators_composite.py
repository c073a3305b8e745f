"""The oscillators of several periods or measures: agreement with TA-Lib, and cases that random markets do not show."""

from __future__ import annotations

import math

import harness
import numpy as np
import pytest
import talib
from harness import Column, Market, market, walk

from wickwork.graph.signature import Value
from wickwork.nodes import builtin


def outputs(name: str, where: Market, **values: Value) -> tuple[Column, ...]:
    return harness.run(builtin()[name], where.columns(builtin()[name]), values)


@pytest.mark.parametrize(("seed", "start"), [(8, 100.0), (9, 6e4)])
def test_nodes_agree_with_talib(seed: int, start: float) -> None:
    w = market("walk", walk(2000, seed, start=start), seed)
    o, h, lo, c = w.open, w.high, w.low, w.close
    for name, values, theirs in (
        ("ultimate_oscillator", {}, talib.ULTOSC(h, lo, c, 7, 14, 28)),
        ("ultimate_oscillator", {"short": 2, "medium": 5, "long": 9}, talib.ULTOSC(h, lo, c, 2, 5, 9)),
        ("balance_of_power", {}, talib.BOP(o, h, lo, c)),
        ("coppock", {}, talib.COPPOCK(c, 10, 11, 14)),
        ("coppock", {"period": 3, "short": 20, "long": 5}, talib.COPPOCK(c, 3, 20, 5)),
    ):
        (mine,) = outputs(name, w, **values)
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-9, err_msg=f"{name} {values}")


@pytest.mark.parametrize(
    ("name", "neutral"),
    [
        ("ultimate_oscillator", 50.0),
        ("balance_of_power", 0.0),
        ("fisher_transform", 0.0),
        ("coppock", 0.0),
        ("kst", 0.0),
    ],
)
def test_a_flat_market_has_the_neutral_value(name: str, neutral: float) -> None:
    for column in outputs(name, market("flat", np.full(120, 0.1), wick=0.0)):
        assert set(column[-50:]) == {neutral}


def test_ultimate_oscillator_reaches_the_ends() -> None:
    rising = market("rising", np.arange(1.0, 90.0), wick=0.0)
    falling = market("falling", np.arange(90.0, 1.0, -1.0), wick=0.0)
    assert outputs("ultimate_oscillator", rising)[0][-1] == 100.0
    assert outputs("ultimate_oscillator", falling)[0][-1] == 0.0


def test_fisher_of_a_steady_rise_is_known_in_advance() -> None:
    """The place is always 1: x becomes 0.33, 0.5511, 0.699237 …, and is cut to 0.999 once above 0.99."""
    rising = market("rising", np.arange(1.0, 200.0), wick=0.0)
    fisher, trigger = outputs("fisher_transform", rising, period=3)
    first = math.atanh(0.33)
    second = math.atanh(0.33 + 0.67 * 0.33) + first / 2
    third = math.atanh(0.33 + 0.67 * (0.33 + 0.67 * 0.33)) + second / 2
    np.testing.assert_allclose(fisher[3:5], [second, third])
    np.testing.assert_allclose(trigger[3:5], [first, second])
    assert fisher[-1] == pytest.approx(2.0 * math.atanh(0.999))


def test_connors_rsi_of_a_worked_example() -> None:
    """Closes 1, 2, 4, 3: RSI(2) of the close 1 / (1 + …), streak 1, 2, −1, and no earlier return below the last."""
    (mine,) = harness.run(
        builtin()["connors_rsi"],
        [np.array([1.0, 2.0, 4.0, 3.0])],
        {"rsi_period": 2, "streak_period": 2, "rank_period": 2},
    )
    gain, loss = ((1.0 + 2.0) / 2) / 2, 0.5  # the means of the first two changes, then one of Wilder's steps
    up, down = 1.0 / 2, 3.0 / 2  # the streaks 0, 1, 2, −1 change by 1, 1, −3
    wanted = (100 * gain / (gain + loss) + 100 * up / (up + down) + 0.0) / 3
    assert np.isnan(mine[:3]).all()
    assert mine[3] == pytest.approx(wanted)


def test_connors_rank_of_a_flat_market_counts_no_equal_returns() -> None:
    (mine,) = harness.run(builtin()["connors_rsi"], [np.full(150, 0.1)])
    assert set(mine[-40:]) == {100.0 / 3.0}


def test_kst_adds_four_smoothed_rates_of_change() -> None:
    close = walk(300, 4)
    line, signal = harness.run(builtin()["kst"], [close])
    parts = [
        weight * talib.SMA(talib.ROC(close, roc), sma)
        for weight, roc, sma in ((1, 10, 10), (2, 15, 10), (3, 20, 10), (4, 30, 15))
    ]
    wanted = np.sum(parts, axis=0)
    assert np.flatnonzero(np.isfinite(line))[0] == 30 + 15 - 1 + 8
    np.testing.assert_allclose(line[52:], wanted[52:], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(signal[52:], talib.SMA(wanted, 9)[52:], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["kst", "coppock"])
def test_a_rate_of_change_from_zero_counts_as_none(name: str) -> None:
    close = np.concatenate([np.zeros(3), walk(150)])
    for column in harness.run(builtin()[name], [close]):
        assert np.isfinite(column[-60:]).all()
