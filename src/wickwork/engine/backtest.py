"""History through the machine: bars in, what happened out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.feed import Feed, feed_of
from wickwork.engine.machine import Machine
from wickwork.graph.program import Column, Program
from wickwork.model.bars import Bars, Floats
from wickwork.model.instrument import Instrument
from wickwork.sim.terms import Terms


@dataclass(frozen=True)
class History:
    """What a run over history leaves behind: flat records, as the venue wrote them."""

    program: Program
    feed: Feed
    terms: Terms
    bars: tuple[Bars, ...]
    finer: Mapping[Instrument, Bars]
    equity: Floats
    fills: NDArray[Any]
    closed_orders: NDArray[Any]
    round_trips: NDArray[Any]
    denied: NDArray[Any]
    working: NDArray[Any]
    account: NDArray[Any]
    lanes: NDArray[Any]
    signals: NDArray[np.int64]
    """Per instrument and action: bars on which an entry's condition was true while a position kept it from acting."""


def run_history(
    program: Program,
    bars: Sequence[Bars],
    terms: Terms,
    finer: Mapping[Instrument, Bars] | None = None,
) -> History:
    """Run a program over bars from the first to the last."""
    machine = Machine(program, feed_for(bars, terms, finer), terms)
    machine.run(machine.feed.size)
    return history_of(machine, bars, finer)


def history_of(machine: Machine, bars: Sequence[Bars], finer: Mapping[Instrument, Bars] | None = None) -> History:
    """What a machine that has run over a whole feed leaves behind."""
    assert isinstance(machine.feed, Feed)  # noqa: S101  # a window has no history
    return History(
        program=machine.program,
        feed=machine.feed,
        terms=machine.terms,
        bars=tuple(bars),
        finer=dict(finer or {}),
        equity=machine.equity,
        fills=machine.output("fills"),
        closed_orders=machine.output("closed_orders"),
        round_trips=machine.output("round_trips"),
        denied=machine.output("denied"),
        working=machine.working(),
        account=machine.arrays["account"][0],
        lanes=machine.arrays["lanes"],
        signals=np.maximum(machine.arrays["signals"], 0),
    )


def feed_for(bars: Sequence[Bars], terms: Terms, finer: Mapping[Instrument, Bars] | None = None) -> Feed:
    """The bars as these terms need them."""
    return feed_of(bars, finer=finer, needs_range=terms.slippage_model == "atr", funding_rate=terms.funding_rate)


def columns_of(history: History, columns: Mapping[str, Column]) -> dict[str, NDArray[np.float64]]:
    """The values of wires at every bar, one row per instrument: the run is repeated, which gives the same bits."""
    keep = {name: column.index for name, column in columns.items() if column.index >= 0}
    machine = Machine(history.program, history.feed, history.terms, equity=False, keep=keep)
    machine.run(history.feed.size)
    result: dict[str, NDArray[np.float64]] = dict(machine.kept)
    for name, column in columns.items():
        if column.index < 0:
            result[name] = np.array([lane[-1 - column.index] for lane in history.feed.columns], np.float64)
    return {name: result[name] for name in columns}


def at_bar(history: History, bar: int, lane: int) -> tuple[dict[str, float], Machine]:
    """The value of every wire of one instrument at one bar, and the machine as it stood after that bar."""
    machine = Machine(history.program, history.feed, history.terms)
    machine.run(bar)
    machine.run(bar + 1)
    values = {}
    for name, column in history.program.names.items():
        if column.index >= 0:
            values[name] = float(machine.arrays["arena"][lane, column.index, 0])
        else:
            values[name] = float(history.feed.columns[lane][-1 - column.index][bar])
    return values, machine


@cache
def engine_version() -> str:
    """The version of Wickwork, and a hash of every source that a result depends on."""
    root = Path(__file__).parents[1]
    sha = hashlib.sha256()
    for file in _sources(root, ("model", "graph", "nodes", "risk", "orders", "sim", "engine")):
        sha.update(file.relative_to(root).as_posix().encode())
        sha.update(file.read_bytes())
    return f"{version('wickwork')}+{sha.hexdigest()[:12]}"


def _sources(root: Path, rooms: Iterable[str]) -> list[Path]:
    return sorted(file for room in rooms for file in (root / room).rglob("*.py"))
