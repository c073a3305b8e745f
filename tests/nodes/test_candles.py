"""Candles against TA-Lib, and on bars that random markets do not have."""

from __future__ import annotations

import harness
import numpy as np
import pytest
import talib
from harness import Column, market, walk
from tests.nodes.test_agreement import disagreement

from wickwork import backtest, demo_bars, strategy, ta, trade
from wickwork.nodes import builtin


def candles(rows: list[tuple[float, float, float, float]]) -> list[Column]:
    """Input columns of these (open, high, low, close)."""
    columns = [np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)]
    return [*columns, np.ones(len(rows))]


def gapped(seed: int, n: int = 400) -> list[Column]:
    """A market of whole numbers that opens anywhere: gaps, equal prices and bars without a range."""
    noise = np.random.default_rng(seed)
    open_ = 100.0 + np.cumsum(noise.integers(-5, 6, n))
    close = open_ + noise.integers(-3, 4, n)
    high = np.maximum(open_, close) + noise.integers(0, 3, n)
    low = np.minimum(open_, close) - noise.integers(0, 3, n)
    return [open_, high, low, close, np.ones(n)]


def test_heikin_ashi_agrees_with_talib() -> None:
    where = market("walk", walk(2000, 3), 3)
    mine = harness.run(builtin()["heikin_ashi"], where.columns(builtin()["heikin_ashi"]))
    theirs = talib.HA(where.open, where.high, where.low, where.close)
    for a, b in zip(mine, theirs, strict=False):
        np.testing.assert_allclose(a, b, rtol=1e-9)


def test_heikin_ashi_candles_are_bars_for_other_nodes() -> None:
    with strategy("Calm candles") as s:
        candles_of = ta.heikin_ashi(s.bars, name="ha")
        ta.atr(candles_of, period=5, name="range")
        ta.sma(candles_of("4h").close, period=2, name="slow")
        trade.buy(when=candles_of.close > 1e9, size=trade.quantity(1.0))
    bars = demo_bars("BTC/USDT", "1h").slice(0, 300)
    columns = backtest(s, bars).columns
    _, high, low, close = talib.HA(bars.open, bars.high, bars.low, bars.close)
    np.testing.assert_allclose(columns["range.value"], talib.ATR(high, low, close, 5), rtol=1e-9)
    assert np.isfinite(columns["slow.value"]).sum() > 50


@pytest.mark.parametrize("name", ["gap", "inside_bar", "outside_bar", "body", "upper_wick", "lower_wick"])
def test_candles_of_markets_with_gaps_agree_with_their_twins(name: str) -> None:
    node = builtin()[name]
    for seed in range(5):
        for values in harness.variants(node):
            assert not disagreement(node, gapped(seed), values)


def test_body_and_wicks_add_up_to_the_range() -> None:
    columns = gapped(7)
    spans = sum(np.abs(harness.run(builtin()[n], columns)[0]) for n in ("body", "upper_wick", "lower_wick"))
    assert (spans == columns[1] - columns[2]).all()


def test_a_bar_without_a_range_has_no_shares() -> None:
    for name in ("body", "upper_wick", "lower_wick"):
        assert [c[0] for c in harness.run(builtin()[name], candles([(5, 5, 5, 5)]))] == [0.0, 0.0]


def test_gaps_in_percent() -> None:
    rows = [(9, 10, 8, 10), (11, 13, 11, 12), (12, 12, 11, 11), (5.5, 5.5, 5, 5)]
    up, down, percent, opening = harness.run(builtin()["gap"], candles(rows))
    assert up[1:].tolist() == [1, 0, 0]
    assert down[1:].tolist() == [0, 0, 1]
    np.testing.assert_allclose(percent[1:], [10, 0, -50])
    np.testing.assert_allclose(opening[1:], [10, 0, -50])


def test_an_equal_bar_is_inside_and_outside_only_when_touching_counts() -> None:
    bars = candles([(1, 3, 1, 2), (1, 3, 1, 2)])
    for touching in (False, True):
        assert harness.run(builtin()["inside_bar"], bars, {"touching": touching})[0][1] == touching
        assert harness.run(builtin()["outside_bar"], bars, {"touching": touching})[0][1] == touching
