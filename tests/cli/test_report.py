"""`wick backtest … --report FILE`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import EMA, ONE_MONTH, Wick, write_csv
from wickwork import demo_bars


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


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_report_that_cannot_be_written_leaves_the_old_one(home: Path) -> None:
    (home / "old.html").write_text("<!doctype html>old", encoding="utf-8")
    limited = (
        "import resource, signal; from wickwork.cli import main; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "import os; os.environ['WICKWORK_JIT'] = '0';"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        f"raise SystemExit(main(['backtest', {str(EMA)!r}, '--to', '2024-01-20', '--report', 'old.html']))"
    )
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, timeout=120, check=False)  # noqa: S603
    assert done.returncode == 2
    assert b"old.html cannot be written" in done.stderr
    assert [(one.name, one.read_bytes()) for one in home.iterdir() if one.is_file()] == [
        ("old.html", b"<!doctype html>old")
    ]


def test_a_report_and_other_outputs_replace_no_file_that_is_read(wick: Wick, home: Path) -> None:
    write_csv(home / "BTCUSDT_1h.csv", demo_bars("BTC/USDT", "1h").slice(0, 100))
    (home / "ema.json").write_bytes(EMA.read_bytes())
    paper = ["paper", "ema.json", "--data", "BTCUSDT_1h.csv", "--speed", "max", "--journal", "run.jsonl"]
    assert wick(*paper).code == 0
    before = {path.name: path.read_bytes() for path in home.iterdir() if path.is_file() and path.stat().st_size}
    (home / "link.html").symlink_to(home / "run.jsonl.state.json")
    run = ["ema.json", "--data", "BTCUSDT_1h.csv"]
    for command in (
        *(["replay", "run.jsonl", "--report", name] for name in (*before, "link.html")),
        *(["backtest", *run, "--report", name] for name in ("ema.json", "BTCUSDT_1h.csv", "./ema.json")),
        *(["backtest", *run, "--json-file", name] for name in ("ema.json", home / "BTCUSDT_1h.csv")),
        ["sweep", *run, "--set", "fast.period=5,6", "--out", "BTCUSDT_1h.csv"],
    ):
        answer = wick(*command)
        assert (answer.code, answer.out, len(answer.err.splitlines())) == (2, "", 1), command
        assert "another file" in answer.err
    assert {name: (home / name).read_bytes() for name in before} == before
    for name in ("new.html", "new.html"):
        assert wick("replay", "run.jsonl", "--report", name).code == 0
