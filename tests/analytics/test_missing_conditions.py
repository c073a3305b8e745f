"""How often an action could not act because its condition had no value."""

from __future__ import annotations

import json

import numpy as np
from report_reading import unpacked

from wickwork import Bars, backtest, demo_bars, parse_instrument, strategy, ta, trade
from wickwork.analytics.report.page import report_text
from wickwork.analytics.run import Run
from wickwork.model.timeframe import HOUR, Timeframe

START = 1_704_067_200_000


def bars(close: list[float], name: str = "A/USDT", hours: range | None = None) -> Bars:
    price = np.array(close, dtype=np.float64)
    moments = START + np.array(hours or range(len(close)), dtype=np.int64) * HOUR
    columns = (price, price, price, price, np.ones(len(price)))
    return Bars.of(parse_instrument(name), Timeframe(HOUR), moments, *columns, source="test")


def rooted(feed: Bars | list[Bars]) -> Run:
    """Buys where the square root of close − 100 is above 1: missing below 100."""
    with strategy("root") as s:
        root = ta.power(s.bars.close - 100.0, 0.5)
        trade.buy(when=(root > 1.0) & (ta.sma(s.bars.close, period=3) > 0.0), size=trade.quantity(1), name="buy")
        trade.close(when=root > 3.0, name="sell")
    return backtest(s, feed)


def test_bars_after_warm_up_on_which_the_action_could_act_are_counted() -> None:
    """Warm-up is 3 bars. `buy` acts while flat, `sell` while long."""
    run = rooted(bars([99.0, 99.0, 99.0, 99.0, 104.0, 104.0, 99.0, 110.0, 99.0, 99.0]))
    assert list(run.fills["side"]) == ["buy", "sell"]  # on bars 5 and 8
    assert run.missing_conditions == {"buy": 4, "sell": 1}  # on bars 2, 3, 8, 9, and 6


def test_an_instrument_counts_its_own_bars() -> None:
    run = rooted([bars([104.0] * 12), bars([99.0] * 6, "B/USDT", range(6, 12))])
    assert run.missing_conditions["buy"] == 4


def test_a_condition_that_decides_is_not_missing() -> None:
    with strategy("decides") as s:
        root = ta.power(s.bars.close - 100.0, 0.5)
        trade.buy(when=(root > 1.0) & (s.bars.close > 100.0), size=trade.quantity(1), name="buy")
    assert backtest(s, bars([99.0] * 10)).missing_conditions == {"buy": 0}


def test_json_and_report_say_it() -> None:
    run = rooted(bars([99.0] * 10))
    assert json.loads(run.to_json())["missing_conditions"] == {"buy": 8, "sell": 0}
    doubts = {one["title"]: one for one in unpacked(report_text(run)).data["doubts"]}
    assert doubts["Missing conditions"]["value"] == "8"
    assert "buy 8" in doubts["Missing conditions"]["note"]


def test_nothing_is_said_where_nothing_is_missing() -> None:
    with strategy("plain") as s:
        trade.buy(when=ta.crosses_above(s.bars.close, ta.sma(s.bars.close, period=20)), name="buy")
        trade.close(when=s.bars.close > ta.average_price() * 1.02, name="sell")
    run = backtest(s, demo_bars("BTC/USDT", "1h").slice(0, 1000))
    assert run.missing_conditions == {"buy": 0, "sell": 0}
    assert "Missing conditions" not in report_text(run)
