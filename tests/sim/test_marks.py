"""Mark prices decide liquidations: given as bars, on the grid of a run."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from tests.sim.both import run_fast
from tests.sim.random_markets import HOUR, random_config, random_decide, some_markets
from wickwork import Bars, InputError, backtest, parse_instrument, strategy, trade
from wickwork.model.timeframe import Timeframe

PERPETUAL = parse_instrument("BTC/USDT:USDT")
START = 1_704_067_200_000
QUARTER = HOUR // 4
LEVERED = {"leverage": 10, "taker_fee": 0, "maker_fee": 0, "slippage_model": "none", "funding_rate": 0}


def bars(rows: list[tuple[float, ...]], step: int = HOUR, first: int = 0, instrument=PERPETUAL) -> Bars:
    times = START + step * (first + np.arange(len(rows)))
    return Bars.of(instrument, Timeframe(step), times, *np.array(rows, float).T, np.ones(len(rows)))


def long_once():
    with strategy("long once") as s:
        trade.buy(when=s.bars.close > 0, size=trade.quantity(1))
    return s


LAST = bars([(100, 100, 100, 100), (100, 101, 99, 100), (100, 101, 80, 100), (100, 101, 99, 100)])
CALM = bars([(100, 101, 99, 100)] * 4)


def liquidations(*marks: Bars, finer: Bars | None = None) -> list[float]:
    run = backtest(long_once(), LAST, mark_prices=marks, finer=() if finer is None else finer, **LEVERED)
    return run.fills[run.fills["side"] == "sell"]["price"].tolist()


def test_mark_prices_equal_to_the_last_prices_change_nothing() -> None:
    for seed in range(300):
        r = random.Random(seed)
        markets, config = some_markets(r, 20), random_config(r)
        same = [replace(m, marks=[[b[:4] for b in _walked(m, t)] for t in range(20)]) for m in markets]
        decide = random_decide(seed, markets, 0.6)
        assert repr(run_fast(same, config, decide)) == repr(run_fast(markets, config, decide)), seed


def _walked(m, t):
    if not m.has_bar(t):
        return []
    return (m.finer[t] if m.finer is not None else []) or [m.bar(t)]


def test_a_wick_that_the_mark_price_does_not_share_does_not_liquidate() -> None:
    assert liquidations() == [pytest.approx(90.4522613)]
    assert liquidations(CALM) == []


def test_mark_prices_of_a_shorter_timeframe_are_put_together() -> None:
    quiet = [(100, 101, 99, 100)] * 4
    assert liquidations(bars(quiet * 4, QUARTER)) == []
    deep = quiet * 2 + [(100, 101, 99, 100), (100, 100, 85, 99), (99, 100, 98, 100), (100, 100, 100, 100)] + quiet
    assert liquidations(bars(deep, QUARTER)) == [pytest.approx(90.4522613)]


def test_a_bar_that_is_not_covered_completely_has_its_traded_prices() -> None:
    for gap in (CALM.slice(0, 2), CALM.slice(3, 4), bars([(100, 101, 99, 100)] * 11, QUARTER)):
        run = backtest(long_once(), LAST, mark_prices=gap, **LEVERED)
        assert run.fills["side"].tolist()[:2] == ["buy", "sell"]
        assert run.manifest["mark_data"][0]["covered"] < 4


def test_a_run_that_walks_through_finer_bars_needs_mark_prices_as_fine() -> None:
    rows = [(100, 100, 100, 100)] * 4 + [(100, 101, 99, 100)] * 4
    rows += [(100, 101, 99, 100), (100, 100, 80, 99), (99, 100, 98, 100), (100, 100, 100, 100)]
    fine = bars(rows + [(100, 101, 99, 100)] * 4, QUARTER)
    assert liquidations(finer=fine) == [pytest.approx(90.4522613)]
    with pytest.raises(InputError, match="bars of 1h, but the run goes over bars of 15m"):
        liquidations(CALM, finer=fine)
    assert liquidations(bars([(100, 101, 99, 100)] * 16, QUARTER), finer=fine) == []


@pytest.mark.parametrize(
    ("marks", "hint"),
    [
        ([CALM, CALM], "twice"),
        ([bars([(1, 1, 1, 1)], instrument=parse_instrument("BTC/USDT"))], "is none"),
        (
            [bars([(1, 1, 1, 1)], instrument=parse_instrument("ETH/USDT:USDT"))],
            "There are mark prices of ETH/USDT:USDT",
        ),
        ([bars([(100, 101, 99, 100)], 4 * HOUR)], "bars of 4h"),
        ([CALM.slice(0, 0)], "have no bars"),
        ([bars([(0.1, 0.101, 0.099, 0.1)] * 4)], "0.001 times its traded prices"),
        ([bars([(300, 300, 300, 300)] * 4)], "another instrument"),
        ([bars([(100, 101, 99, 100)] * 4, first=50)], "cover no bar"),
    ],
)
def test_mark_prices_that_do_not_fit_are_refused(marks: list[Bars], hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        liquidations(*marks)


def test_the_report_says_which_mark_prices_decided() -> None:
    from wickwork.analytics.report.assumptions import lines

    def said(*marks: Bars) -> dict[str, dict[str, str]]:
        return {one["label"]: one for one in lines(backtest(long_once(), LAST, mark_prices=marks, **LEVERED), None)}

    assert "mark price" in said()["Not modelled"]["value"]
    whole, part = said(CALM), said(CALM.slice(0, 3))
    assert "mark price" not in whole["Not modelled"]["value"]
    assert (whole["Mark price"]["value"], whole["Mark price"]["tone"]) == ("bars of 1h, memory", "")
    assert ("1 bar without" in part["Mark price"]["value"], part["Mark price"]["tone"]) == (True, "warn")
