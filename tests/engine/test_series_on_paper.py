"""Funding rates and mark prices that come with the bars of a run on paper: the bits of the backtest, in both modes."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.live_cases import Paper
from tests.engine.slow_venue import fast, slow
from tests.promises.programs import Case, case_of
from tests.sim.random_markets import random_funding, random_marks
from wickwork import Bars, FundingRates, InputError, Terms, backtest, demo_bars, parse_instrument
from wickwork.engine.advance import advance
from wickwork.engine.window import Universe
from wickwork.market.stream import stream
from wickwork.model.events import BarsClosed, FundingPaid, Liquidated
from wickwork.model.timeframe import HOUR, Timeframe
from wickwork.store.journal import read_journal
from wickwork.strategies.load import load_strategy

PERPETUAL = parse_instrument("BTC/USDT:USDT")
START = 1_704_067_200_000
SIZE = 160
CASES = int(os.environ.get("WICKWORK_SLOW_VENUE_CASES", "50"))
LEVERED = Terms(leverage=100, maintenance=0.004)


def with_series(seed: int) -> Case | None:
    """A random case with series, without finer bars and without moments at which no instrument has a bar."""
    case, r = case_of(f"random {seed} 60"), random.Random(-seed)
    markets = tuple(replace(m, finer=None) for m in case.markets)
    markets = tuple(replace(m, funding=random_funding(r, m), marks=random_marks(r, m)) for m in markets)
    whole = all(any(m.has_bar(t) for m in markets) for t in range(len(markets[0].close)))
    return replace(case, markets=markets) if whole and any(m.funding or m.marks for m in markets) else None


def universe_of(case: Case) -> Universe:
    feed = case.feed()
    named = list(zip(map(str, feed.instruments), case.markets, strict=True))
    funding = tuple(name for name, m in named if m.funding is not None)
    return Universe(
        feed.instruments, feed.timeframe, None, funding, tuple(name for name, m in named if m.marks is not None)
    )


def events(case: Case) -> list[BarsClosed]:
    """The bars of the case with what comes beside them."""
    found, times = [], case.markets[0].opened_at
    funded = any(m.funding is not None for m in case.markets)
    marked = any(m.marks is not None for m in case.markets)
    for t, now in enumerate(times):
        before = times[t - 1] if t else now
        rates = [None if m.funding is None else sum((r for at, r in m.funding if before < at <= now), 0.0)
                 for m in case.markets]  # fmt: skip
        marks = [m.marks[t][0] if m.marks is not None and m.marks[t] else None for m in case.markets]
        rows = tuple(m.bar(t) if m.has_bar(t) else None for m in case.markets)
        columns = {
            name: tuple(None if np.isnan(m.columns[name][t]) else m.columns[name][t] for m in case.markets)
            for name in case.markets[0].columns
        }
        found.append(
            BarsClosed(
                now, rows, (None,) * len(rows), columns, tuple(rates) if funded else (), tuple(marks) if marked else ()
            )
        )
    return found


def test_random_graphs_do_the_same_in_a_backtest_and_on_paper_in_both_modes() -> None:
    seen = {FundingPaid: 0, Liquidated: 0}
    for seed in range(CASES):
        case = with_series(seed)
        if case is None:
            continue
        machine = case.run()
        for run in (fast, slow):
            rows, bot, *_ = run(case.plan(), universe_of(case), case.terms(), events(case))
            assert rows.equity == machine.equity.tolist(), (seed, run)
            assert rows.tables["fills"] == [tuple(row) for row in machine.output("fills").tolist()], (seed, run)
            assert bot.machine.arrays["account"]["funding"] == machine.arrays["account"]["funding"], (seed, run)
        for event in rows.events:
            seen[type(event)] = seen.get(type(event), 0) + 1
    assert seen[FundingPaid] > CASES // 3
    assert seen[Liquidated] > CASES // 30


def paper(folder: Path, *, reported: bool = False, count: int = SIZE) -> Paper:
    """A run with marks that do not share the wicks of the last price, and rates at odd moments."""
    bars = replace(demo_bars("BTC/USDT", "1h", START, START + SIZE * HOUR), instrument=PERPETUAL)
    moments = START + np.arange(-3, SIZE // 5) * 5 * HOUR + 7
    rates = FundingRates(PERPETUAL, moments, 0.0003 * np.sin(np.arange(len(moments))))
    top, bottom = np.maximum(bars.open, bars.close), np.minimum(bars.open, bars.close)
    marks = Bars.of(
        PERPETUAL, bars.timeframe, bars.opened_at, bars.open, top, bottom * 0.995, bars.close, np.zeros(SIZE)
    ).slice(0, SIZE - 20)
    strategy = load_strategy(Path(__file__).parents[2] / "examples" / "bollinger_long_short.py")
    name = str(PERPETUAL)
    run = Paper(folder, strategy, [bars.slice(0, count)], terms=LEVERED, reported=reported)
    run.funding, run.marks = {name: rates}, {name: marks}
    return run


@pytest.mark.parametrize("reported", [False, True])
def test_a_run_that_is_killed_again_and_again_goes_on_with_the_same_bits(tmp_path: Path, reported: bool) -> None:
    whole = paper(tmp_path, reported=reported)
    unbroken = whole.go()
    assert unbroken is not None
    assert whole.replay() == []
    run = backtest(
        whole.strategy, whole.bars, terms=LEVERED, funding=list(whole.funding.values()),
        mark_prices=list(whole.marks.values()),
    )  # fmt: skip
    account = unbroken.machine.arrays["account"][0]
    assert (account["equity"], account["funding"]) == (run.history.equity[-1], run.stats["funding"])
    assert run.stats["funding"] != backtest(whole.strategy, whole.bars, terms=LEVERED).stats["funding"]
    (tmp_path / "broken").mkdir()
    broken, r, bot = paper(tmp_path / "broken", reported=reported), random.Random(reported), None
    broken.kill_at = lambda where: r.random() < 0.01
    for _ in range(400):
        bot = broken.go()
        if bot is not None:
            break
    assert bot is not None
    assert broken.replay() == []
    assert bot.state() == unbroken.state()


def test_the_journal_has_the_rates_and_mark_prices_of_each_bar(tmp_path: Path) -> None:
    run = paper(tmp_path)
    run.go()
    bars = [entry.data for entry in read_journal(run.journal) if entry.kind == "input"]
    rates = run.funding[str(PERPETUAL)]
    charged = rates.rates[(rates.times > START) & (rates.times <= START + (SIZE - 1) * HOUR)]
    assert [one["funding"][0] for one in bars if one["funding"][0]] == [rate for rate in charged.tolist() if rate]
    assert bars[0]["marks"][0][2] == pytest.approx(0.995 * min(bars[0]["rows"][0][0], bars[0]["rows"][0][3]))
    assert bars[-1]["marks"] == [None]


def test_series_that_do_not_belong_to_the_run_are_refused(tmp_path: Path) -> None:
    hour = Timeframe(HOUR)
    for wrong in ({"funding": ("ETH/USDT:USDT",)}, {"marks": ("BTC/USDT",)}):
        with pytest.raises(InputError, match="There are"):
            Universe((PERPETUAL,), hour, **wrong)
    with pytest.raises(InputError, match="--finer none"):
        Universe((PERPETUAL,), hour, Timeframe(HOUR // 4), marks=(str(PERPETUAL),))
    run = paper(tmp_path)
    good = next(stream(run.bars, funding=run.funding, marks=run.marks))
    for fault, hint in (
        ({"funding": ()}, "0 funding rates"),
        ({"funding": (None,)}, "None is no funding rate"),
        ({"funding": (float("inf"),)}, "inf is no funding rate"),
        ({"marks": ()}, "0 mark prices"),
        ({"marks": ((2.0, 1.0, 1.0, 1.0),)}, "are no mark prices"),
        ({"marks": ((1.0, 1.0, -1.0, 1.0),)}, "are no mark prices"),
    ):
        bot = run.bot()
        with pytest.raises(InputError, match=hint):
            advance(bot, replace(good, **fault))
        advance(bot, good)
