"""The exits of trades: which leg closed how much, and that they add up to the trades."""

from __future__ import annotations

import json

import pytest

from wickwork import Member, backtest, portfolio, strategy, trade
from wickwork.market.demo import demo_bars


def built() -> object:
    with strategy("parts") as s:
        trade.buy(
            when=s.bars.close > s.bars.open,
            size=trade.percent_of_equity(50),
            stop_loss=trade.percent(4),
            take_profit=[trade.target(trade.percent(1), share=25), trade.target(trade.percent(3), share=50)],
            name="entry",
        )
    return s


def test_every_part_of_an_exit_is_a_row() -> None:
    run = backtest(built(), demo_bars("BTC/USDT", "1h").slice(0, 3000))
    exits, closed = run.exits, run.trades[~run.trades["open"]]
    assert set(exits["reason"]) == {"take profit", "take profit 2", "stop loss"}
    assert len(closed) > 10
    by_trade = exits.groupby("trade")
    assert by_trade["quantity"].sum()[closed["number"]].tolist() == pytest.approx(closed["quantity"].tolist())
    assert by_trade["share_percent"].sum()[closed["number"]].tolist() == pytest.approx([100.0] * len(closed))
    last = by_trade.last()
    assert last.loc[closed["number"], "reason"].tolist() == closed["exit_reason"].tolist()
    average = by_trade.apply(lambda rows: (rows["price"] * rows["quantity"]).sum() / rows["quantity"].sum())
    assert average[closed["number"]].tolist() == pytest.approx(closed["exit"].tolist())
    assert by_trade["net"].sum()[closed["number"]].tolist() == pytest.approx(closed["gain"].tolist())
    assert last.loc[closed["number"], "bars"].tolist() == closed["bars"].tolist()
    assert exits.loc[exits["reason"] == "take profit", "share_percent"].tolist() == pytest.approx(
        [25.0] * (exits["reason"] == "take profit").sum(), abs=0.1
    )


def test_a_run_without_exits_has_an_empty_table() -> None:
    with strategy("hold") as s:
        trade.buy(when=s.bars.close > 0.0, size=trade.percent_of_equity(50))
    run = backtest(s, demo_bars("BTC/USDT", "1d").slice(0, 40))
    assert len(run.exits) == 0
    assert list(run.exits.columns)[:4] == ["trade", "exited_at", "instrument", "reason"]


def test_a_reversal_closes_one_trade_and_opens_the_next() -> None:
    with strategy("turn") as s:
        trade.reverse(when=s.bars.close > s.bars.open, to="long", size=trade.percent_of_equity(50), name="up")
        trade.reverse(when=s.bars.close < s.bars.open, to="short", size=trade.percent_of_equity(50), name="down")
    run = backtest(s, demo_bars("BTC/USDT:USDT", "1d").slice(0, 200))
    closed = run.trades[~run.trades["open"]]
    assert run.exits["trade"].tolist() == closed["number"].tolist()
    assert run.exits["quantity"].tolist() == pytest.approx(closed["quantity"].tolist())
    assert run.exits["net"].tolist() == pytest.approx(closed["gain"].tolist())
    assert set(run.exits["reason"]) == {"reversal"}


def test_the_json_has_the_exits_and_their_reasons() -> None:
    run = backtest(built(), demo_bars("BTC/USDT", "1h").slice(0, 3000))
    found = json.loads(run.to_json())
    assert [row["reason"] for row in found["exits"]] == run.exits["reason"].tolist()
    assert [row["net"] for row in found["exits"]] == pytest.approx(run.exits["net"].tolist())
    by_reason = {row["reason"]: row for row in found["exits_by_reason"]}
    stopped = run.exits[run.exits["reason"] == "stop loss"]
    assert by_reason["stop loss"] == {
        "reason": "stop loss",
        "exits": len(stopped),
        "won": 0,
        "win_rate": 0.0,
        "bars": pytest.approx(stopped["bars"].mean()),
        "r": pytest.approx(stopped["r"].mean()),
        "net": pytest.approx(stopped["net"].sum()),
    }


def test_exits_of_a_portfolio_name_their_strategy() -> None:
    run = backtest(
        portfolio(Member("one", built(), "BTC/USDT", "1h"), Member("two", built(), "BTC/USDT", "1h")),
        demo_bars("BTC/USDT", "1h").slice(0, 500),
    )
    assert list(run.exits.columns)[2:4] == ["strategy", "instrument"]
    assert set(run.exits["strategy"]) == {"one", "two"}
