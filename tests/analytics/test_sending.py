"""Runs and programs in another process: the same figures, and the same bits when they run again there."""

# ruff: noqa: S301, S603  # what is unpickled is pickled here
from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wickwork import InputError, Run, backtest, demo_bars, node, strategy, ta, trade
from wickwork.engine.backtest import run_history
from wickwork.graph.catalogue import load_file
from wickwork.graph.operation import FUNCTION
from wickwork.graph.program import Program
from wickwork.graph.types import Series
from wickwork.strategies.load import load_strategy

BARS = demo_bars("BTC/USDT", "1h").slice(0, 1000)
OWN = """
from typing import NamedTuple
from wickwork import node, strategy, trade
from wickwork.graph.types import Bar, Condition
from helpers import lifted
class Memory(NamedTuple):
    last: float = 0.0
@node(title="Up", group="mine")
def up(memory: Memory, bars: Bar, *, factor: float = {factor}) -> tuple[Memory, Condition]:
    "A bar that closes above the last one."
    return Memory(last=bars.close), bars.close > memory.last * factor
with strategy("own") as s:
    rising = up()
    trade.buy(when=rising & (lifted(s.bars.close) > 0), size=trade.quantity(0.01))
    trade.close(when=~rising)
"""
HELPERS = """
from wickwork import node
from wickwork.graph.types import Series
@node(title="Lifted", group="mine")
def lifted(series: Series) -> Series:
    "One more."
    return series + 1.0
"""
THERE = """
import pickle, sys
import numpy as np
from wickwork.engine.backtest import run_history
run = pickle.loads(sys.stdin.buffer.read())
h = run.history
again = run_history(h.program, h.bars, h.terms)
assert again.equity.tobytes() == h.equity.tobytes()
sys.stdout.buffer.write(pickle.dumps((dict(run.stats), run.to_json())))
"""


def own(folder: Path, factor: float = 1.0) -> Path:
    (folder / "helpers.py").write_text(HELPERS)
    (folder / "own strategy.py").write_text(OWN.format(factor=factor))
    return folder / "own strategy.py"


def built() -> Run:
    with strategy("cross") as s:
        fast, slow = ta.ema(s.bars.close, period=5), ta.ema(s.bars.close, period=20)
        trade.buy(when=fast > slow, size=trade.percent_of_equity(90), trailing=trade.percent(2))
        trade.close(when=fast < slow)
    return backtest(s, BARS)


def test_a_run_and_its_copy() -> None:
    run = built()
    assert len(run.trades) > 3
    copy = pickle.loads(pickle.dumps(run))
    assert copy.stats == run.stats
    assert copy.to_json() == run.to_json()
    assert copy.opposite().stats == run.opposite().stats
    for name in run.columns:
        np.testing.assert_array_equal(copy.columns[name], run.columns[name])


def test_a_program_takes_no_addresses_with_it() -> None:
    program = built().history.program
    _, (values,) = program.__reduce__()
    copy: Program = pickle.loads(pickle.dumps(program))
    for name in ("static", "dynamic", "actions"):
        np.testing.assert_array_equal(getattr(copy, name), getattr(program, name))
        assert not values[name][:, FUNCTION].any()


def test_nodes_of_a_file_in_another_process(tmp_path: Path) -> None:
    run = backtest(load_strategy(own(tmp_path)), BARS)
    assert len(run.trades) > 3
    assert pickle.loads(pickle.dumps(run)).stats == run.stats
    there = subprocess.run(
        [sys.executable, "-c", THERE], input=pickle.dumps(run), capture_output=True, check=False, cwd=tmp_path.parent
    )
    assert there.returncode == 0, there.stderr.decode()
    assert pickle.loads(there.stdout) == (dict(run.stats), run.to_json())


def test_a_file_that_was_changed_in_between(tmp_path: Path) -> None:
    run = backtest(load_strategy(own(tmp_path)), BARS)
    sent = pickle.dumps(run)
    load_file(own(tmp_path, factor=1.01))
    with pytest.raises(InputError, match=r"The code of the node up in the folder .* was changed"):
        pickle.loads(sent)


def test_a_node_that_no_module_has() -> None:
    @node(title="Inner", group="mine")
    def inner(series: Series) -> Series:
        "Itself."
        return series

    with pytest.raises(InputError, match="The node inner cannot be sent to another process"):
        pickle.dumps(inner)


def test_the_program_of_a_sent_run_runs(tmp_path: Path) -> None:
    run = backtest(load_strategy(own(tmp_path)), BARS)
    h = run.history
    again = run_history(pickle.loads(pickle.dumps(h.program)), h.bars, h.terms)
    assert again.equity.tobytes() == h.equity.tobytes()
