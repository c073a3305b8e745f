"""Averages weighted with volume, and of volume: agreement with TA-Lib, and cases that random markets do not show."""

from __future__ import annotations

import math

import harness
import numpy as np
import pytest
import talib
from harness import Column, Market, market, walk

from wickwork.graph.signature import Value
from wickwork.nodes import builtin

NAN = math.nan


def outputs(name: str, where: Market, **values: Value) -> tuple[Column, ...]:
    return harness.run(builtin()[name], where.columns(builtin()[name]), values)


def bars_at(prices: list[float], volumes: list[float]) -> list[Column]:
    """Columns of bars that stay at one price each."""
    return [np.array(prices)] * 4 + [np.array(volumes)]


@pytest.mark.parametrize(("seed", "start"), [(8, 100.0), (9, 6e4)])
def test_nodes_agree_with_talib(seed: int, start: float) -> None:
    w = market("walk", walk(2000, seed, start=start), seed)
    v, price = w.volume, talib.TYPPRICE(w.high, w.low, w.close)
    for name, values, theirs in (
        ("rolling_vwap", {}, talib.VWMA(price, v, 20)),
        ("rolling_vwap", {"period": 3}, talib.VWMA(price, v, 3)),
        ("relative_volume", {}, talib.RVOL(v, 20)),
        ("volume_oscillator", {"fast": 12, "slow": 26}, talib.PVO(v, 12, 26, 1)),
        ("volume_oscillator", {"fast": 10, "slow": 5}, talib.PVO(v, 5, 10, 1)),
    ):
        (mine,) = outputs(name, w, **values)
        known = np.isfinite(mine) & np.isfinite(theirs)  # TA-Lib has none where a short window has no volume
        assert known.sum() > 1900
        np.testing.assert_allclose(mine[known], theirs[known], rtol=1e-8, atol=1e-9, err_msg=f"{name} {values}")


@pytest.mark.parametrize("anchor", ["day", "week"])
def test_the_middle_of_the_bands_is_vwap(anchor: str) -> None:
    where = market("walk", walk(3000, 2), 2)
    assert (
        outputs("vwap_bands", where, anchor=anchor)[1].tobytes() == outputs("vwap", where, anchor=anchor)[0].tobytes()
    )


def test_bands_of_a_worked_example() -> None:
    """Prices 10, 12, 16 with volumes 1, 2, 1: mean 12.5, squares 6.25 + 2 × 0.25 + 12.25 over 4."""
    columns = [*bars_at([10.0, 12.0, 16.0], [1.0, 2.0, 1.0]), np.arange(3, dtype=np.int64) * 60_000]
    lower, middle, upper = harness.run(builtin()["vwap_bands"], columns, {"multiplier": 2.0})
    assert (lower[0], middle[0], upper[0]) == (10.0, 10.0, 10.0)
    assert middle[2] == pytest.approx(12.5)
    assert upper[2] - middle[2] == pytest.approx(2.0 * math.sqrt(19.0 / 4.0))
    assert middle[2] - lower[2] == pytest.approx(2.0 * math.sqrt(19.0 / 4.0))


def test_among_equal_prices_every_average_is_that_price() -> None:
    where = market("flat", np.full(200, 0.1), wick=0.0)
    for name in ("rolling_vwap", "anchored_vwap", "vwap_bands"):
        for column in outputs(name, where):
            assert set(column[np.isfinite(column)]) == {0.1}


def test_a_window_that_became_flat_is_flat() -> None:
    rest = market("rest", np.concatenate([walk(60, step=0.5), np.full(60, 0.1)]), wick=0.0)
    assert set(outputs("rolling_vwap", rest, period=20)[0][81:]) == {0.1}


def test_anchored_vwap_restarts_where_the_anchor_is_true() -> None:
    columns = bars_at([10.0, 20.0, 40.0, 10.0, 30.0, 50.0], [1.0, 3.0, 4.0, 0.0, 1.0, 1.0])
    anchor = np.array([0.0, 1.0, 0.0, 1.0, NAN, 0.0])
    (mine,) = harness.run(builtin()["anchored_vwap"], [*columns, anchor])
    np.testing.assert_allclose(mine, [NAN, 20.0, (60.0 + 160.0) / 7.0, 10.0, NAN, 40.0])


def test_relative_volume_leaves_its_own_bar_out() -> None:
    (mine,) = harness.run(
        builtin()["relative_volume"], bars_at([1.0] * 6, [2.0, 4.0, 9.0, 0.0, 0.0, 7.0]), {"period": 2}
    )
    np.testing.assert_allclose(mine, [NAN, NAN, 3.0, 0.0, 0.0, 1.0])


def test_volume_oscillator_of_a_market_that_fell_silent() -> None:
    """The fast average fades sooner; when nothing is left of either, there is nothing to compare."""
    volumes = [5.0] * 20 + [0.0] * 5000
    (mine,) = harness.run(builtin()["volume_oscillator"], bars_at([1.0] * 5020, volumes))
    assert set(mine[10:20]) == {0.0}
    assert mine[120] == pytest.approx(-100.0)
    assert mine[-1] == 0.0


@pytest.mark.parametrize(("force", "less"), [("range", 2), ("tulip", 1)])
def test_klinger_of_a_worked_example(force: str, less: int) -> None:
    """Ranges 2, 4, 6, 3: up, up, down. Totals 2 + 4, 2 + 4 + 6, then the bar before and this one: 6 + 3."""
    high, low = np.array([11.0, 13.0, 15.0, 12.0]), np.array([9.0, 9.0, 9.0, 9.0])
    close, volume = np.array([10.0, 11.0, 12.0, 10.0]), np.array([1.0, 3.0, 5.0, 7.0])
    line, signal = harness.run(
        builtin()["klinger"], [close, high, low, close, volume], {"fast": 1, "slow": 3, "signal": 1, "force": force}
    )
    forces = [300.0 * abs(2 * 4 / 6 - less), 500.0 * abs(2 * 6 / 12 - less), -700.0 * abs(2 * 3 / 9 - less)]
    assert np.isnan(line[:3]).all()
    assert line[3] == signal[3] == pytest.approx(forces[2] - sum(forces) / 3)


def test_klinger_as_tradingview_has_it_is_of_signed_volume() -> None:
    w = market("walk", walk(2000, 8), 8)
    price = w.high + w.low + w.close
    signed = np.where(np.diff(price) >= 0.0, w.volume[1:], -w.volume[1:])
    wanted = talib.EMA(signed, 34) - talib.EMA(signed, 55)
    line, signal = outputs("klinger", w, force="direction")
    np.testing.assert_allclose(line[68:], wanted[67:], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(signal[68:], talib.EMA(wanted, 13)[67:], rtol=1e-8, atol=1e-9)
