"""`wick` runs a file with a strategy over a DataFrame: back-tested, on paper, killed, replayed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLES, Wick

FILE = EXAMPLES / "frame_strategy.py"
TWO = """
from wickwork import FrameStrategy

class Up(FrameStrategy):
    def generate_signals(self, df):
        return df.assign(signal=(df.close > df.close.shift(1)).astype(int))

class Down(Up):
    name = "down"
    look = -1

    def generate_signals(self, df):
        return df.assign(leak=df.close.shift(self.look), signal=0)
"""
SPAN = ("--from", "2024-01-01", "--to", "2024-02-01")


def test_a_strategy_is_chosen_by_its_name(wick: Wick) -> None:
    Path("two.py").write_text(TWO)
    assert "choose one of 'Up', 'down'" in " ".join(wick("backtest", "two.py", *SPAN).err.split())
    run = wick("backtest", "two.py", *SPAN, "--strategy", "Up", "--json").json
    assert run["manifest"]["strategy"]["name"] == "Up"


def test_look_ahead_is_named(wick: Wick) -> None:
    Path("two.py").write_text(TWO)
    for command in ("backtest", "paper"):
        more = ("--speed", "max", "--bars", "10") if command == "paper" else ()
        answer = wick(command, "two.py", *SPAN, "--strategy", "down", *more)
        assert answer.code == 2
        assert "down: the column leak at bar" in " ".join(answer.err.split())
    assert wick("backtest", "two.py", *SPAN, "--strategy", "down", "--set", "look=2").code == 0


@pytest.mark.parametrize("change", ["fsat=3", "fast.period=3", "fast=x"])
def test_wrong_parameters_are_refused(change: str, wick: Wick) -> None:
    answer = wick("backtest", FILE, *SPAN, "--set", change)
    assert answer.code == 2
    assert "fast" in answer.err


def test_a_sweep_varies_its_parameters(wick: Wick) -> None:
    swept = wick(
        "sweep", FILE, *SPAN, "--set", "fast=5:15:5", "--set", "slow=12,30", "--where", "fast<slow", "--json"
    ).json
    assert swept["tried"] == 5
    best = swept["combinations"][0]
    alone = wick(
        "backtest", FILE, *SPAN, *(f"--set={name}={value}" for name, value in best["params"].items()), "--json"
    )
    assert {name: alone.json["stats"][name] for name in best["stats"]} == best["stats"]
    assert "fast" in wick("sweep", FILE, *SPAN, "--set", "fast=5,10").out
    wrong = wick("sweep", FILE, *SPAN, "--set", "fsat=5,10")
    assert wrong.code == 2
    assert "Did you mean 'fast'" in " ".join(wrong.err.split())


@pytest.mark.parametrize("command", [("graph", "hash", FILE), ("graph", "export", FILE, "out.json")])
def test_what_needs_a_graph_is_refused(command: tuple[object, ...], wick: Wick) -> None:
    answer = wick(*command)
    assert answer.code == 2
    assert "computes its signals over a DataFrame" in " ".join(answer.err.split())
    assert not Path("out.json").exists()


MOOD = """
from wickwork import FrameStrategy

class Mood(FrameStrategy):
    def generate_signals(self, df):
        return df.assign(signal=df.mood)
