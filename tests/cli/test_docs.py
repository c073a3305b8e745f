"""Every command in docs/cli.md works as it stands, and every option is named there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import DAY, EXAMPLES, JANUARY, ROOT, Wick, write_csv
from tests.market.exchange_server import Exchange, serving
from wickwork import demo_bars

PAGE = (ROOT / "docs" / "cli.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0].removeprefix("$ wick "))
def test_the_commands_of_the_page(block: str, wick: Wick, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(EXAMPLES, home / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    (home / "bars").mkdir()
    write_csv(home / "bars" / "BTCUSDT_1m.csv", demo_bars("BTC/USDT", "1m", JANUARY, JANUARY + 3 * DAY))
    with serving(Exchange(now=lambda: JANUARY + 63 * DAY)) as address:
        monkeypatch.setenv("WICKWORK_EXCHANGE_ADDRESS", address)
        run_all(block, wick)


def run_all(block: str, wick: Wick) -> None:
    for line in block.strip().splitlines():
        command, *args = shlex.split(line.removeprefix("$ "))
        assert command == "wick"
        answer = wick(*args)
        assert (answer.code, answer.err) == (0, ""), line
        assert answer.out, line
        if "--json" in args:
            json.loads(answer.out)


@pytest.mark.parametrize(
    "verb",
    [
        "backtest",
        "paper",
        "replay",
        "run",
        "config check",
        "config show",
        "sweep",
        "data import",
        "data download",
        "data update",
        "data show",
        "data resample",
        "data remove",
        "new",
        "nodes",
        "graph export",
        "graph format",
        "graph merge",
        "graph upgrade",
        "graph import",
    ],
)
def test_every_option_is_on_the_page(verb: str, wick: Wick) -> None:
    for option in re.findall(r"--[a-z-]+", wick(*verb.split(), "--help").out):
        assert option in PAGE, option
