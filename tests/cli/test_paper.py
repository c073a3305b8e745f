"""`wick paper` and `wick replay` as a user has them: killed, stopped, started again, given nonsense."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.analytics.report_reading import unpacked
from tests.cli.conftest import EMA, EXAMPLES, JANUARY, Wick, write_csv
from wickwork import demo_bars
from wickwork.model.timeframe import HOUR
from wickwork.store.journal import read_journal

WICK = [sys.executable, "-m", "wickwork", "paper"]
QUICK = ("--speed", "max", "--from", "2024-01-01")


def paper(journal: Path, *args: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [*WICK, *map(str, args), "--journal", str(journal)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for_more(journal: Path, process: subprocess.Popen[str], than: int) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and (not journal.exists() or journal.stat().st_size <= than):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_killed_again_and_again(wick: Wick, tmp_path: Path) -> None:
    """kill -9 at any moment, six times; then to the end, and no difference to the backtest."""
    journal, r, size = tmp_path / "run.jsonl", random.Random(3), 0
    args = (EMA, "--speed", "6000000", "--from", "2024-01-01", "--bars", "400", "--set", "fast.period=4")
    for _ in range(6):
        process = paper(journal, *args)
        wait_for_more(journal, process, size)
        time.sleep(r.random() * 0.05)
        process.kill()
        process.communicate()
        size = journal.stat().st_size
    process = paper(journal, *args)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert "400 bars" in out
    answer = wick("replay", journal)
    assert answer.code == 0
    assert "No difference" in answer.out
    told = wick("replay", journal, "--json").json
    assert told["bars"] == 400
    assert told["differences"] == []
    run = wick("backtest", EMA, "--from", "2024-01-01", "--to", "2024-01-17T16:00", "--set", "fast.period=4", "--json")
    assert told["trades"] == run.json["stats"]["trades"] > 3
    assert told["equity"] == pytest.approx(run.json["stats"]["final_equity"], abs=1e-9)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_it_says_how_to_go_on(how: signal.Signals, wick: Wick, tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    process = paper(journal, EMA, "--speed", "1000000", "--from", "2024-01-01")
    wait_for_more(journal, process, 5000)
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "Stopped: " in out
    assert "The same command goes on from here" in out
    assert [entry.kind for entry in read_journal(journal)][-1] == "stopped"
    assert (tmp_path / "run.jsonl.state.json").exists()
    bars = wick("replay", journal, "--json").json["bars"]
    again = wick("paper", EMA, *QUICK, "--bars", str(bars + 10), "--journal", journal)
    assert f"Going on after bar {bars:,}; 0 bars run again." in again.out
    assert wick("replay", journal).code == 0


def test_an_example_with_a_node_of_its_own(wick: Wick, tmp_path: Path) -> None:
    """A replay runs only files that the command line names; a changed node is shown."""
    file = tmp_path / "user_node.py"
    file.write_text((EXAMPLES / "user_node.py").read_text())
    journal = tmp_path / "run.jsonl"
    assert wick("paper", file, *QUICK, "--bars", "300", "--journal", journal).code == 0
    assert "name the file with --nodes" in wick("replay", journal).err
    assert wick("replay", journal, "--nodes", file).code == 0
    text = file.read_text()
    assert "* 100.0" in text or "1.0" in text
    file.write_text(text.replace("0.0", "0.5"))
    answer = wick("replay", journal, "--nodes", file)
    assert answer.code == 1
    assert "the code of the node" in answer.out
    moved = tmp_path / "elsewhere.py"
    moved.write_text(text)
    file.unlink()
    assert "name the file with --nodes" in wick("replay", journal).err
    assert wick("replay", journal, "--nodes", moved).code == 0


def test_the_usual_place(wick: Wick, home: Path) -> None:
    told = wick("paper", EMA, *QUICK, "--bars", "30", "--json").json
    assert told["bars"] == 30
    assert told["ended"] == "as many bars as --bars asks for"
    journal = Path(told["journal"])
    assert journal.parent == home / "home" / "journals"
    assert journal.name.startswith("ema-cross-")
    other = wick("paper", EMA, *QUICK, "--bars", "30", "--json", "--set", "fast.period=5").json
    assert other["journal"] != told["journal"]
    again = wick("paper", EMA, *QUICK, "--bars", "20", "--json").json
    assert again["bars"] == 30
    assert again["state"] == told["state"]


def test_what_happens_is_told(wick: Wick, tmp_path: Path) -> None:
    said = wick("paper", EMA, *QUICK, "--bars", "300", "--journal", tmp_path / "run.jsonl").out
    assert "synthetic" in said
    assert "bought" in said
    assert "sold" in said
    assert "ended: " in said


def test_the_end_of_the_bars(wick: Wick, tmp_path: Path) -> None:
    args = ("paper", EMA, *QUICK, "--to", "2024-01-03", "--journal", tmp_path / "run.jsonl")
    assert "The bars are over: 48 bars" in wick(*args).out
    assert "The bars are over: 48 bars" in wick(*args).out
    assert wick("replay", tmp_path / "run.jsonl", "--json").json["bars"] == 48


def test_a_journal_of_another_run_is_not_written_to(wick: Wick, tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    wick("paper", EMA, *QUICK, "--bars", "20", "--journal", journal)
    before = journal.read_bytes()
    for other in (("--set", "fast.period=5"), ("--capital", "5000"), ("--timeframe", "4h"), ("--fees", "0.2")):
        answer = wick("paper", EMA, *QUICK, "--bars", "20", "--journal", journal, *other)
        assert answer.code == 2
        assert "is the journal of another run" in answer.err
    assert journal.read_bytes() == before


def test_two_at_once(wick: Wick, tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    process = paper(journal, EMA, "--speed", "1")
    wait_for_more(journal, process, 0)
    answer = wick("paper", EMA, "--journal", journal)
    process.kill()
    process.communicate()
    assert answer.code == 2
    assert "Another process is writing the journal" in answer.err


def test_a_recorded_bar_that_was_changed(wick: Wick, tmp_path: Path) -> None:
    """A run over other bars than those that it wrote down: the journal's sums tell, and so would the replay."""
    journal = tmp_path / "run.jsonl"
    wick("paper", EMA, *QUICK, "--bars", "100", "--journal", journal)
    lines = journal.read_text().splitlines(keepends=True)
    changed = json.loads(lines[61])
    assert changed["kind"] == "input"
    lines[61] = lines[61].replace(str(changed["rows"][0][3]), str(changed["rows"][0][1]), 1)
    journal.write_text("".join(lines))
    for args in (("replay", journal), ("paper", EMA, *QUICK, "--bars", "100", "--journal", journal)):
        answer = wick(*args)
        assert answer.code == 2
        assert "Line 62" in answer.err


