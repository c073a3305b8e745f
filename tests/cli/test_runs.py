"""`wick runs`: every run of this machine is listed, wherever its journal lies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Wick
from wickwork.store.home import home
from wickwork.store.journal import Journal

EMA = Path(__file__).parents[2] / "examples" / "ema_cross.py"
QUICK = ("--speed", "max", "--from", "2024-01-01")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WICKWORK_HOME", str(tmp_path / "home"))


def states(wick: Wick) -> dict[str, str]:
    return {Path(run["journal"]).name: run["state"] for run in wick("runs", "--json").json["runs"]}


def test_runs_are_listed_wherever_their_journals_lie(wick: Wick, tmp_path: Path) -> None:
    assert "There are no runs" in wick("runs").out
    for name, bars in (("first", 60), ("second", 40)):
        wick("paper", EMA, *QUICK, "--bars", bars, "--journal", tmp_path / "elsewhere" / name)
    found = wick("runs", "--json").json["runs"]
    assert [(Path(run["journal"]).name, run["bars"], run["state"], run["strategy"]) for run in found] == [
        ("second", 40, "stopped", "EMA cross"),
        ("first", 60, "stopped", "EMA cross"),
    ]
    assert str(tmp_path / "elsewhere" / "first") in wick("runs").out.replace("\n", "")


def test_a_run_is_running_as_long_as_its_journal_is_open(wick: Wick, tmp_path: Path) -> None:
    journal = tmp_path / "run"
    wick("paper", EMA, *QUICK, "--bars", 40, "--journal", journal)
    with Journal(journal) as opened:
        assert states(wick) == {"run": "running"}
        opened.append("input", {"bar": 40})
    assert states(wick) == {"run": "interrupted"}


def test_journals_that_are_gone_damaged_or_another_s(wick: Wick, tmp_path: Path) -> None:
    names = ("gone", "damaged", "replaced", "moved")
    for bars, name in enumerate(names, 30):
        wick("paper", EMA, *QUICK, "--bars", bars, "--journal", tmp_path / name)
    (tmp_path / "gone").unlink()
    (tmp_path / "moved").rename(tmp_path / "new")
    (tmp_path / "replaced").write_bytes((tmp_path / "new").read_bytes())
    lines = (tmp_path / "damaged").read_bytes().split(b"\n")
    (tmp_path / "damaged").write_bytes(b"\n".join([*lines[:5], lines[5].replace(b"1", b"2", 1), *lines[6:]]))
    assert states(wick) == {"gone": "missing", "damaged": "damaged", "replaced": "missing", "moved": "missing"}
    for suffix in (".state.json", ".venue.jsonl"):
        (tmp_path / f"moved{suffix}").rename(tmp_path / f"new{suffix}")
    wick("paper", EMA, *QUICK, "--bars", 50, "--journal", tmp_path / "new")
    assert states(wick)["new"] == "stopped"
    assert wick("runs", "--forget-missing", "--json").json["removed"] == 2
    assert states(wick) == {"damaged": "damaged", "new": "stopped"}


def test_a_file_that_is_no_entry_is_left_out_and_kept(wick: Wick, tmp_path: Path) -> None:
    folder = home() / "runs"
    folder.mkdir(parents=True)
    for number, text in enumerate(("", "[]", "{}", json.dumps({"journal": 3}))):
        (folder / f"{number}.json").write_text(text)
    assert wick("runs", "--json").json == {"runs": [], "removed": 0}
    assert len(list(folder.iterdir())) == 4
