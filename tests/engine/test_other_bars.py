"""Bars of another instrument as a wire: from the run or given to be read only, aligned, and the same in a bot."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from wickwork import Bars, InputError, Instrument, Strategy, backtest, strategy, sweep, ta, trade
from wickwork.analytics.report.assumptions import is_synthetic, lines
from wickwork.engine.advance import advance
from wickwork.engine.bot import Bot
from wickwork.engine.journal_entries import input_data, input_from
from wickwork.engine.replay import bars_of
from wickwork.engine.window import Universe
from wickwork.graph.program import plan
from wickwork.market.stream import stream
from wickwork.model.outside import with_other_bars
from wickwork.model.timeframe import HOUR, Timeframe
from wickwork.sim.terms import Terms

BTC, ETH, SOL = (Instrument(base, "USDT") for base in ("BTC", "ETH", "SOL"))
START, SIZE, nan = 1_704_067_200_000, 60, float("nan")
TERMS = Terms(taker_fee=0.0, slippage_model="none")
FIELDS = ("open", "high", "low", "close", "volume")


def bars(instrument: Instrument, *skip: int, size: int = SIZE, hours: int = 1) -> Bars:
    """Bars whose numbers are those of their instrument alone."""
    rows = np.setdiff1d(np.arange(size), skip)
    r = np.random.default_rng(sum(map(ord, instrument.base)))
    close = 100.0 + r.normal(0.0, 2.0, size).cumsum()[rows]
    start = close + r.normal(0.0, 1.0, size)[rows]
    low, high = np.minimum(start, close) - 0.5, np.maximum(start, close) + 0.5
    return Bars.of(
        instrument, Timeframe(HOUR * hours), START + HOUR * hours * rows, start, high, low, close, rows + 1.0
    )


def follows(name: str = "BTC/USDT", period: int = 5) -> Strategy:
    """Buys while the other instrument is above its average."""
    with strategy("follows another") as s:
        other = s.bars_of(name)
        average = ta.sma(other.close, period=period, name="average")
        trade.buy(when=other.close > average, size=trade.quantity(1.0), name="enter")
        trade.close(when=other.close < average, name="leave")
    return s


def run(given: Any, with_bars: Any = (), built: Strategy | None = None) -> Any:
    return backtest(built or follows(), given, terms=TERMS, with_bars=with_bars)


def seen(made: Any, field: str = "close") -> Any:
    return made.columns[f"bars_of.{field}"]


def test_every_lane_reads_the_bars_of_the_other_instrument() -> None:
    btc = bars(BTC)
    made = run([bars(ETH), btc, bars(SOL)])
    for field in FIELDS:
        assert (seen(made, field) == getattr(btc, field)).all()
    assert len(set(made.history.fills["lane"].tolist())) == 3


def test_bars_to_be_read_only_give_what_traded_ones_give() -> None:
    """Each instrument does the same, whether the other one is traded, and whatever else is in the run."""
    eth, btc = bars(ETH, 4, 20, 21), bars(BTC, 0, 20, 30, 31)
    alone = run(eth, btc)
    expected = np.full(SIZE, nan)
    expected[np.setdiff1d(np.arange(SIZE), (0, 20, 30, 31))] = btc.close
    assert np.array_equal(seen(alone), np.delete(expected, (4, 20, 21)), equal_nan=True)
    for several in ([eth, btc], [bars(SOL), btc, eth], [btc, eth]):
        made, lane = run(several), several.index(eth)
        grid = np.isin(made.history.feed.opened_at, eth.opened_at)
        for name in ("bars_of.close", "average.value"):
            assert np.array_equal(made.columns[name][lane][grid], alone.columns[name], equal_nan=True), name
            assert np.isnan(seen(made)[lane][~grid]).all()
        fills = made.history.fills[made.history.fills["lane"] == lane]
        assert fills["price"].tolist() == alone.history.fills["price"].tolist()
    assert len(alone.history.fills) > 6


def test_a_bar_acts_at_the_open_of_the_next_one() -> None:
    rows = np.arange(SIZE)
    close = np.where((rows >= 7) & (rows < 11), 200.0, 100.0)
    step = Bars.of(BTC, Timeframe(HOUR), START + HOUR * rows, close, close, close, close, close)
    with strategy("threshold") as s:
        trade.buy(when=s.bars_of("BTC/USDT").close > 150, size=trade.quantity(1.0))
        trade.close(when=s.bars_of("BTC/USDT").close < 150)
    assert run(bars(ETH), step, s).history.fills["bar"].tolist() == [8, 12]


def test_what_comes_later_changes_nothing_before() -> None:
    eth, btc = bars(ETH), bars(BTC, 3, 30)
    for whole, part in ((run([eth, btc]), lambda n: run([eth.slice(0, n), btc.between(0, eth.opened_at[n - 1] + 1)])),
                        (run(eth, btc), lambda n: run(eth.slice(0, n), btc))):  # fmt: skip
        for n in (2, 13, 31, 40):
            assert part(n).history.equity.tolist() == whole.history.equity[:n].tolist()


def test_whole_bars_are_an_input_of_nodes_and_of_slower_timeframes() -> None:
    with strategy("all inputs") as s:
        other = s.bars_of("BTC/USDT", name="btc")
        ta.atr(other, period=5, name="range")
        ta.sma(other("4h").close, period=2, name="slow")
        trade.buy(when=other.close > s.bars.close, size=trade.quantity(1.0))
    with strategy("its own") as own:
        ta.atr(period=5, name="range")
        ta.sma(own.bars("4h").close, period=2, name="slow")
        trade.buy(when=own.bars.close > 1e9, size=trade.quantity(1.0))
    there, here = run(bars(ETH), bars(BTC, 9), s), run(bars(BTC, 9), built=own)
    for name in ("range", "slow"):
        assert np.array_equal(np.delete(there.columns[name], 9)[12:], here.columns[name][12:], equal_nan=True), name
        assert np.isfinite(here.columns[name]).sum() > 40


def test_an_instrument_may_read_its_own_bars_by_name() -> None:
    made = run(bars(BTC, 9))
    assert (seen(made) == made.history.bars[0].close).all()


def test_a_sweep_reads_the_bars_of_another_instrument() -> None:
    for given, beside in (([bars(ETH), bars(BTC)], ()), (bars(ETH), bars(BTC))):
        found = sweep(follows(), given, {"average.period": [3, 9]}, terms=TERMS, with_bars=beside)
        for number, period in enumerate((3, 9)):
            right = run(given, beside, follows(period=period)).stats["total_return"]
            assert found.combination(number).stats["total_return"] == right
    with pytest.raises(InputError, match="instrument"):
        sweep(follows(), [bars(ETH), bars(BTC)], {"bars_of.instrument": ["BTC/USDT", "ETH/USDT"]})


@pytest.mark.parametrize(
    ("name", "given", "beside", "sentence"),
    [
        ("BTC/USDT", [ETH], [], "reads the bars of BTC/USDT, but the run has ETH/USDT. Trade BTC/USDT too.*with_bars"),
        ("BTC/USDT:USDT", [ETH, BTC], [SOL], "the run has ETH/USDT, BTC/USDT, SOL/USDT"),
        ("BTC/USDT", [ETH], [BTC, BTC], "BTC/USDT are given twice"),
    ],
)
def test_an_instrument_that_is_not_there_is_a_sentence(name: str, given: Any, beside: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        run([bars(one) for one in given], [bars(one) for one in beside], follows(name))


def test_bars_that_do_not_fit_are_refused() -> None:
    for beside, sentence in (
        (bars(BTC, hours=4), "are 4h, the run has 1h"),
        (bars(BTC).slice(0, 0), "No bar of BTC/USDT opens when"),
        ([bars(ETH, 7), bars(BTC)], "trades ETH/USDT on other bars"),
    ):
        with pytest.raises(InputError, match=sentence):
            run(bars(ETH), beside)
    assert len(run(bars(ETH), [bars(ETH), bars(BTC)]).history.fills) > 0


def test_a_name_that_two_instruments_of_the_run_have_is_refused() -> None:
    with pytest.raises(InputError, match="BTC/USDT, which the run has of several venues"):
        run([bars(replace(BTC, venue="here")), bars(replace(BTC, venue="there"))])


@pytest.mark.parametrize("name", ["", "a b c", "BINANCE:BTC/USDT", "BTC/USDT-240628"])
def test_a_text_that_is_no_instrument_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"instrument|venue|delivery"):
        follows(name)
    with strategy("from a document") as s:
        trade.buy(when=ta.bars_of(instrument=name).close > 1, size=trade.quantity(1.0))
    with pytest.raises(InputError, match=r"bars_of.instrument"):
        s.check()


def test_spellings_of_one_instrument_are_one() -> None:
    assert follows("btc-usdt").graph.hash() == follows().graph.hash()
    with strategy("spelled otherwise") as s:
        trade.buy(when=ta.bars_of(instrument="btcusdt").close > 1, size=trade.quantity(1.0))
    assert (seen(run([bars(ETH), bars(BTC)], built=s)) == bars(BTC).close).all()


def test_a_run_says_which_bars_it_read() -> None:
    eth, btc = bars(ETH), bars(BTC)
    one, two = run(eth, btc), run(eth, bars(BTC, 40))
    assert one.manifest["data"][0]["columns"] == sorted(f"BTC/USDT.{field}" for field in FIELDS)
    assert one.manifest["data"][0]["sha256"] != two.manifest["data"][0]["sha256"]
    said = {line["label"]: line["value"] for line in lines(one, None)}
    assert said["Read, not traded"] == "the bars of BTC/USDT"
    assert "Columns from outside" not in said
    made_up = run(eth, replace(btc, source="demo market (synthetic)"))
    assert made_up.manifest["data"][0]["source"] == "memory; BTC/USDT from demo market (synthetic)"
    assert is_synthetic(made_up)
    assert not is_synthetic(one)


@pytest.mark.parametrize("traded", [True, False])
def test_a_bot_reads_what_the_backtest_reads_through_journal_and_saved_state(traded: bool) -> None:
    eth, sol, btc = bars(ETH, 9), bars(SOL), bars(BTC, 20, 30, 31)
    given = [eth, btc, sol] if traded else with_other_bars([eth, sol], [btc])
    history = run(given).history
    program, universe = plan(follows().check(), Timeframe(HOUR)), Universe(history.feed.instruments, Timeframe(HOUR))
    bot, equity, taken = Bot(program, universe, TERMS), [], []
    for number, event in enumerate(stream(given)):
        event = input_from(json.loads(json.dumps(input_data(number, event), allow_nan=False)))
        taken.append(event)
        if number % 7 == 3:
            saved = json.loads(json.dumps(bot.save(), allow_nan=False))
            bot = Bot(program, universe, TERMS)
            bot.load(saved)
        equity.append(advance(bot, event).equity)
    assert equity == history.equity.tolist()
    assert len(history.fills) > 10
    again, _ = bars_of(taken, universe)
    assert [one.digest() for one in again] == [one.digest() for one in given]


def test_a_bot_refuses_bars_without_those_of_the_other_instrument_and_is_as_before() -> None:
    bot = Bot(plan(follows().check(), Timeframe(HOUR)), Universe((ETH,), Timeframe(HOUR)), TERMS)
    with pytest.raises(InputError, match="reads the bars of BTC/USDT, but the run has ETH/USDT"):
        advance(bot, next(stream([bars(ETH)])))
    assert bot.bars == 0


@pytest.mark.parametrize("traded", [True, False])
def test_a_bar_that_is_not_there_in_time_is_missing_in_the_bot_and_in_the_replay(traded: bool) -> None:
    eth, btc, late = bars(ETH), bars(BTC), (12, 13, 33)
    given = [eth, btc] if traded else with_other_bars([eth], [btc])
    universe = Universe(tuple(one.instrument for one in given), Timeframe(HOUR))
    bot, taken, equity = Bot(plan(follows().check(), Timeframe(HOUR)), universe, TERMS), [], []
    for number, event in enumerate(stream(given)):
        if number in late:
            rows = (event.rows[0], None) if traded else event.rows
            event = replace(event, rows=rows, columns=dict.fromkeys(event.columns, (None,)))
        taken.append(event)
        equity.append(advance(bot, event).equity)
    assert equity == run(bars_of(taken, universe)[0]).history.equity.tolist()
    missing = [eth, bars(BTC, *late)] if traded else with_other_bars([eth], [bars(BTC, *late)])
    assert equity == run(missing).history.equity.tolist() != run(given).history.equity.tolist()
