"""`wick run` and `wick config`: one file for several strategies on one account."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import EXAMPLES, ROOT, Wick

MACD = "wickwork.compat.valvulin:EMAMACDStrategy"
STRATEGIES = [
    {
        "name": "macd",
        "handler": MACD,
        "symbols": ["BTCUSDT", "ETHUSDT"],
        "timeframe": "1h",
        "parameters": {"size": "30%"},
    },
    {"name": "slow", "handler": MACD, "symbol": "BTCUSDT", "timeframe": "4h", "parameters": {"size": "30%"}},
    {"name": "off", "handler": MACD, "symbol": "SOLUSDT", "timeframe": "4h", "enabled": False},
]


@pytest.fixture
def config(home: Path) -> Path:
    path = home / "config.json"
    data = {"start": "2024-01-01", "end": "2024-02-01", "strategies": STRATEGIES, "schedule": {"speed": "max"}}
    path.write_text(json.dumps(data))
    return path


def strategies_in(run: Any) -> set[str]:
    return {trade["strategy"] for trade in run["trades"]}


def test_strategies_share_an_account_and_each_has_its_own_trades(config: Path, wick: Wick) -> None:
    run = wick("run", config, "--json").json
    assert strategies_in(run) == {"macd", "slow"}
    assert run["stats"]["trades"] == len([one for one in run["trades"] if not one["open"]])
    text = wick("run", config).out
    assert "macd, slow on BTC/USDT, ETH/USDT" in text
    assert "Prices are synthetic" in text
    assert [line.split()[0] for line in text.splitlines() if line.startswith(("macd  ", "slow  "))] == ["macd", "slow"]


def test_strategies_are_enabled_and_disabled(config: Path, wick: Wick) -> None:
    chosen = ["--enable-strategy", "SOLUSDT:4h:off", "--disable-strategy", "BTCUSDT:1h:macd"]
    run = wick("run", config, *chosen, "--json").json
    assert strategies_in(run) == {"macd", "slow", "off"}
    assert {one["instrument"] for one in run["trades"] if one["strategy"] == "macd"} == {"ETH/USDT"}
    answer = wick("run", config, "--disable-strategy", "BTCUSDT:1d:macd")
    assert answer.code == 2
    assert "The configuration has BTC/USDT:1h:macd, ETH/USDT:1h:macd, BTC/USDT:4h:slow, SOL/USDT:4h:off." in answer.err


def test_options_are_stronger_than_the_environment_and_it_than_the_file(
    config: Path, wick: Wick, monkeypatch: pytest.MonkeyPatch
) -> None:
    def capital(*options: str) -> float:
        run = wick("run", config, "--disable-strategy", "BTC:4h:slow", *options, "--json").json
        return float(run["manifest"]["terms"]["capital"])

    assert capital() == 10_000.0
    monkeypatch.setenv("WICKWORK_CAPITAL", "6000")
    assert capital() == 6000.0
    assert capital("--set", "capital=7000") == 7000.0
    monkeypatch.setenv("VALVULIN_CONFIG", str(config))
    assert wick("config", "show").out.splitlines()[1].split() == ["version", '"1"']


@pytest.mark.parametrize("mode", ["--backtest", "--paper"])
def test_a_file_with_limits_that_no_run_keeps_is_refused(config: Path, wick: Wick, mode: str) -> None:
    config.write_text(json.dumps({**json.loads(config.read_text()), "risk": {"max_position": 0.1}}))
    answer = wick("run", config, mode)
    assert answer.code == 2
    assert "no run keeps limits of positions (max_position)" in " ".join(answer.err.split())
    assert wick("run", config, mode, "--set", "risk.max_position=0.1").code == 2


def test_a_report_and_tables_are_written_where_the_file_says(config: Path, wick: Wick, home: Path) -> None:
    answer = wick("run", config, "--set", "output.folder=tables", "--report", "report.html")
    assert answer.code == 0, answer.err
    assert (home / "tables" / "manifest.json").exists()
    assert (home / "report.html").stat().st_size > 10_000


def test_a_paper_run_goes_on_where_it_was_and_equals_the_backtest(config: Path, wick: Wick, home: Path) -> None:
    paper = ["--paper", "--set", "execution.journal=j.jsonl", "--set", "end=2024-01-08", "--json"]
    assert wick("run", config, *paper, "--set", "schedule.bars=80").json["bars"] == 80
    again = wick("run", config, *paper).json
    backtest = wick("run", config, "--backtest", "--set", "end=2024-01-08", "--json").json
    assert again["trades"] > 2
    assert again["bars"] == 7 * 24
    assert again["equity"] == backtest["stats"]["final_equity"]
    replay = wick("replay", home / "j.jsonl")
    assert replay.code == 0
    assert "No difference" in replay.out


def test_a_paper_run_keeps_its_journal_in_the_home_of_the_file_and_shows_what_the_level_says(
    config: Path, wick: Wick, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WICKWORK_HOME")  # it would be stronger than the file

    def lines(level: str) -> str:
        path = home / f"{level}.json"
        path.write_text(json.dumps(json.loads(config.read_text()) | {"home": level, "logging": {"level": level}}))
        answer = wick("run", path, "--paper", "--set", "schedule.bars=90")
        assert answer.code == 0, answer.err
        assert list((home / level / "journals").glob("macd-slow-*.jsonl"))
        return answer.out

    assert " bought " in lines("info")
    assert " bought " not in lines("warning")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["run"], "No configuration is named"),
        (["run", "nowhere.toml"], "There is no file nowhere.toml"),
        (["run", "config.json", "--paper", "--backtest"], "exclude each other"),
        (["run", "config.json", "--set", "capital"], "is not KEY=VALUE"),
        (["run", "config.json", "--set", "captial=1"], "there is no setting captial. Did you mean 'capital'?"),
        (["run", "config.json", "--set", "mode=live"], "nothing in it can send a live one"),
        (["run", "config.json", "--set", "strategies[0].handler=x.py"], "There is no file"),
        (["run", "config.json", "--set", "end=2024-01-01"], "start (config.json:1): is not before end"),
        (["run", "config.json", "--report", "config.json"], "would replace a file that the run reads"),
        (["config", "check"], "No configuration is named"),
        (["config", "show", "config.json", "--set", "capital=0"], "is '0'; write a number above 0"),
    ],
)
def test_wrong_input_gives_a_sentence_and_exit_code_2(args: list[str], words: str, config: Path, wick: Wick) -> None:
    answer = wick(*args)
    assert answer.code == 2
    assert words in answer.err
    assert "Traceback" not in answer.err


def test_check_shows_every_fault_in_a_table(config: Path, wick: Wick) -> None:
    assert wick("config", "check", config).out == "config.json is fine: 3 strategies.\n".replace(
        "config.json", str(config)
    )
    wrong = ["--set", "capital=0", "--set", "strategies[1].handler=x.py", "--set", "backtester.rr_ratio=2"]
    answer = wick("config", "check", config, *wrong)
    assert answer.code == 1
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["error", "note", "error"]
    assert "capital" in lines[1]
    assert "rr_ratio" in lines[2]
    assert "There is no file" in lines[3]
    data = wick("config", "check", config, *wrong, "--json").json
    assert [one["path"] for one in data["faults"]] == ["capital", "backtester.rr_ratio", "strategies[1].handler"]


def test_show_prints_each_value_with_its_origin_and_no_secret(
    config: Path, wick: Wick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WICKWORK_SECRETS__BOT", "hunter2")
    monkeypatch.setenv("WICKWORK_COSTS__FEE_PCT", "0.05")
    answer = wick("config", "show", config, "--origin", "--set", "strategies.macd.parameters.api_token=hunter2")
    assert "hunter2" not in answer.out + answer.err
    rows = {line.split()[0]: line.split()[-1] for line in answer.out.splitlines()[1:]}
    assert rows["costs.fee_pct"] == "WICKWORK_COSTS__FEE_PCT"
    assert rows["start"] == f"{config}:1"
    assert rows["execution.mode"] == "default"
    listed = wick("config", "show", config, "--origin", "--json").json
    assert {"path": "secrets.bot", "value": "********", "origin": "WICKWORK_SECRETS__BOT"} in listed


def test_what_a_strategy_prints_is_no_part_of_the_answer(config: Path, wick: Wick, home: Path) -> None:
    text = (EXAMPLES / "frame_strategy.py").read_text() + '\nprint("noise")\n'
    (home / "own.py").write_text(text)
    own = ["--set", "strategies[0].handler=own.py"]
    assert wick("config", "check", config, *own, "--json").json["faults"] == []
    answer = wick("run", config, *own, "--json")
    assert answer.json["stats"]["trades"] > 0
    assert "noise" in answer.err


VALVULIN = {
    "version": "1.0",
    "logging": {"level": "INFO"},
    "data_feeds": [
        {
            "name": "mock",
            "handler": "core.examples:MockDataFeed",
            "symbols": ["BTCUSDT"],
            "parameters": {"interval": 1},
        },
        {"name": "history", "type": "binance-public", "params": {"data_dir": "data/history", "cache": True}},
    ],
    "strategies": [
        {"name": "macd", "symbol": "BTCUSDT", "timeframe": "1h", "handler": "strategies.ema_macd:EMAMACDStrategy"},
        {
            "name": "pullback",
            "symbol": "BTCUSDT",
            "timeframe": "4h",
            "handler": "strategies.pullback_ema:PullbackEMAStrategy",
            "enabled": False,
            "parameters": {"pullback_bars": 3},
        },
    ],
    "execution": {"venue": "paper"},
    "scheduler": {"intervals": [{"timeframe": "1h", "seconds": 3600, "warmup_seconds": 5}]},
    "backtester": {"risk_per_trade_pct": 1.0, "rr_ratio": 2.0, "sl_ratio": 1.0, "commission_pct": 0.04},
}


def test_a_configuration_of_valvulin_runs_as_it_is(wick: Wick, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "valvulin.json").write_text(json.dumps(VALVULIN))
    checked = wick("config", "check", "valvulin.json", "--json")
    assert checked.code == 0
    assert {fault["severity"] for fault in checked.json["faults"]} == {"note"}
    dates = ["--set", "start=2024-01-01", "--set", "end=2024-03-01", "--json"]
    run = wick("run", "-c", "valvulin.json", "--enable-strategy", "BTCUSDT:4h:pullback", *dates)
    assert run.json["stats"]["trades"] > 1
    assert run.json["manifest"]["terms"]["taker_fee"] == 0.0004
    assert "backtester.rr_ratio" in run.err
    monkeypatch.setenv("VALVULIN_CONFIG", "valvulin.json")
    assert wick("run", *dates).json["stats"]["trades"] > 1
    assert wick("run", "valvulin.json", "-c", "valvulin.json").code == 2


def test_the_example_runs(wick: Wick) -> None:
    path = EXAMPLES / "config.yaml"
    assert wick("config", "check", path).code == 0
    run = wick("run", path, "--json").json
    assert strategies_in(run) == {"trend", "dip", "macd"}
    assert len({one["instrument"] for one in run["trades"]}) == 3


def test_the_commands_of_the_page_run(wick: Wick, home: Path) -> None:
    shutil.copytree(EXAMPLES, home / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    page = (ROOT / "docs" / "configuration.md").read_text()
    (block,) = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    for line in block.strip().splitlines():
        answer = wick(*shlex.split(line.removeprefix("$ wick ")))
        assert (answer.code, answer.err) == (0, ""), line


def test_a_fault_with_control_characters_is_shown_on_one_line(wick: Wick, home: Path) -> None:
    (home / "mine.py").write_text(
        "from wickwork import FrameStrategy\n"
        "class S(FrameStrategy):\n"
        "    def __init__(self): raise ValueError('one\\ntwo \\x1b[31mred')\n"
        "    def generate_signals(self, df): return df\n"
    )
    (home / "c.yaml").write_text("strategies: [{name: a, handler: 'mine:S', symbol: BTC, timeframe: 4h}]")
    checked, ran = wick("config", "check", "c.yaml"), wick("run", "c.yaml")
    assert (checked.code, ran.code) == (1, 2)
    for text in (checked.out, ran.err):
        assert "one two \\x1b[31mred" in text


def test_a_link_to_a_file_that_is_not_there_is_named(wick: Wick, home: Path) -> None:
    (home / "c.yaml").symlink_to("gone.yaml")
    answer = wick("config", "check", "c.yaml")
    assert (answer.code, "c.yaml is a link to gone.yaml, which is not there" in answer.err) == (2, True)
