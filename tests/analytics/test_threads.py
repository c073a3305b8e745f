"""Threads that back-test at once: the same bits as one after the other, also where they compile and load at once."""

from __future__ import annotations

import secrets
import subprocess
import sys
from pathlib import Path

import pytest

OWN = """
from helpers import FACTOR
from wickwork import node, strategy, trade
from wickwork.graph.types import Bar, Condition
@node(title="Up", group="mine")
def up(bars: Bar) -> Condition:
    "Whether a bar rises."
    return bars.close > bars.open * FACTOR
with strategy("own") as s:
    rising = up()
    trade.buy(when=rising, size=trade.quantity(0.01))
    trade.close(when=~rising)
"""
PROGRAM = """
import sys
from pathlib import Path
from threading import Barrier, Thread
from wickwork import backtest, demo_bars, strategy, ta, trade

sys.setswitchinterval(1e-5)
bars, files = demo_bars("BTC/USDT", "1h").slice(0, 2000), sys.argv[1:]

def built(number):
    with strategy("cross") as s:
        fast, slow = ta.ema(s.bars.close, period=5 + number), ta.ema(s.bars.close, period=20 + number)
        trade.buy(when=(fast > slow) & (ta.rsi(s.bars.close) < 70), size=trade.percent_of_equity(50))
        trade.close(when=fast < slow)
    return s

def work(number):
    strategy = files[number] if number % 2 else built(number // 4)
    return backtest(strategy, bars).to_json()

def at_once(number):
    gate.wait()
    found[number] = work(number)

found, gate = [None] * len(files), Barrier(len(files))
threads = [Thread(target=at_once, args=(number,)) for number in range(len(files))]
for thread in threads: thread.start()
for thread in threads: thread.join()
alone = [work(number) for number in range(len(files))]
assert found == alone, [a == b for a, b in zip(found, alone)]
assert len(set(alone)) > 1
"""


@pytest.mark.parametrize("many", [2, 8])
def test_threads_of_a_new_process(many: int, tmp_path: Path) -> None:
    """Nodes of files of one name that nobody has compiled before, and equal strategies written at once."""
    files = []
    for number in range(many):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "helpers.py").write_text(f"FACTOR = 1.0{number % 4}00{secrets.randbits(40):013}\n")
        (folder / "own.py").write_text(OWN)
        files.append(str(folder / "own.py"))
    done = subprocess.run([sys.executable, "-c", PROGRAM, *files], capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr.decode()