NONSENSE = [
    (("--speed", "0"), "--speed is '0'"),
    (("--speed", "-3"), "--speed is '-3'"),
    (("--speed", "fast"), "--speed is 'fast'"),
    (("--speed", "nan"), "--speed is 'nan'"),
    (("--bars", "0"), "--bars is '0'"),
    (("--bars", "1.5"), "--bars is '1.5'"),
    (("--bars", "many"), "--bars is 'many'"),
    (("--capital", "-1"), "capital must be above 0"),
    (("--instrument", "FOO/BAR"), "no FOO/BAR"),
    (("--set", "fast.period=0"), "between 1 and 5000"),
]


@pytest.mark.parametrize(("args", "sentence"), NONSENSE)
def test_nonsense_is_answered_and_nothing_begun(args: tuple[str, str], sentence: str, wick: Wick, home: Path) -> None:
    answer = wick("paper", EMA, *args)
    assert answer.code == 2
    assert sentence in answer.err
    assert answer.err.count("\n") == 1
    assert not (home / "home" / "journals").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no journal"),
        ("", "is empty"),
        ("hello\n", "is empty"),
        ("hello\nyou\n", "Line 1 of"),
        ('{"n":0,"kind":"start"}\n{}\n', "Line 1 of"),
    ],
)
def test_what_is_no_journal(content: str | None, sentence: str, wick: Wick, tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    if content is not None:
        file.write_text(content)
    answer = wick("replay", file)
    assert answer.code == 2
    assert sentence in answer.err
    assert answer.err.count("\n") == 1


def test_a_state_that_is_none(wick: Wick, tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    wick("paper", EMA, *QUICK, "--bars", "20", "--journal", journal)
    state = tmp_path / "run.jsonl.state.json"
    for text in ("", "[]", '{"number": 1}', '{"journal": "another", "number": 40, "sum": "0", "bot": {}}'):
        state.write_text(text)
        answer = wick("paper", EMA, *QUICK, "--bars", "21", "--journal", journal)
        assert answer.code == 2, text
        assert "is not the saved state of this journal" in answer.err
        assert state.read_text() == text
    os.remove(state)
    assert wick("paper", EMA, *QUICK, "--bars", "21", "--journal", journal).code == 0
    assert wick("replay", journal).code == 0


def test_a_run_of_the_first_schema_is_replayed_and_goes_on(wick: Wick, tmp_path: Path) -> None:
    """Journal, state and statement of 60 bars as version 0.1.0 of November 2026 wrote them."""
    for file in (Path(__file__).parent / "golden").iterdir():
        shutil.copy(file, tmp_path / file.name)
    journal = tmp_path / "schema_1.jsonl"
    replayed = wick("replay", journal, "--json").json
    assert (replayed["bars"], replayed["fills"], replayed["differences"]) == (60, 1, [])
    strategy = EXAMPLES / "breakout_bracket.py"
    assert wick("paper", strategy, *QUICK, "--bars", 160, "--journal", journal).code == 0
    assert wick("replay", journal, "--json").json["differences"] == []
    run = wick("backtest", strategy, "--from", "2024-01-01", "--to", "2024-01-07T16:00", "--json").json
    assert len(run["fills"]) == wick("replay", journal, "--json").json["fills"] > 1


@pytest.mark.parametrize(
    "names", [("stop-0.5", "stop-0.7"), ("run.2024", "run.2025"), ("a", "a.venue"), ("x.", "x..y")]
)
def test_journals_share_no_file_whatever_their_names(names: tuple[str, str], wick: Wick, tmp_path: Path) -> None:
    first, second = (tmp_path / name for name in names)
    assert wick("paper", EMA, *QUICK, "--bars", "300", "--journal", first).code == 0
    assert wick("paper", EMA, *QUICK, "--bars", "200", "--journal", second, "--set", "fast.period=5").code == 0
    assert wick("replay", first).code == 0
    assert wick("replay", second).code == 0
    assert "0 bars run again" in wick("paper", EMA, *QUICK, "--bars", "310", "--journal", first).out


def test_side_files_of_another_journal_are_refused_and_kept(wick: Wick, tmp_path: Path) -> None:
    journal, other = tmp_path / "run", tmp_path / "other"
    for path, period in ((journal, 4), (other, 5)):
        wick("paper", EMA, *QUICK, "--bars", "200", "--journal", path, "--set", f"fast.period={period}")
    again = ("paper", EMA, *QUICK, "--bars", "210", "--journal", journal, "--set", "fast.period=4")
    for suffix in (".state.json", ".venue.jsonl"):
        mine, theirs = tmp_path / f"run{suffix}", (tmp_path / f"other{suffix}").read_bytes()
        kept = mine.read_bytes()
        mine.write_bytes(theirs)
        answer = wick(*again)
        assert (answer.code, mine.read_bytes()) == (2, theirs)
        mine.write_bytes(kept)
    journal.rename(tmp_path / "away")
    answer = wick(*again)
    assert answer.code == 2
    assert "There is no journal" in answer.err
    assert not journal.exists()


def test_a_journal_that_is_another_file_is_refused(wick: Wick, tmp_path: Path) -> None:
    file = tmp_path / "strategy.py"
    file.write_text("x = 1")
    for path in (file, ".", tmp_path):
        assert wick("paper", EMA, *QUICK, "--bars", "20", "--journal", path).code == 2
    assert file.read_text() == "x = 1"


@pytest.mark.parametrize("example", ["ema_cross", "breakout_bracket", "grid"])
def test_a_run_whose_fills_are_reported_is_the_same_whenever_it_is_stopped(
    example: str, wick: Wick, tmp_path: Path
) -> None:
    strategy, journal = EXAMPLES / f"{example}.py", tmp_path / "reported"
    plain = wick("paper", strategy, *QUICK, "--bars", 400, "--journal", tmp_path / "plain", "--json").json
    for bars in (150, 151, 250, 400):
        reported = wick("paper", strategy, *QUICK, "--bars", bars, "--reported", "--journal", journal, "--json").json
    assert (reported["equity"], reported["trades"]) == (plain["equity"], plain["trades"])
    first, second = (wick("replay", path, "--json").json for path in (tmp_path / "plain", journal))
    assert first["differences"] == second["differences"] == []
    assert first["fills"] == second["fills"] > 5
    kinds = [json.loads(line).get("event") for line in journal.read_text().splitlines()]
    assert {"BarsClosed", "Accepted", "Filled"} <= set(kinds)


def test_a_replay_runs_no_file_that_only_the_journal_names(wick: Wick, tmp_path: Path) -> None:
    file, mark, journal = tmp_path / "user_node.py", tmp_path / "mark", tmp_path / "run.jsonl"
    text = (EXAMPLES / "user_node.py").read_text()
    file.write_text(text)
    assert wick("paper", file, *QUICK, "--bars", "30", "--journal", journal).code == 0
    file.write_text(f"open({str(mark)!r}, 'w').close()\n{text}")
    answer = wick("replay", journal)
    assert answer.code == 2
    assert "runs no Python file that only the journal names" in " ".join(answer.err.split())
    assert not mark.exists()


def test_a_run_goes_on_when_nobody_reads_its_output_any_more(tmp_path: Path) -> None:
    """Every line is written at once, so that the first of them finds the pipe closed."""
    journal = tmp_path / "run.jsonl"
    program = (
        "import sys; from wickwork.cli import app, output\n"
        "before = output.say\n"
        "def say(*given, **named): before(*given, **named); sys.stdout.flush()\n"
        "def greet(run): pass\n"
        "from wickwork.cli import paper; paper._greet = greet; output.say = say\n"
        "sys.exit(app.main())"
    )
    given = ["paper", EMA, *QUICK, "--bars", "1500", "--journal", journal]
    command = [sys.executable, "-c", program, *map(str, given)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait() == 0
    last = list(read_journal(journal))[-1]
    assert (last.kind, last.data) == ("stopped", {"bars": 1500})


def test_bars_that_came_too_late_are_shown_by_the_replay(wick: Wick, tmp_path: Path, home: Path) -> None:
    """One instrument is two bars behind when the run stops, and has them when it goes on."""
    files = {name: tmp_path / f"{name[:3]}USDT_1h.csv" for name in ("BTC/USDT", "ETH/USDT")}
    names = [word for name in files for word in ("--instrument", name)]
    journal = tmp_path / "run.jsonl"
    run = ("paper", EMA, "--speed", "max", "--data", "store", *names, "--timeframe", "1h", "--journal", journal)
    for hours, behind in ((100, 2), (200, 0), (200, 0)):
        for name, file in files.items():
            count = hours - behind * (name == "ETH/USDT")
            write_csv(file, demo_bars(name, "1h", JANUARY, JANUARY + count * HOUR))
            assert wick("data", "import", file).code == 0
        assert wick(*run).code == 0
    notes = wick("replay", journal, "--json").json["not_taken"]
    assert len(notes) == 1
    assert notes[0].startswith("ETH/USDT: 2 bars from ")
    assert "came too late" in wick("replay", journal).out
    assert wick("replay", journal, "--report", tmp_path / "late.html").code == 0
    doubts = {one["title"]: one for one in unpacked((tmp_path / "late.html").read_text()).data["doubts"]}
    assert (doubts["Late bars"]["value"], doubts["Late bars"]["tone"]) == ("2", "warn")
    assert notes[0] in doubts["Late bars"]["note"]


def test_a_report_of_a_run_without_late_bars(wick: Wick, tmp_path: Path) -> None:
    journal, file = tmp_path / "run.jsonl", tmp_path / "run.html"
    wick("paper", EMA, *QUICK, "--bars", "30", "--journal", journal)
    answer = wick("replay", journal, "--report", file, "--json")
    assert (answer.code, answer.json["differences"]) == (0, [])
    assert str(file) in answer.err
    report = unpacked(file.read_text()).data
    assert "Late bars" not in [one["title"] for one in report["doubts"]]
    assert report["synthetic"]
