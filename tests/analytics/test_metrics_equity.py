"""Metrics of the equity curve: by hand, and against pandas, which goes another way."""

import math
import statistics
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_cases import make_bars, make_ledger, random_ledger, round_trip

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics import compute


def of(ledger: Ledger, name: str) -> float | None:
    return compute(ledger)[name]


def test_returns_by_hand() -> None:
    ledger = make_ledger([110.0, 90.0, 120.0])
    assert of(ledger, "final_equity") == 120.0
    assert of(ledger, "total_return") == pytest.approx(20.0)  # 120 / 100 − 1
    assert of(make_ledger([]), "final_equity") == 100.0
    assert of(make_ledger([]), "total_return") == 0.0


def test_cagr_by_hand() -> None:
    # 730 days are 2 years; 100 became 144: √1.44 = 1.2
    assert of(make_ledger(np.linspace(100, 144, 730)), "cagr") == pytest.approx(20.0)
    # half a year: 1.1² = 1.21
    assert of(make_ledger([110.0] * 365, timeframe="12h"), "cagr") == pytest.approx(21.0)
    assert of(make_ledger([110.0] * 30), "cagr") == pytest.approx((1.1 ** (365 / 30) - 1) * 100)
    assert of(make_ledger([110.0] * 29), "cagr") is None
    assert of(make_ledger([100.0] * 50 + [-5.0]), "cagr") == -100.0
    assert of(make_ledger([1e300] * 40, capital=1e-9), "cagr") is None


def test_exposure_by_hand() -> None:
    # Of 10 bars: a trade on 1, 2 (left on 3), one in the other lane on 2, 3, 4, one within bar 7, one open since 9.
    round_trips = [
        round_trip(1, opened=1, closed=3),
        round_trip(1, lane=1, opened=2, closed=5),
        round_trip(1, opened=7, closed=7),
    ]
    bars = [make_bars([(100,) * 4] * 10, lane=lane) for lane in (0, 1)]
    ledger = make_ledger([100.0] * 10, round_trips=round_trips, still=[round_trip(0, opened=9, closed=9)], bars=bars)
    assert of(ledger, "exposure") == pytest.approx(50.0)  # bars 1, 2, 3, 4, 9
    assert of(make_ledger([]), "exposure") is None
    assert of(make_ledger([100.0]), "exposure") == 0.0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), lanes=st.integers(1, 3))
def test_exposure_counts_bars(seed: int, lanes: int) -> None:
    ledger = random_ledger(seed, 60, lanes)
    held = np.zeros(61, bool)
    for fills in (ledger.fills[ledger.fills["lane"] == lane] for lane in range(lanes)):
        position = 0.0
        for t in range(60):
            now = fills[fills["bar"] == t]
            position = now["position"][-1] if len(now) else position
            held[t] |= position != 0.0
    assert of(ledger, "exposure") == pytest.approx(held.sum() / 60 * 100)


