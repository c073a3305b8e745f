"""Conditions of three values, in the strategies in which they decide."""

from __future__ import annotations

import itertools
import math

import harness
import numpy as np
import pytest

from wickwork import Bars, backtest, demo_bars, node, parse_instrument, parse_timeframe, strategy, ta, trade
from wickwork.graph.types import Condition, Series
from wickwork.nodes import builtin

nan = math.nan
THREE = (1.0, 0.0, nan)
MIDNIGHT = 1_700_006_400_000 // 86_400_000 * 86_400_000


def table(name: str) -> list[float]:
    """The answers of a node of two conditions to all nine pairs, in the order of `THREE`."""
    pairs = np.array(list(itertools.product(THREE, THREE)))
    (answers,) = harness.run(builtin()[name], [pairs[:, 0].copy(), pairs[:, 1].copy()])
    return answers.tolist()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("and", [1, 0, nan, 0, 0, 0, nan, 0, nan]),
        ("or", [1, 1, 1, 1, 0, nan, 1, nan, nan]),
        ("exclusive_or", [0, 1, nan, 1, 0, nan, nan, nan, nan]),
        ("if_condition_missing", [1, 1, 1, 0, 0, 0, 1, 0, nan]),
        ("strict_and", [1, 0, nan, 0, 0, nan, nan, nan, nan]),
        ("strict_or", [1, 1, nan, 1, 0, nan, nan, nan, nan]),
    ],
)
def test_combined_conditions_are_known_where_the_known_ones_decide(name: str, wanted: list[float]) -> None:
    np.testing.assert_array_equal(table(name), wanted)


def test_a_strict_cross_excludes_a_touch_and_begins_anew_after_a_missing_value() -> None:
    a = np.array([2.0, 1.0, 2.0, 3.0, 1.0, 3.0, 1.0, nan, 3.0, 1.0])
    b = np.full(len(a), 2.0)
    (above,) = harness.run(builtin()["crosses_strictly_above"], [a, b])
    (below,) = harness.run(builtin()["crosses_strictly_below"], [a, b])
    np.testing.assert_array_equal(above, [0, 0, 0, 0, 0, 1, 0, nan, 0, 0])
    np.testing.assert_array_equal(below, [0, 0, 0, 0, 1, 0, 1, nan, 0, 1])


def test_what_is_missing_can_be_tested() -> None:
    column = np.array([1.0, nan, 0.0])
    for name in ("is_missing", "condition_is_missing"):
        (answers,) = harness.run(builtin()[name], [column])
        np.testing.assert_array_equal(answers, [0, 1, 0])


@pytest.mark.parametrize(
    ("set_", "reset", "off", "on", "after"),
    [
        (1, 1, 0, 0, 0), (0, 1, 0, 0, 0), (nan, 1, 0, 0, 0), (1, 0, 1, 1, 1), (1, nan, nan, nan, 1),
        (0, 0, 0, 1, None), (0, nan, 0, nan, None), (nan, 0, nan, 1, None), (nan, nan, nan, nan, None),
    ],
)  # fmt: skip
def test_a_latch_follows_its_table(set_: float, reset: float, off: float, on: float, after: int | None) -> None:
    """The answer from off and from on, and what the next bar says on which nothing is true (None: as before)."""
    for begin, wanted in ((0.0, off), (1.0, on)):
        columns = [np.array([begin, set_, 0.0]), np.array([0.0, reset, 0.0])]
        (answers,) = harness.run(builtin()["latch"], columns)
        np.testing.assert_array_equal(answers, [begin, wanted, begin if after is None else after])


def bars(close: list[float], hours: list[int] | None = None) -> Bars:
    moments = np.array(hours or list(range(len(close))), dtype=np.int64) * 3_600_000 + MIDNIGHT
    price = np.array(close, dtype=np.float64)
    columns = (price, price, price, price, np.ones(len(price)))
    return Bars.of(parse_instrument("A/USDT"), parse_timeframe("1h"), moments, *columns, source="test")


def test_a_reset_is_taken_where_the_set_is_missing() -> None:
    """The average price is missing while flat: the latch of the trade before must not close the next one."""
    with strategy("hit") as s:
        close = s.bars.close
        long = ta.position_direction() > 0.0
        hit = ta.latch(close > ta.average_price() * 1.02, ~long, name="hit")
        trade.buy(when=ta.crosses_above(ta.ema(close, period=12), ta.ema(close, period=26)), size=trade.quantity(0.01))
        trade.close(when=hit | (ta.bars_held() > 60.0), name="leave")
    run = backtest(s, demo_bars("BTC/USDT", "1h").slice(0, 4000))
    trades = run.trades[run.trades["exit_reason"] == "signal"]
    early = trades[trades["bars"] <= 2]
    assert len(trades) > 20
    assert len(early) < 0.2 * len(trades)
    assert (early["exit"] > early["entry"]).all()