"""


def test_columns_from_a_file_are_in_the_frame(wick: Wick, tmp_path: Path) -> None:
    """All of them, in a backtest and on paper."""
    Path("mood.py").write_text(MOOD)
    hours = [f"2024-01-0{1 + i // 24}T{i % 24:02}:00Z" for i in range(96)]
    Path("mood.csv").write_text(
        "time,close,mood,text\n" + "".join(f"{hour},7,{(-1) ** (i // 12)},3\n" for i, hour in enumerate(hours))
    )
    setting = ("mood.py", "--from", "2024-01-01", "--to", "2024-01-05", "--columns", "mood.csv")
    run = wick("backtest", *setting, "--json").json
    assert run["stats"]["trades"] == 4
    done = wick("paper", *setting, "--speed", "max", "--journal", tmp_path / "run.jsonl", "--json").json
    assert (done["trades"], done["equity"]) == (4, run["stats"]["final_equity"])
    assert wick("replay", tmp_path / "run.jsonl", "--json").json["differences"] == []


def test_a_graph_takes_no_parameter_without_its_node(wick: Wick) -> None:
    answer = wick("backtest", EXAMPLES / "ema_cross.py", *SPAN, "--set", "fast=3")
    assert answer.code == 2
    assert "write it as node.param=value" in answer.err


@pytest.mark.parametrize("instruments", [["BTC/USDT"], ["BTC/USDT:USDT", "ETH/USDT:USDT"]])
def test_on_paper_it_decides_as_in_a_backtest(instruments: list[str], wick: Wick, tmp_path: Path) -> None:
    """Stopped and started again; its journal is replayed without the file of the strategy."""
    journal = tmp_path / "run.jsonl"
    setting = (*SPAN, *(word for name in instruments for word in ("--instrument", name)))
    paper = ("paper", FILE, *setting, "--set", "window=150", "--speed", "max", "--journal", journal, "--json")
    assert wick(*paper, "--bars", 333).code == 0
    done = wick(*paper).json
    assert done["bars"] == 744
    run = wick("backtest", FILE, *setting, "--set", "window=150", "--json").json
    assert run["stats"]["trades"] == done["trades"] > 5
    assert run["stats"]["final_equity"] == done["equity"]
    replayed = wick("replay", journal, "--json").json
    assert (replayed["differences"], replayed["trades"]) == ([], done["trades"])


def test_killed_on_paper_it_goes_on(wick: Wick, tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    paper = ("paper", str(FILE), *SPAN, "--speed", "6000000", "--journal", str(journal), "--bars", "200", "--json")
    for lines in (40, 120):
        process = subprocess.Popen([sys.executable, "-m", "wickwork", *paper], stdout=subprocess.DEVNULL)  # noqa: S603
        while process.poll() is None and (not journal.exists() or journal.read_bytes().count(b"\n") < lines):
            time.sleep(0.02)
        process.kill()
        process.wait()
    assert journal.read_bytes().count(b"\n") < 390
    done = wick(*paper).json
    assert done["bars"] == 200
    assert wick("replay", journal, "--json").json["differences"] == []
    whole = tmp_path / "whole.jsonl"
    assert wick(*paper[:7], "max", "--journal", whole, "--bars", "200", "--json").json["state"] == done["state"]


def test_a_run_with_other_code_is_another(wick: Wick, tmp_path: Path) -> None:
    """In the class, in a function that it calls, or a constant of that; another comment is no other code."""
    paper = ("paper", "code.py", *SPAN, "--speed", "max", "--journal", tmp_path / "run.jsonl")
    helped = HELPED.replace("VALUE", "2")
    for text, bars, code in (
        (helped, 20, 0),
        ("# a comment\n" + helped, 30, 0),
        (HELPED.replace("VALUE", "3"), 40, 2),
        (helped.replace(".shift(STEP)", ".shift(STEP).fillna(0)"), 40, 2),
        (helped.replace("signal=up", "signal=1 - up"), 40, 2),
    ):
        Path("code.py").write_text(text)
        answer = wick(*paper, "--bars", bars)
        assert answer.code == code, answer.err
        assert code == 0 or "journal of another run" in " ".join(answer.err.split())


HELPED = """
import pandas as pd

from wickwork import FrameStrategy

STEP = VALUE

def before(values):
    return values.shift(STEP)

class Up(FrameStrategy):
    def generate_signals(self, df):
        up = (df.close > before(df.close)).astype(int)
        return df.assign(signal=up, other=pd.Series(1.0, df.index))
"""
ROWS = """
from wickwork import FrameStrategy

class Rows(FrameStrategy):
    warmup, window = 5, 20

    def generate_signals(self, df):
        return df.assign(signal=1, rows=float(len(df)))

rows = Rows()
rows.checked = False
"""


def test_on_paper_each_bar_is_evaluated_over_the_window(wick: Wick, tmp_path: Path) -> None:
    """From the first bar after the warm-up on, over the bars that there are, at most those of the window."""
    Path("rows.py").write_text(ROWS)
    wick("paper", "rows.py", *SPAN, "--speed", "max", "--bars", "30", "--journal", tmp_path / "run.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    columns = [line["columns"] for line in lines if line["kind"] == "input"]
    assert [one["rows"][0] for one in columns] == [*(5 * [None]), *range(6, 21), *(10 * [20])]
    assert [one["signal"][0] for one in columns] == 5 * [0] + 25 * [1]


def test_a_run_with_other_parameters_is_another(wick: Wick, tmp_path: Path) -> None:
    paper = ("paper", FILE, *SPAN, "--speed", "max", "--bars", "60", "--journal", tmp_path / "run.jsonl")
    assert wick(*paper).code == 0
    answer = wick(*paper, "--set", "fast=9")
    assert answer.code == 2
    assert "12, not 9" in answer.err
