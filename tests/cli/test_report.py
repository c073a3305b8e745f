"""`wick backtest … --report FILE`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import EMA, ONE_MONTH, Wick


def test_the_last_line_names_the_report(wick: Wick, home: Path) -> None:
    answer = wick("backtest", EMA, *ONE_MONTH, "--report", "report.html", "--wire", "fast", "--wire", "slow")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[-1] == f"The report is {home / 'report.html'}"
    assert (home / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_beside_json_the_report_is_named_on_stderr(wick: Wick, home: Path) -> None:
    answer = wick("backtest", EMA, *ONE_MONTH, "--report", home / "r.html", "--json")
    assert answer.json["stats"]
    assert answer.err == f"wick: The report is {home / 'r.html'}\n"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--wire", "fast"], "--wire says what the report draws; name its file with --report."),
        (["--report", "r.html", "--wire", "fats"], "There is no wire 'fats'"),
        (["--report", "no/where.html"], "cannot be written: No such file or directory; choose another file."),
    ],
)
def test_what_cannot_be_is_one_sentence(more: list[str], sentence: str, wick: Wick) -> None:
    answer = wick("backtest", EMA, *ONE_MONTH, *more)
    assert answer.code != 0
    assert sentence in answer.err
    assert len(answer.err.splitlines()) == 1