def test_ratios_by_hand() -> None:
    # Returns of +10 % and −5 % in turn, 40 days: mean 2.5 %, each 7.5 % from it.
    equity = [100.0 * 1.1 ** ((i + 1) // 2) * 0.95 ** (i // 2) for i in range(1, 41)]
    ledger = make_ledger(equity)
    deviation = math.sqrt(40 * 0.075**2 / 39)
    assert of(ledger, "volatility") == pytest.approx(deviation * math.sqrt(365) * 100)
    assert of(ledger, "sharpe") == pytest.approx(0.025 / deviation * math.sqrt(365))
    # downside: half of the squares are 0.0025, the others 0
    assert of(ledger, "sortino") == pytest.approx(0.025 / math.sqrt(0.0025 / 2) * math.sqrt(365))
    assert of(ledger, "omega") == pytest.approx(2.0)  # 20 × 0.1 / (20 × 0.05)
    assert of(ledger, "value_at_risk") == pytest.approx(5.0)
    assert of(ledger, "expected_shortfall") == pytest.approx(5.0)


def test_ratios_need_bars_and_days() -> None:
    equity = [100.0 + i % 3 for i in range(30)]
    names = ("volatility", "sharpe", "sortino")
    assert all(of(make_ledger(equity), name) is not None for name in (*names, "omega", "value_at_risk"))
    assert all(of(make_ledger(equity[1:]), name) is None for name in (*names, "omega", "value_at_risk"))
    hours = make_ledger(equity, timeframe="1h")  # 30 bars, but one day and a quarter
    assert all(of(hours, name) is None for name in (*names, "cagr", "calmar", "turnover_year"))
    assert of(hours, "omega") is not None
    ruined = make_ledger([100.0 + i % 3 for i in range(60)] + [0.0])
    assert all(of(ruined, name) is None for name in (*names, "omega"))
    assert of(ruined, "expected_shortfall") is not None


def test_no_variance_no_ratio() -> None:
    same = make_ledger([100.0 * 1.001**i for i in range(1, 401)])  # the same return, but for rounding
    assert of(same, "volatility") == 0.0
    assert of(same, "sharpe") is of(same, "sortino") is of(same, "omega") is of(same, "calmar") is None
    flat = make_ledger([100.0] * 400)
    assert of(flat, "volatility") == of(flat, "value_at_risk") == of(flat, "max_drawdown") == 0.0
    assert of(flat, "sharpe") is None


def test_tail_by_hand() -> None:
    # 60 bars: the worst three are −9 %, −6 % and −3 %; all others 0.
    changes = [0.0] * 60
    changes[10], changes[30], changes[50] = -0.03, -0.09, -0.06
    ledger = make_ledger(100 * np.cumprod(1 + np.array(changes)))
    assert of(ledger, "value_at_risk") == pytest.approx(3.0)
    assert of(ledger, "expected_shortfall") == pytest.approx(6.0)
    assert of(ledger, "value_at_risk_day") == pytest.approx(3.0)  # the bars are days
    assert of(ledger, "expected_shortfall_day") == pytest.approx(6.0)
    hours = make_ledger(100 * np.cumprod(1 + np.array(changes)), timeframe="1h")
    assert of(hours, "value_at_risk_day") is of(hours, "expected_shortfall_day") is None  # three days
    gaining = make_ledger(100 * np.cumprod(np.full(60, 1.01)))
    assert of(gaining, "value_at_risk") == pytest.approx(-1.0)


def test_drawdowns_by_hand() -> None:
    # Two falls: 110 to 88 (20 %) over three bars below the peak, 120 to 108 (10 %) over two until the end.
    ledger = make_ledger([110, 99, 88, 100, 120, 114, 108], timeframe="8h")
    assert of(ledger, "max_drawdown") == pytest.approx(20.0)
    assert of(ledger, "average_drawdown") == pytest.approx(15.0)
    assert of(ledger, "longest_drawdown_bars") == 3.0
    assert of(ledger, "longest_drawdown") == pytest.approx(1.0)  # 3 × 8 hours
    start = make_ledger([90.0, 95.0])  # the capital is a peak too
    assert of(start, "max_drawdown") == pytest.approx(10.0)
    assert of(start, "longest_drawdown_bars") == 2.0
    assert of(make_ledger([50.0, -20.0]), "max_drawdown") == pytest.approx(120.0)
    rising = make_ledger([101.0, 102.0])
    assert of(rising, "average_drawdown") == of(rising, "longest_drawdown") == 0.0
    assert of(make_ledger([]), "max_drawdown") is None


def test_calmar_by_hand() -> None:
    # one year from 100 to 120 with a fall from 125 to 100 (20 %): 20 / 20
    ledger = make_ledger([125.0] * 100 + [100.0] * 100 + [120.0] * 165)
    assert of(ledger, "calmar") == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["volatility", "sharpe", "sortino"])
def test_absent_bars_do_not_count_as_time_that_was_traded(name: str) -> None:
    changes = np.random.default_rng(4).normal(0.0005, 0.02, 2190)
    equity = (100.0 * np.cumprod(1.0 + changes)).tolist()
    whole = make_ledger(equity, timeframe="4h")
    every_fourth = make_ledger(equity, timeframe="1h")
    sparse = replace(every_fourth, opened_at=whole.opened_at)
    one_hole = replace(every_fourth, opened_at=every_fourth.opened_at + 3 * 365 * 86_400_000 * (np.arange(2190) > 999))
    assert of(sparse, name) == pytest.approx(of(whole, name), rel=1e-3)
    assert of(sparse, name) == pytest.approx((of(every_fourth, name) or 0.0) / 2.0, rel=1e-3)
    assert (of(one_hole, name) or 0.0) < (of(every_fourth, name) or 0.0) / 3.0


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), timeframe=st.sampled_from(("4h", "1d", "6h")))
def test_against_pandas(seed: int, timeframe: str) -> None:
    ledger = random_ledger(seed, 300, timeframe=timeframe, capital=1e5)
    equity = pd.Series([ledger.capital, *ledger.equity.tolist()])
    r = equity.pct_change().dropna()
    bars = ledger.timeframe.bars_per_year
    assert of(ledger, "volatility") == pytest.approx(r.std() * math.sqrt(bars) * 100)
    assert of(ledger, "sharpe") == pytest.approx(statistics.mean(r) / statistics.stdev(r) * math.sqrt(bars))
    downside = math.sqrt((r[r < 0] ** 2).sum() / len(r))
    assert of(ledger, "sortino") == pytest.approx(r.mean() / downside * math.sqrt(bars))
    assert of(ledger, "omega") == pytest.approx(r[r > 0].sum() / -r[r < 0].sum())
    worst = r.sort_values().iloc[:15]
    assert of(ledger, "value_at_risk") == pytest.approx(-worst.iloc[-1] * 100)
    assert of(ledger, "expected_shortfall") == pytest.approx(-worst.mean() * 100)
    depth = 1 - equity / equity.cummax()
    assert of(ledger, "max_drawdown") == pytest.approx(depth.max() * 100)
    episodes = depth[depth > 0].groupby((depth == 0).cumsum()[depth > 0])
    assert of(ledger, "average_drawdown") == pytest.approx(episodes.max().mean() * 100)
    assert of(ledger, "longest_drawdown_bars") == episodes.size().max()
    assert of(ledger, "longest_drawdown") == pytest.approx(episodes.size().max() * 365 / bars)
    years = 300 / bars
    growth = (equity.iloc[-1] / equity.iloc[0]) ** (1 / years) - 1
    assert of(ledger, "cagr") == pytest.approx(growth * 100)
    times = pd.to_datetime(ledger.opened_at, unit="ms")
    ends = pd.Series(ledger.equity, index=times).groupby(times.date).last()
    daily = pd.Series([ledger.capital, *ends]).pct_change().dropna()
    lowest = daily.nsmallest(max(1, len(daily) // 20))
    assert of(ledger, "value_at_risk_day") == pytest.approx(-lowest.iloc[-1] * 100)
    assert of(ledger, "expected_shortfall_day") == pytest.approx(-lowest.mean() * 100)
