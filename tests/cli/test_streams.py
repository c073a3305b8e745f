"""Where answers go: closed and full outputs, consoles without UTF-8, strategies that print."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import EMA, ONE_MONTH
from tests.cli.test_process import WICK, run

posix = pytest.mark.skipif(os.name == "nt", reason="descriptors of POSIX")
BACKTEST = ["backtest", str(EMA), *ONE_MONTH]
COMMANDS = [
    BACKTEST,
    [*BACKTEST, "--json"],
    ["nodes", "--json"],
    ["data", "list"],
    ["sweep", str(EMA), *ONE_MONTH, "--set", "fast.period=5,12"],
    ["--help"],
    ["--version"],
    ["no-such-command", "--json"],
]
NAMED = "from wickwork import strategy, trade\nwith strategy('Größe ▁') as s:\n    trade.buy(when=s.bars.close > 1)\n"
CHATTY = """import atexit, os, subprocess, sys
print("A", flush=True)
os.write(1, b"B\\n")
sys.__stdout__.write("C\\n")
subprocess.run(["echo", "D"])
atexit.register(print, "E")
atexit.register(os.write, 1, b"F\\n")
"""


def shell(args: list[str], redirection: str) -> subprocess.CompletedProcess[str]:
    line = ["sh", "-c", f'exec "$@" {redirection}', "sh", *WICK, *args]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603


@posix
@pytest.mark.parametrize("args", COMMANDS)
def test_a_closed_stdout_is_one_sentence(args: list[str], home: Path) -> None:
    done = shell(args, ">&-")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "standard output is closed" in done.stderr


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("args", COMMANDS)
def test_a_full_stdout_is_one_sentence(args: list[str], home: Path) -> None:
    done = shell(args, ">/dev/full")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "could not be written to standard output: No space left" in done.stderr or "no-such" in done.stderr


@posix
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_without_stderr_the_answer_and_the_exit_code_stay(redirection: str, home: Path) -> None:
    if "full" in redirection and not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    good, bad = shell(["nodes", "ema", "--json"], redirection), shell(["nodes", "nope"], redirection)
    assert (good.returncode, json.loads(good.stdout)["name"]) == (0, "ema")
    assert (bad.returncode, bad.stdout) == (2, "")


@pytest.mark.parametrize("verb", [["graph", "show"], ["graph", "hash"], ["backtest", *ONE_MONTH]])
def test_json_is_utf_8_on_every_console(verb: list[str], home: Path) -> None:
    (home / "s.py").write_text(NAMED, encoding="utf-8")
    command = [*WICK, *verb, "s.py", "--json"]
    env = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, env=env, check=False)  # noqa: S603
    assert (done.returncode, "Größe ▁" in done.stdout.decode("utf-8")) == (0, True)
    assert json.loads(done.stdout)


def test_a_file_name_that_is_not_unicode_is_valid_json(home: Path) -> None:
    name = os.fsdecode(b"BTCUSDT_1h_\xff.csv")
    try:
        Path(name).write_text("time,open,high,low,close,volume\n2024-01-01T00:00:00Z,1,1,1,1,1\n")
    except OSError:
        pytest.skip("this file system has only Unicode names")
    done = run("data", "import", name, "--json")
    assert json.loads(done.stdout)[0]["file"] == name


@posix
@pytest.mark.parametrize("verb", [["graph", "show"], ["backtest", *ONE_MONTH]])
def test_what_a_strategy_prints_is_not_in_the_json(verb: list[str], home: Path) -> None:
    (home / "s.py").write_text(CHATTY + NAMED, encoding="utf-8")
    done = run(*verb, "s.py", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)
    assert sorted(line for line in done.stderr.splitlines() if len(line) == 1) == list("ABCDEF")


@posix
def test_what_a_node_prints_while_it_runs_is_not_in_the_json(home: Path) -> None:
    (home / "own.py").write_text(
        "from wickwork import node, strategy, trade\n"
        "from wickwork.graph.types import Series\n"
        "@node(title='Loud', group='mine')\n"
        "def loud(source: Series) -> Series:\n"
        '    """The source."""\n    print("step")\n    return source\n'
        "with strategy('loud') as s:\n    trade.buy(when=loud(s.bars.close) > 1)\n"
    )
    done = run("backtest", "own.py", "--from", "2024-01-01", "--to", "2024-01-03", "--json", WICKWORK_JIT="0")
    assert (done.returncode, json.loads(done.stdout)["manifest"]["kind"]) == (0, "backtest")
    assert "step\n" in done.stderr
