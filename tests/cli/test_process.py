"""`wick` as a process: its entry points, its exit codes, pipes that close, terminals, faults of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path

import pytest

from tests.cli.conftest import EMA, Wick
from wickwork.cli import app, nodes

WICK = [sys.executable, "-m", "wickwork"]


def run(*args: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [*WICK, *map(str, args)], capture_output=True, text=True, env={**os.environ, **env}, timeout=120, check=False
    )


def test_the_module_and_the_command(home: Path) -> None:
    beside = Path(sys.executable).with_name("wick")
    assert run("--version").stdout.startswith("wick 0.")
    if beside.exists():
        told = subprocess.run([beside, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        assert told.stdout == run("--version").stdout


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["--help"],
        ["data"],
        ["graph"],
        ["backtest", "--help"],
        ["data", "import", "--help"],
        ["data", "download", "--help"],
    ],
)
def test_help(args: list[str], wick: Wick) -> None:
    answer = wick(*args)
    assert answer.code == 0
    assert answer.out.startswith("Usage: wick")
    assert answer.err == ""


def test_exit_codes_are_in_the_help(wick: Wick) -> None:
    told = " ".join(wick("--help").out.split())
    assert app.EXIT_CODES in told


def test_a_fault_of_our_own_is_one_sentence(wick: Wick, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise KeyError("lost\nthing")

    monkeypatch.setattr(nodes, "_chosen", break_down)
    answer = wick("nodes")
    assert answer.code == 3
    assert answer.err.startswith("wick: a fault of Wickwork itself, KeyError: ")
    assert "WICKWORK_DEBUG=1" in answer.err
    assert answer.err.count("\n") == 1
    assert wick("nodes", "--json").json["error"]["exit_code"] == 3
    monkeypatch.setenv("WICKWORK_DEBUG", "1")
    assert "Traceback" in wick("nodes").err


def test_an_interruption(wick: Wick, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(nodes, "_chosen", stop)
    answer = wick("nodes")
    assert (answer.code, answer.err) == (130, "wick: interrupted.\n")


INTERRUPTING = """import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["AT"]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
"""


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes of POSIX")
@pytest.mark.parametrize("at", ["wickwork.cli.app", "typer", "wickwork.cli.imports", "pyarrow.csv"])
def test_ctrl_c_while_modules_are_loaded(at: str, home: Path, hourly: Path) -> None:
    (home / "sitecustomize.py").write_text(INTERRUPTING)
    path = os.pathsep.join([str(home), *filter(None, sys.path)])
    done = run("data", "import", hourly, AT=at, PYTHONPATH=path)
    assert (done.returncode, done.stderr) in ((130, "wick: interrupted.\n"), (-2, "wick: interrupted.\n"))
    assert "BTC" not in run("data", "list").stdout


DROPPING = """import os, signal, sys, weakref
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            thing = type("Thing", (), {})()
            kept = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGINT))
            del thing
sys.meta_path.insert(0, Interrupting())
"""


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes of POSIX")
def test_ctrl_c_in_dropped_errors_while_modules_are_loaded(home: Path) -> None:
    (home / "sitecustomize.py").write_text(DROPPING)
    done = run("nodes", PYTHONPATH=os.pathsep.join([str(home), *filter(None, sys.path)]))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "wick: interrupted.\n")


def test_ctrl_c_in_code_whose_errors_python_drops(wick: Wick, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    def stop(*_: object) -> None:
        thing = type("Thing", (), {})()
        kept = weakref.ref(thing, interrupt)
        del thing
        for _ in range(500):
            time.sleep(0.01)
        assert kept() is None

    monkeypatch.setattr(nodes, "_chosen", stop)
    answer = wick("nodes")
    assert (answer.code, answer.err) == (130, "wick: interrupted.\n")


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes of POSIX")
def test_ctrl_c(home: Path) -> None:
    (home / "slow.py").write_text("import sys, time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    started = subprocess.Popen([*WICK, "backtest", "slow.py"], stderr=subprocess.PIPE, text=True)  # noqa: S603
    assert started.stderr is not None
    assert started.stderr.readline() == "ready\n"
    started.send_signal(signal.SIGINT)
    assert started.wait(30) == 130
    assert started.stderr.read() == "wick: interrupted.\n"
    started.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes of POSIX")
@pytest.mark.parametrize("args", [["nodes"], ["nodes", "--json"], ["--help"]])
def test_a_closed_pipe_ends_quietly(args: list[str], home: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*WICK, *args], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_without_unicode(home: Path) -> None:
    done = run("graph", "show", EMA, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    (home / "ñandú.py").write_text(
        "from wickwork import strategy, trade\nwith strategy('ñandú') as s:\n    trade.buy(when=s.bars.close > 1)\n"
    )


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_on_a_terminal_it_is_pretty(home: Path) -> None:
    import pty

    parent, child = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    args = [*WICK, "backtest", str(EMA), "--from", "2024-01-01", "--to", "2024-01-08"]
    with subprocess.Popen(args, stdout=child, stderr=child, env=env) as started:  # noqa: S603
        os.close(child)
        seen = b""
        while True:
            try:
                chunk = os.read(parent, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not chunk:
                break
            seen += chunk
    os.close(parent)
    text = seen.decode()
    assert started.returncode == 0
    assert "\x1b[" in text
    assert any(block in text for block in "▁▂▃▄▅▆▇█")
    assert "not enough" in text
