"""A portfolio as a Python file that builds it again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.strategies.test_portfolio import FIGURES
from tests.strategies.test_portfolio_documents import dip
from tests.strategies.test_python_text import as_ruff_formats
from wickwork import Member, backtest, demo_bars, portfolio, strategy, ta, trade
from wickwork.graph.document import Graph
from wickwork.graph.parts import part_graphs
from wickwork.nodes import builtin
from wickwork.strategies.load import Loaded, load_strategy
from wickwork.strategies.python_text.write import PythonFile, python_file

pytest.importorskip("pandas")


def trend() -> Graph:
    with strategy("Trend") as s:
        close = s.bars.close
        fast, slow = ta.ema(close, period=5), ta.ema(s.bars("8h").close, period=12, name="trend")
        trade.buy(when=ta.crosses_above(fast, slow), size=trade.percent_of_equity(30), good_for=3, limit=close * 0.999)
        trade.close(when=ta.crosses_below(fast, slow))
    return s.graph


def written(given: Loaded, folder: Path) -> tuple[PythonFile, Loaded]:
    made = python_file(given.graph, given.catalogue, "made.py")
    (folder / "made.py").write_text(made.text, encoding="utf-8")
    return made, load_strategy(folder / "made.py")


def test_the_file_builds_the_same_portfolio_and_trades_alike(tmp_path: Path) -> None:
    both = portfolio(
        Member("trend", trend(), ["BTC/USDT", "ETH/USDT"], "4h"),
        Member("dip", dip(), "BTC/USDT", "1h", params={"rsi.period": 7}),
        name="Trend and dip",
    )
    made, again = written(both, tmp_path)
    assert again.check().graph.hash() == both.check().graph.hash()
    assert (again.graph.name, again.graph.parts) == (both.graph.name, both.graph.parts)
    members = part_graphs(again.graph)
    assert members["dip"].notes == dip().notes
    assert members["dip"].suggested_run == dip().suggested_run
    assert members["dip"].name == "Dip"
    assert made.left_out == (
        "dip: positions and colours of the drawing are left out; its comments are comments of the file.",
    )
    bars = [demo_bars(name, "1h").slice(0, 1_000) for name in ("BTC/USDT", "ETH/USDT")]
    expected, found = (backtest(one, bars, capital=1e6).trades for one in (both, again))
    assert len(expected) > 5
    assert found[FIGURES].to_numpy().tolist() == expected[FIGURES].to_numpy().tolist()
    as_ruff_formats(tmp_path)


@pytest.mark.parametrize("name", ["s", "ta", "trade", "portfolio", "Member", "class", "print", "close", "ema", "rsi"])
def test_a_member_may_have_any_name(name: str, tmp_path: Path) -> None:
    other = "joined" if name != "joined" else "x"
    both = portfolio(Member(name, trend(), "BTC/USDT", "4h"), Member(other, dip(""), "BTC/USDT", "1h"), name='"It"')
    _, again = written(both, tmp_path)
    assert again.check().graph.hash() == both.check().graph.hash()
    assert [one.name for one in part_graphs(again.graph).values()] == ["Trend", ""]
    as_ruff_formats(tmp_path)


def test_a_member_without_nodes(tmp_path: Path) -> None:
    with strategy("Nothing") as nothing:
        pass
    both = portfolio(Member("a", nothing, "BTC/USDT", "1h"))
    _, again = written(both, tmp_path)
    assert again.check().graph.hash() == both.check().graph.hash()
    assert again.catalogue.nodes == builtin().nodes


def test_another_spelling_of_a_timeframe_is_the_same_portfolio(tmp_path: Path) -> None:
    graph = portfolio(Member("a", trend(), "BTC/USDT", "1h")).graph
    odd = replace(graph, parts=(replace(graph.parts[0], timeframe="60m"),))
    assert written(Loaded(odd, builtin()), tmp_path)[1].graph.hash() == graph.hash()
