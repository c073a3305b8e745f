"""Metrics of trades, costs and the benchmark, by hand."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_cases import make_bars, make_ledger, random_ledger, round_trip, trades_only

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics import compute, describe


def of(ledger: Ledger, name: str) -> float | None:
    return compute(ledger)[name]


def test_trades_by_hand() -> None:
    # wins 30 and 10, losses 5, 10 and 5, one at 0
    ledger = trades_only(30, -5, -10, 0, 10, -5)
    assert of(ledger, "trades") == 6.0
    assert of(ledger, "win_rate") == pytest.approx(100 * 2 / 6)
    assert of(ledger, "profit_factor") == pytest.approx(2.0)  # 40 / 20
    assert of(ledger, "expectancy") == pytest.approx(20 / 6)
    assert of(ledger, "average_win") == pytest.approx(20.0)  # 40 / 2
    assert of(ledger, "average_loss") == pytest.approx(20 / 3)
    assert of(ledger, "expectancy_ratio") == pytest.approx(0.5)  # (20 / 6) / (20 / 3)
    assert of(ledger, "payoff") == pytest.approx(3.0)  # 20 / (20 / 3)
    assert of(ledger, "breakeven_win_rate") == pytest.approx(25.0)  # 100 / (1 + 3)
    assert of(ledger, "winning_streak") == 1.0
    assert of(ledger, "losing_streak") == 2.0
    # each was entered with 1 × 100, so gains are percents
    assert of(ledger, "best_trade") == pytest.approx(30.0)
    assert of(ledger, "worst_trade") == pytest.approx(-10.0)
    assert of(ledger, "average_trade") == pytest.approx(20 / 6)
    assert of(ledger, "system_quality") is None  # fewer than 30


def test_a_trade_weighs_by_its_own_notional() -> None:
    ledger = make_ledger(
        [100, 100], round_trips=[round_trip(10, quantity=2, entry=50), round_trip(-6, quantity=3, entry=40)]
    )
    assert of(ledger, "best_trade") == pytest.approx(10.0)  # 10 / 100
    assert of(ledger, "worst_trade") == pytest.approx(-5.0)  # −6 / 120
    assert of(ledger, "average_trade") == pytest.approx(2.5)


def test_without_trades_there_is_nothing_to_say() -> None:
    values = compute(make_ledger([100.0] * 5))
    spoken = {one["name"] for one in describe() if one["group"] == "trades" and values[one["name"]] is not None}
    assert spoken == {"trades"}
    assert values["trades"] == 0.0


def test_without_losses_some_ratios_are_nothing() -> None:
    values = compute(trades_only(5, 7))
    assert [values[n] for n in ("profit_factor", "payoff", "breakeven_win_rate", "expectancy_ratio")] == [None] * 4
    assert (values["win_rate"], values["losing_streak"], values["winning_streak"]) == (100.0, 0.0, 2.0)
    losing = compute(trades_only(-5, -7))
    assert (losing["win_rate"], losing["profit_factor"], losing["payoff"]) == (0.0, 0.0, None)


def test_r_counts_trades_that_had_a_stop() -> None:
    ledger = make_ledger(
        [100, 100],
        round_trips=[round_trip(20, risk=10), round_trip(-5, risk=5), round_trip(100), round_trip(-3, risk=4)],
    )
    assert of(ledger, "average_r") == pytest.approx((2 - 1 - 0.75) / 3)
    # the same as p(win) × average win − p(loss) × average loss, in R
    assert of(ledger, "average_r") == pytest.approx(1 / 3 * 2 - 2 / 3 * (1 + 0.75) / 2)
    assert of(trades_only(1, -1), "average_r") is None


def test_system_quality() -> None:
    gains = [float(i % 7) - 2 for i in range(40)]
    expected = math.sqrt(40) * statistics.mean(gains) / statistics.stdev(gains)
    assert of(trades_only(*gains), "system_quality") == pytest.approx(expected)
    assert of(trades_only(*[1.0] * 40), "system_quality") is None


def test_durations() -> None:
    # 3 bars, 0 bars and 6 bars of 8 hours
    round_trips = [
        round_trip(1, opened=1, closed=4),
        round_trip(1, opened=5, closed=5),
        round_trip(1, opened=5, closed=11),
    ]
    ledger = make_ledger([100.0] * 12, round_trips=round_trips, timeframe="8h")
    assert of(ledger, "average_duration_bars") == pytest.approx(3.0)
    assert of(ledger, "average_duration") == pytest.approx(1.0)


@settings(max_examples=30, deadline=None)
@given(gains=st.lists(st.sampled_from((-2.0, -1.0, 0.0, 1.0, 3.0)), min_size=1, max_size=40))
def test_streaks_against_a_loop(gains: list[float]) -> None:
    best = {1: 0, -1: 0}
    for sign in best:
        run = 0
        for gain in gains:
            run = run + 1 if gain * sign > 0 else 0
            best[sign] = max(best[sign], run)
    ledger = trades_only(*gains)
    assert (of(ledger, "winning_streak"), of(ledger, "losing_streak")) == (best[1], best[-1])


def test_costs_by_hand() -> None:
    # 100 became 115; fees 6, slippage 3, funding 1: before costs it made 25.
    fills = [{"quantity": 2, "price": 100}, {"quantity": 2, "price": 110}]
    ledger = make_ledger([105] * 364 + [115], fills=fills, fees=6.0, slippage=3.0, funding=1.0, ambiguous=4)
    assert (of(ledger, "fees"), of(ledger, "slippage"), of(ledger, "funding")) == (6.0, 3.0, 1.0)
    assert of(ledger, "cost_share") == pytest.approx(40.0)  # 10 / 25
    assert of(ledger, "traded") == pytest.approx(420.0)  # 2 × 100 + 2 × 110
    mean = (105 * 364 + 115) / 365
    assert of(ledger, "turnover") == pytest.approx(420 / mean)
    assert of(ledger, "turnover_year") == pytest.approx(420 / mean)  # 365 days
    assert of(ledger, "ambiguous_bars") == 4.0
    assert of(make_ledger([100.0]), "cost_share") is None
    assert of(make_ledger([99.0], fees=0.5), "cost_share") is None  # lost before costs
    assert of(make_ledger([-1.0]), "turnover") is None
    half = make_ledger([100.0] * 73, fills=fills)  # a fifth of a year: 4.2 / 0.2
    assert of(half, "turnover_year") == pytest.approx(21.0)


def test_buy_and_hold_by_hand() -> None:
    # 50 each: one from 100 to 150 by way of 80, the other from 10 to 8.
    bars = [
        make_bars([(100, 100, 80, 80), (80, 160, 80, 150)]),
        make_bars([(10, 12, 10, 12), (12, 12, 8, 8)], lane=1),
    ]
    ledger = make_ledger([100, 130], bars=bars)
    assert of(ledger, "buy_and_hold") == pytest.approx(15.0)  # (1.5 + 0.8) / 2
    assert of(ledger, "alpha") == pytest.approx(15.0)  # 30 − 15
    # value: 1, (0.8 + 1.2) / 2 = 1, 1.15
    assert of(ledger, "buy_and_hold_max_drawdown") == pytest.approx(0.0, abs=1e-12)
    alone = make_ledger([100, 130], bars=bars[:1])
    assert of(alone, "buy_and_hold_max_drawdown") == pytest.approx(20.0)  # from the first open, 100, to 80
    assert of(make_ledger([], bars=[]), "buy_and_hold") is None


def test_buy_and_hold_waits_for_late_bars_and_bridges_holes() -> None:
    whole = make_bars([(100, 100, 100, 100)] * 5)
    late = make_bars([(10, 20, 10, 20), (20, 20, 5, 5)], lane=1, places=[1, 3])  # 20 is held over bar 2
    ledger = make_ledger([100.0] * 5, bars=[whole, late])
    # second: 1, 2, 2, 0.5, 0.5; together 1, 1.5, 1.5, 0.75, 0.75
    assert of(ledger, "buy_and_hold_max_drawdown") == pytest.approx(50.0)
    assert of(ledger, "buy_and_hold") == pytest.approx(-25.0)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), lanes=st.integers(1, 3))
def test_buy_and_hold_against_a_loop(seed: int, lanes: int) -> None:
    ledger = random_ledger(seed, 50, lanes)
    peak, deepest, values = 1.0, 0.0, [1.0] * lanes
    for t in ledger.opened_at:
        for lane, bars in enumerate(ledger.bars):
            at = np.flatnonzero(bars.opened_at == t)
            if len(at):
                values[lane] = bars.close[at[0]] / bars.open[0]
        now = sum(values) / lanes
        peak = max(peak, now)
        deepest = max(deepest, 1 - now / peak)
    assert of(ledger, "buy_and_hold_max_drawdown") == pytest.approx(deepest * 100)
    assert of(ledger, "buy_and_hold") == pytest.approx((sum(values) / lanes - 1) * 100)


@pytest.mark.parametrize(("capital", "cost"), [(1e4, 0.1), (1e4, 9_999.9), (1.0, 1e6), (3e9, 0.3)])
def test_profit_before_costs_that_is_only_rounding_has_no_cost_share(capital: float, cost: float) -> None:
    for dust in (1e-12, 1e-10):
        equity = capital - cost + dust * max(capital, cost)
        for name in ("fees", "slippage", "funding"):
            assert of(make_ledger([equity], capital=capital, **{name: cost}), "cost_share") is None
    assert of(make_ledger([10_000.0], capital=1e4, fees=0.01), "cost_share") == pytest.approx(100.0)
