"""`wick sweep`: ranges, lists, comparisons, and sentences for what is wrong."""

from __future__ import annotations

import csv
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.cli.conftest import EMA, ONE_MONTH, Wick
from wickwork import backtest, demo_bars
from wickwork.cli.sweep import _values
from wickwork.research.combinations import run_combinations

JANUARY, FEBRUARY = 1_704_067_200_000, 1_706_745_600_000


def test_it_finds_what_single_runs_find(wick: Wick) -> None:
    options = ("--set", "fast.period=5:15:5", "--set", "slow.period=20,30", "--set", "buy.stop_loss=3")
    answer = wick("sweep", EMA, *ONE_MONTH, *options, "--top", 4, "--by", "total_return", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json["tried"] == 6
    assert answer.json["luckiest_sharpe"] > 1.0
    bars = demo_bars("BTC/USDT", "1h", JANUARY, FEBRUARY)
    returns = {
        (f, s): backtest(EMA, bars, params={"fast.period": f, "slow.period": s, "buy.stop_loss": 3}).stats
        for f, s in product((5, 10, 15), (20, 30))
    }
    wanted = sorted((stats["total_return"] for stats in returns.values()), reverse=True)[:4]  # type: ignore[type-var]
    assert [one["stats"]["total_return"] for one in answer.json["combinations"]] == wanted
    for one in answer.json["combinations"]:
        stats = returns[one["params"]["fast.period"], one["params"]["slow.period"]]
        assert one["stats"]["trades"] == stats["trades"]


def test_people_are_told_how_many_were_tried(wick: Wick) -> None:
    answer = wick("sweep", EMA, *ONE_MONTH, "--set", "fast.period=5:8", "--where", "fast.period<=7", "--top", 2)
    assert answer.code == 0
    assert "The best 2 by Sharpe ratio, of 3 tried" in answer.out
    assert "3 combinations were tried, so the best one is partly luck" in answer.out
    assert "synthetic" in answer.out


def test_all_of_them_are_written_in_order(wick: Wick, home: Path) -> None:
    asked = ("--set", "slow.period=20,30", "--set", "fast.period=7,5", "--where", "fast.period<25")
    assert wick("sweep", EMA, *ONE_MONTH, *asked, "--top", 1, "--out", home / "all.csv").code == 0
    rows = list(csv.DictReader((home / "all.csv").read_text().splitlines()))
    settings = [(int(row["slow.period"]), int(row["fast.period"])) for row in rows]
    assert settings == [(20, 7), (20, 5), (30, 7), (30, 5)]


def test_ranges_are_exact() -> None:
    assert _values(["a.b=0.1:0.5:0.1", "c.d=1:3", "e.f=5,7:9", "g.h=mean,first"]) == {
        "a.b": [0.1, 0.2, 0.3, 0.4, 0.5],
        "c.d": [1, 2, 3],
        "e.f": [5, 7, 8, 9],
        "g.h": ["mean", "first"],
    }


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "Nothing varies"),
        (["--set", "fast.period=5"], "Nothing varies"),
        (["--set", "fast.period"], "names no values"),
        (["--set", "fast.period=9:5:1"], "a range is first:last:step"),
        (["--set", "fast.period=5:9:0"], "a range is first:last:step"),
        (["--set", "fast.period=5:9:1:2"], "a range is first:last:step"),
        (["--set", "fast.period=5:x"], "a range is first:last:step"),
        (["--set", "fast.period=0:1:1e-9"], "too many"),
        (["--set", "fast.period=1:1e999999:1"], "too many"),
        (["--set", "fast.period=1:9e999999:1e-999999"], "a range is first:last:step"),
        (["--set", "fast.period=5:9", "--set", "fast.period=3"], "given twice"),
        (["--set", "fst.period=5:9"], "Did you mean 'fast'"),
        (["--set", "fast.period=5,6.5"], "whole number"),
        (["--set", "fast.period=5,6", "--where", "fast.period"], "compares nothing"),
        (["--set", "fast.period=5,6", "--where", "slow.period>5"], "does not vary; what varies: fast.period"),
        (["--set", "fast.period=5,6", "--where", "fast.period>50"], "leaves none"),
        (["--set", "fast.seed=mean,first", "--where", "fast.seed>5"], "is a choice"),
        (["--set", "fast.period=5,6", "--by", "sharp"], "ranked by"),
        (["--set", "fast.period=5,6", "--out", "a.xlsx"], "must end in .csv"),
        (["--set", "fast.period=5,6", "--out", "nowhere/a.csv"], "cannot be written"),
        (["--set", "fast.period=5,6", "--top", "0"], "--top"),
    ],
)
def test_wrong_inputs_are_sentences(wick: Wick, options: list[str], says: str) -> None:
    answer = wick("sweep", EMA, *ONE_MONTH, *options)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("wick: ")
    assert answer.err.count("\n") == 1
    assert says in answer.err


def test_a_time_of_day_is_no_range() -> None:
    assert _values(['asia.begin=08:00, 09:30 ,"10:30"']) == {"asia.begin": ["08:00", "09:30", "10:30"]}
    assert _values(["fast.period=8:10"]) == {"fast.period": [8, 9, 10]}


def test_an_instrument_is_no_range() -> None:
    given = _values(["btc.instrument=BTC/USDT:USDT", "fast.period=5:7"])
    assert given == {"btc.instrument": ["BTC/USDT:USDT"], "fast.period": [5, 6, 7]}


def test_an_interruption_is_clean(home: Path) -> None:
    """Ctrl-C in the middle of a long sweep: no traceback, code 130."""
    script = (
        "import os, signal, sys, threading, time\n"
        "from wickwork.cli import main\n"
        "from wickwork.research import combinations as c\n"
        "real = c.run_variants\n"
        "def run(*args, **options):\n"
        "    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "    return real(*args, **options)\n"
        "c.run_variants = run\n"
        f"sys.exit(main(['sweep', {str(EMA)!r}, '--set', 'fast.period=2:200', '--set', 'slow.period=2:500']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=home, timeout=120)  # noqa: S603
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "wick: interrupted.\n")


def test_ctrl_c_keeps_what_was_tried(wick: Wick, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wickwork.research.sweep.run_combinations", _stop_after_two)
    args = ("sweep", EMA, *ONE_MONTH, "--set", "fast.period=5,12,14", "--out", "some.csv")
    answer = wick(*args)
    assert answer.code == 130
    assert "The best 2 by Sharpe ratio, of 2 tried" in answer.out
    assert answer.err == "wick: interrupted: the answer has 2 of 3 combinations.\n"
    assert len((home / "some.csv").read_text().splitlines()) == 3
    as_json = wick(*args, "--json")
    assert (as_json.code, as_json.json["tried"], as_json.json["planned"]) == (130, 2, 3)


def _stop_after_two(*given: Any, account: NDArray[Any], **options: Any) -> None:
    run_combinations(*given, account=account, **options)
    account[2:] = np.zeros_like(account[2:])
    raise KeyboardInterrupt
