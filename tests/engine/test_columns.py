"""Columns from outside: what they are aligned to, who may read them, and that a bot does what the backtest does."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from wickwork import Bars, InputError, Instrument, Strategy, backtest, strategy, sweep, ta, trade
from wickwork.engine.advance import advance
from wickwork.engine.bot import Bot
from wickwork.engine.journal_entries import input_data, input_from
from wickwork.engine.replay import bars_of
from wickwork.engine.window import Universe
from wickwork.graph.program import plan
from wickwork.market.stream import stream
from wickwork.model.timeframe import HOUR, Timeframe
from wickwork.sim.terms import Terms

BTC, ETH = Instrument("BTC", "USDT"), Instrument("ETH", "USDT")
START, SIZE, nan = 1_704_067_200_000, 60, float("nan")
TERMS = Terms(taker_fee=0.0, slippage_model="none")


def bars(instrument: Instrument, size: int = SIZE, skip: int = -1) -> Bars:
    rows = np.delete(np.arange(size), [skip] if skip >= 0 else [])
    close = 100.0 + 10.0 * np.sin(rows / 4.0)
    start = np.concatenate([close[:1], close[:-1]])
    low, high = np.minimum(start, close), np.maximum(start, close)
    times = START + HOUR * rows
    return Bars.of(instrument, Timeframe(HOUR), times, start, high, low, close, np.ones(len(rows)))


def follows(name: str = "signal") -> Strategy:
    with strategy("follows a signal") as s:
        signal = s.column(name)
        trade.buy(when=signal > 0.5, size=trade.quantity(1.0), name="enter")
        trade.close(when=signal < -0.5, name="leave")
    return s


def signals(seed: int = 1, size: int = SIZE) -> Any:
    return np.random.default_rng(seed).choice([1.0, -1.0, 0.0, nan], size)


def run(given: Any, columns: Any = None, built: Strategy | None = None) -> Any:
    return backtest(built or follows(), given, terms=TERMS, columns=columns)


def test_a_value_acts_at_the_open_of_the_next_bar() -> None:
    signal = np.zeros(SIZE)
    signal[7], signal[11] = 1.0, -1.0
    fills = run(bars(BTC), {"signal": signal}).history.fills
    assert fills["bar"].tolist() == [8, 12]
    assert fills["side"].tolist() == [1, -1]


def test_a_series_is_aligned_by_time_and_what_it_lacks_is_missing() -> None:
    given, signal = bars(BTC, skip=20), signals()
    index = pd.DatetimeIndex((START + HOUR * np.arange(SIZE)).astype("datetime64[ms]"), tz="UTC")
    series = pd.Series(signal, index).sample(frac=1.0, random_state=3).drop(index[5])
    made = run(given, {"signal": series})
    expected = np.delete(np.where(np.arange(SIZE) == 5, nan, signal), 20)
    assert np.array_equal(made.columns["column"], expected, equal_nan=True)
    for same in ({"signal": expected}, pd.DataFrame({"signal": series, "other": 0.0})):
        assert made.history.equity.tolist() == run(given, same).history.equity.tolist()
    assert len(made.history.fills) > 4


def test_an_infinite_value_is_a_missing_one() -> None:
    signal = np.full(SIZE, np.inf)
    assert np.isnan(run(bars(BTC), {"signal": signal}).columns["column"]).all()


def test_each_instrument_reads_its_own_column_or_all_read_one() -> None:
    one, two, signal = bars(BTC), bars(ETH, skip=9), signals()
    alone = run(one, {"signal": signal}).history.fills["bar"].tolist()
    own = run([one, two], {"signal": {"BTC/USDT": signal, "ETH/USDT": np.zeros(len(two))}})
    assert own.history.fills["bar"].tolist() == alone
    assert set(own.history.fills["lane"].tolist()) == {0}
    index = pd.DatetimeIndex(one.opened_at.astype("datetime64[ms]"), tz="UTC")
    shared = run([one, two], {"signal": pd.Series(signal, index)})
    assert shared.columns["column"].shape == (2, SIZE)
    assert np.isnan(shared.columns["column"][1, 9])


@pytest.mark.parametrize(
    ("columns", "hint"),
    [
        ({}, "reads the column 'signal' from outside.*none beside open"),
        ({"signals": np.zeros(SIZE)}, "they have signals. Did you mean 'signals'"),
        ({"signal": np.zeros(SIZE - 1)}, "59 values for 60 bars"),
        ({"signal": np.zeros((SIZE, 2))}, "2 dimensions"),
        ({"signal": ["a"] * SIZE}, "must hold numbers"),
        ({"signal": pd.Series(np.zeros(SIZE))}, "signal"),
        ({"signal": pd.Series([1.0], pd.DatetimeIndex(["2024-06-01"], tz="UTC"))}, "No time of the column"),
        ({"signal": pd.Series([1.0, 2.0], pd.DatetimeIndex(["2024-01-01"] * 2, tz="UTC"))}, "two values"),
        ({"close": np.zeros(SIZE)}, "cannot be called 'close'"),
        ({"a b": np.zeros(SIZE)}, "cannot name a column"),
        ({"signal": {"ETH/USDT": np.zeros(SIZE)}}, "values for ETH/USDT, but the run has BTC/USDT"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: Any, hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        run(bars(BTC), columns)


def test_several_instruments_cannot_share_an_array() -> None:
    with pytest.raises(InputError, match="array for each instrument"):
        run([bars(BTC), bars(ETH)], {"signal": np.zeros(SIZE)})
    with pytest.raises(InputError, match="no values for ETH/USDT"):
        run([bars(BTC), bars(ETH)], {"signal": {"BTC/USDT": np.zeros(SIZE)}})


@pytest.mark.parametrize("field", ["", "close", "a b", "ä"])
def test_a_node_that_names_no_column_is_a_fault_of_the_graph(field: str) -> None:
    with pytest.raises(InputError, match=r"column.field"):
        follows(field).check()


def test_bars_carry_their_columns_along() -> None:
    given = bars(BTC).with_columns({"signal": signals()})
    assert np.array_equal(given.slice(5, 9).columns["signal"], signals()[5:9], equal_nan=True)
    assert given.digest() != bars(BTC).digest()
    assert given.digest() != bars(BTC).with_columns({"signal": signals(2)}).digest()
    assert given.digest() != bars(BTC).with_columns({"other": signals()}).digest()
    with pytest.raises(ValueError, match="read-only"):
        given.columns["signal"][0] = 5.0
    assert run(given).manifest["data"][0]["columns"] == ["signal"]


def test_what_comes_later_changes_nothing_before() -> None:
    whole = run(bars(BTC), {"signal": signals()}).history.equity
    for size in (1, 13, 40):
        short = run(bars(BTC).slice(0, size), {"signal": signals()[:size]})
        assert short.history.equity.tolist() == whole[:size].tolist()


def test_a_sweep_reads_columns() -> None:
    with strategy("threshold") as s:
        trade.buy(when=ta.greater(s.column("signal"), ta.number(value=0.5, name="level")), size=trade.quantity(1.0))
    found = sweep(s, bars(BTC), {"level.value": [0.5, 2.0]}, terms=TERMS, columns={"signal": signals()})
    assert found.combination(0).stats["total_return"] == run(bars(BTC), {"signal": signals()}, s).stats["total_return"]
    assert found.combination(1).stats["total_return"] == 0.0


def test_a_bot_reads_columns_as_the_backtest_does_through_journal_and_saved_state() -> None:
    given = [bars(BTC).with_columns({"signal": signals()}), bars(ETH, skip=9).with_columns({"signal": signals(4)[1:]})]
    history = run(given).history
    program, universe = plan(follows().check(), Timeframe(HOUR)), Universe((BTC, ETH), Timeframe(HOUR))
    bot, equity, heard = Bot(program, universe, TERMS), [], []
    for number, event in enumerate(stream(given)):
        event = input_from(json.loads(json.dumps(input_data(number, event), allow_nan=False)))
        heard.append(event)
        if number % 7 == 3:
            saved = json.loads(json.dumps(bot.save(), allow_nan=False))
            bot = Bot(program, universe, TERMS)
            bot.load(saved)
        equity.append(advance(bot, event).equity)
    assert equity == history.equity.tolist()
    assert len(history.fills) > 10
    again, _ = bars_of(heard, universe)
    assert [one.digest() for one in again] == [one.digest() for one in given]


def test_a_bot_refuses_bars_without_the_column_and_is_as_before() -> None:
    program = plan(follows().check(), Timeframe(HOUR))
    bot = Bot(program, Universe((BTC,), Timeframe(HOUR)), TERMS)
    with pytest.raises(InputError, match="'signal' from outside"):
        advance(bot, next(stream([bars(BTC)])))
    assert bot.bars == 0
