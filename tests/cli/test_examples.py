"""Every example runs on the demo market and trades."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLES, Wick
from wickwork import backtest, demo_bars

EVERY = sorted(path for path in EXAMPLES.iterdir() if path.suffix in (".py", ".json"))
OPTIONS = {
    "bollinger_long_short.py": ["--instrument", "BTC/USDT:USDT"],
    "bitcoin_filter.py": ["--instrument", "ETH/USDT", "--instrument", "SOL/USDT"],
    "universe_momentum.py": ["--instrument", "BTC/USDT", "--instrument", "ETH/USDT", "--instrument", "SOL/USDT"],
    "pairs.py": ["--instrument", "BTC/USDT:USDT", "--instrument", "ETH/USDT:USDT"],
}


@pytest.mark.parametrize("file", EVERY, ids=lambda path: path.name)
def test_an_example_trades(file: Path, wick: Wick) -> None:
    run = wick("backtest", file, "--to", "2021-07-01", *OPTIONS.get(file.name, []), "--json").json
    assert run["stats"]["trades"] >= 1
    assert run["manifest"]["strategy"]["name"]
    assert not any(run["missing_conditions"].values())


@pytest.mark.parametrize("file", [path for path in EVERY if path.suffix == ".py"], ids=lambda path: path.name)
def test_an_example_says_what_it_does(file: Path) -> None:
    assert len(ast.get_docstring(ast.parse(file.read_text())) or "") > 60


def test_the_chased_entry_follows_gives_up_and_breaks_even() -> None:
    """Each thing that its text promises happens to an order of it."""
    bars = demo_bars("BTC/USDT", "1h").slice(0, 15_000)
    orders = backtest(EXAMPLES / "chased_entry.py", bars).orders
    reasons = orders.groupby("node")["reason"].agg(set)
    assert {"filled", "canceled by the strategy"} <= reasons["entry"]
    assert {"filled", "other leg filled", "canceled by the strategy"} <= reasons["target"] & reasons["stop"]
    assert reasons["sell_the_rest"] == {"filled"}
    filled = orders[orders["reason"] == "filled"]
    entries, stops = filled[filled["node"] == "entry"], orders[orders["node"] == "stop"]
    close = dict(zip(bars.opened_at.tolist(), bars.close.tolist(), strict=True))
    first = [0.99 * close[moment.value // 10**6] for moment in entries["placed_at"]]
    assert 0 < sum(abs(a - b) > 0.02 for a, b in zip(first, entries["limit"], strict=True)) < len(entries)
    assert 0 < stops["stop"].isin(entries["price"]).sum() < len(stops)