def test_a_missing_condition_never_acts() -> None:
    """In whatever way it is combined: no action follows from a number that is not there."""
    with strategy("never") as s:
        missing = ta.logarithm(ta.negate(s.bars.close)) > 0.0
        held = missing | (s.bars.close < 0.0)
        for k, when in enumerate(
            (
                missing, ~missing, missing ^ (s.bars.close > 0.0), held, ~held, missing & (s.bars.close > 0.0),
                ~(~missing), ta.latch(missing, s.bars.close < 0.0), ta.latch(s.bars.close > 0.0, missing),
                ta.bars_since(missing) > -1.0, ta.count_in_window(missing, period=3) < 1.0,
                ta.value_when(missing, s.bars.close) > 0.0, ta.becomes_true(missing),
                ta.choose(missing, 1.0, 2.0) > 0.0, ta.rising(ta.logarithm(ta.negate(s.bars.close))),
            )
        ):  # fmt: skip
            trade.buy(when=when, size=trade.quantity(0.01), name=f"buy_{k}", add=True)
    run = backtest(s, demo_bars("BTC/USDT", "1h").slice(0, 200))
    assert len(run.orders) == 0


@node(title="Careless", group="mine")
def careless(value: Series) -> Condition:
    """Returns a number where a bool is promised: NaN, which Python takes for true, and 1 or 0."""
    return nan if value > 50.0 else value * 0.0 + (1.0 if value > 20.0 else 0.0)  # type: ignore[return-value]


def test_a_condition_that_is_nan_is_missing() -> None:
    with strategy("careless") as s:
        trade.buy(when=careless(s.bars.close, name="wrong"), size=trade.quantity(0.01))
    run = backtest(s, bars([10.0, 60.0, 70.0, 10.0, 30.0, 30.0]))
    np.testing.assert_array_equal(run.columns["wrong"], [0, nan, nan, 0, 1, 1])
    assert len(run.orders) == 1


def test_what_is_missing_on_a_slower_clock_is_so_at_its_closes_only() -> None:
    """Between the closes of the 4h bars nothing advances; its inputs are not there, which is not missing."""
    with strategy("slow") as s:
        slow = s.bars("4h").close
        on = ta.latch(ta.crosses_above(slow, 100.0), slow < 95.0, name="on")
        since = ta.bars_since(slow > 100.0, name="since")
        trade.buy(when=on & (since < 100.0), size=trade.quantity(0.01))
    price = [90.0] * 8 + [101.0] * 8 + [98.0] * 8 + [94.0] * 8
    columns = backtest(s, bars(price, list(range(32)))).columns
    by_four = columns["on"][3::4], columns["since"][3::4]
    np.testing.assert_array_equal(by_four[0], [0, 0, 1, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(by_four[1], [nan, nan, 0, 0, 1, 2, 3, 4])
    np.testing.assert_array_equal(columns["since"][19:23], [1, 1, 1, 1])


def test_nothing_advances_where_the_instrument_has_no_bar() -> None:
    """Also where one input of an `or` is held from a slower clock and so is known there."""
    with strategy("gaps") as s:
        held = s.bars("2h").close > 0.0
        since = ta.bars_since(ta.becomes_true((s.bars.close > 5.0) | ~held), name="since")
        filled = ta.if_missing(s.bars.close, 1.0, name="filled")
        trade.buy(when=since > 100.0, size=trade.quantity(1))
        trade.close(when=filled < 0.0)
    first = bars([1.0, 1.0, 1.0, 9.0, 9.0, 9.0], [0, 1, 2, 3, 8, 9])
    moments = np.arange(10) * 3_600_000 + MIDNIGHT
    other = Bars.of(parse_instrument("B/USDT"), first.timeframe, moments, *[np.ones(10)] * 5, source="test")
    run = backtest(s, [first, other])
    np.testing.assert_array_equal(run.columns["since"][0], [nan, nan, nan, 0, nan, nan, nan, nan, 1, 2])
    np.testing.assert_array_equal(run.columns["filled"][0], [1, 1, 1, 9, nan, nan, nan, nan, 9, 9])


def test_the_value_of_the_latest_true_bar() -> None:
    condition, value = np.array([0, 1, nan, 0, 1, 0, 1]), np.array([1.0, 2.0, 3.0, nan, nan, 6.0, 7.0])
    (answers,) = harness.run(builtin()["value_when"], [condition, value])
    np.testing.assert_array_equal(answers, [nan, 2, nan, 2, nan, nan, 7])


def test_counts_with_a_missing_bar() -> None:
    condition = np.array([1, nan, 0, 1, 1, 0, 0])
    (count,) = harness.run(builtin()["count_in_window"], [condition], {"period": 3})
    (since,) = harness.run(builtin()["bars_since"], [condition])
    np.testing.assert_array_equal(count, [nan, nan, nan, nan, 2, 2, 1])
    np.testing.assert_array_equal(since, [0, nan, 2, 0, 0, 1, 2])
