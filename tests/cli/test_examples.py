"""Every example runs on the demo market and trades."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLES, Wick

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
