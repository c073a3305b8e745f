"""The commands over a file with a portfolio: which strategy does what, and on which bars."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Wick

FILE = """from wickwork import Member, portfolio, strategy, ta, trade

with strategy("Trend") as trend:
    trade.buy(when=ta.crosses_above(trend.bars.close, ta.ema(trend.bars.close)), size=trade.quote(100))
    trade.close(when=ta.bars_held() > 3)
with strategy("Dip") as dip:
    trade.buy(when=ta.rsi(dip.bars.close) < 40, size=trade.quote(100), add=True)
both = portfolio(Member("trend", trend, ["BTC/USDT", "ETH/USDT"], "3h"), Member("dip", dip, "ETH/USDT", "2h"))
"""


@pytest.fixture
def file(home: Path) -> Path:
    path = home / "both.py"
    path.write_text(FILE)
    return path


def test_explanations_and_listings_name_the_strategy_and_its_bars(wick: Wick, file: Path) -> None:
    said = wick("graph", "explain", file).out.split("\n\n")
    assert [part.partition("\n")[0] for part in said[1:]] == [
        "trend: 3h bars of BTC/USDT, ETH/USDT",
        "dip: 2h bars of ETH/USDT",
    ]
    assert "It enters only while it holds no position." in said[1]
    assert "It enters only" not in said[2]
    assert [part["name"] for part in wick("graph", "explain", file, "--json").json["parts"]] == ["trend", "dip"]
    shown = wick("graph", "show", file).out
    assert shown.index("trend: 3h bars") < shown.index("trend__enter_long]") < shown.index("dip: 2h bars")
    assert shown.index("dip: 2h bars") < shown.index("dip__rsi =")


def test_the_bars_of_a_run_make_up_those_of_all_strategies(wick: Wick, file: Path) -> None:
    """3h and 2h are both made of 1h."""
    answer = wick("backtest", file, "--to", "2021-01-20", "--json")
    assert answer.code == 0, answer.err
    assert {one["timeframe"] for one in answer.json["manifest"]["data"]} == {"1h"}


def test_a_venue_that_reports_is_refused_two_strategies_in_one_instrument(wick: Wick, file: Path, home: Path) -> None:
    options = ("--bars", "5", "--speed", "max", "--journal", home / "run.jsonl", "--reported")
    answer = wick("paper", file, *options)
    assert answer.code == 2
    said = " ".join(answer.err.split())
    assert "The strategies trend and dip of the portfolio both trade ETH/USDT" in said
    assert "give dip a run of its own, on a sub-account" in said
    assert not (home / "run.jsonl").exists()
    file.write_text(FILE.replace('Member("dip", dip, "ETH', 'Member("dip", dip, "SOL'))
    assert wick("paper", file, *options).code == 0
