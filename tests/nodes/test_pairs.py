"""Pairs of instruments: a worked example, and the bars of another instrument in a strategy."""

from __future__ import annotations

import harness
import numpy as np

from wickwork import backtest, demo_bars, strategy, ta, trade
from wickwork.nodes import builtin


def test_the_hedge_ratio_is_the_line_of_least_squares() -> None:
    b = np.array([1.0, 2.0, 3.0, 4.0, 4.0])
    a = np.array([3.0, 5.0, 7.0, 10.0, 20.0])
    slopes, residuals = harness.run(builtin()["hedge_ratio"], [a, b], {"period": 4})
    line = np.polyfit(b[:4], a[:4], 1)
    np.testing.assert_allclose(slopes[3], line[0])
    np.testing.assert_allclose(residuals[3], a[3] - np.polyval(line, b[3]))
    np.testing.assert_allclose(slopes[4], np.polyfit(b[1:], a[1:], 1)[0])


def test_a_second_instrument_that_stands_still_hedges_nothing() -> None:
    a, b = np.array([1.0, 2.0, 6.0]), np.full(3, 50_000.1)
    slopes, residuals = harness.run(builtin()["hedge_ratio"], [a, b], {"period": 3})
    assert slopes[2] == 0.0
    assert residuals[2] == 3.0


def test_a_pair_trades_by_the_z_score_of_its_spread() -> None:
    with strategy("pair") as s:
        other = s.bars_of("BTC/USDT").close
        hedge = ta.hedge_ratio(s.bars.close, other, period=30, name="hedge")
        apart = ta.z_score(ta.spread(s.bars.close, other, hedge.ratio), period=30, name="apart")
        trade.buy(when=apart < -1.5, size=trade.percent_of_equity(50))
        trade.close(when=apart > 0.0)
    run = backtest(s, [demo_bars("ETH/USDT", "1d"), demo_bars("BTC/USDT", "1d")])
    assert run.stats["trades"] > 5


def test_the_kalman_filter_follows_a_ratio_that_changes() -> None:
    noise = np.random.default_rng(1)
    b = 10.0 + np.cumsum(noise.normal(0.0, 0.1, 2000))
    a = np.where(np.arange(2000) < 1000, 2.0, 3.0) * b + noise.normal(0.0, 0.03, 2000)
    ratios, spreads, deviations = harness.run(builtin()["kalman_hedge_ratio"], [a, b], {"change": 1e-5})
    np.testing.assert_allclose(ratios[[999, 1050, 1999]], [2.0, 3.0, 3.0], atol=0.06)
    assert spreads[1000] > 4.0  # the bar of the change
    assert 0.7 < np.std(spreads[1900:] / deviations[1900:]) < 1.3
