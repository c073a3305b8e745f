"""History through the machine: bars in, what happened out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.feed import Feed, feed_of
from wickwork.engine.machine import Machine
from wickwork.graph.operation import DATA, Column
from wickwork.graph.program import Program
from wickwork.model.bars import Bars, Floats
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.funding import FundingRates
from wickwork.model.instrument import Instrument
from wickwork.orders.records import CLOSED_ORDER, SEQUENCE
from wickwork.sim.terms import Terms

Progress = Callable[[int, int], None]
"""Called with how many bars are done, and of how many."""
_SLICE = 50_000
"""Bars between two calls of `progress`: some milliseconds of one instrument."""


@dataclass(frozen=True)
class History:
    """The result of a run over history: flat records, as the venue wrote them."""

    program: Program
    feed: Feed
    terms: Terms
    bars: tuple[Bars, ...]
    finer: Mapping[Instrument, Bars]
    funding: Mapping[str, FundingRates]
    """The series of funding rates, by the names of their instruments."""
    marks: Mapping[str, Bars]
    """The mark prices, by the names of their instruments."""
    equity: Floats
    fills: NDArray[Any]
    closed_orders: NDArray[Any]
    round_trips: NDArray[Any]
    denied: NDArray[Any]
    notifications: NDArray[Any]
    working: NDArray[Any]
    account: NDArray[Any]
    lanes: NDArray[Any]
    suppressed_signals: NDArray[np.int64]
    """Per instrument and action: bars on which an entry's condition was true while a position kept it from acting."""


def run_history(
    program: Program,
    bars: Sequence[Bars],
    terms: Terms,
    finer: Mapping[Instrument, Bars] | None = None,
    funding: Mapping[str, FundingRates] | None = None,
    marks: Mapping[str, Bars] | None = None,
    progress: Progress | None = None,
) -> History:
    """Run a program over bars from the first to the last.

    With `progress` it is run in slices, which changes no bit; an error that it raises stops the run.
    """
    machine = Machine(program, feed_for(bars, terms, finer, funding, marks), terms)
    size = machine.feed.size
    if progress is not None:
        for until in range(_SLICE, size, _SLICE):
            machine.run(until)
            progress(until, size)
    machine.run(size)
    return history_of(machine, bars, finer, funding, marks)


def history_of(
    machine: Machine,
    bars: Sequence[Bars],
    finer: Mapping[Instrument, Bars] | None = None,
    funding: Mapping[str, FundingRates] | None = None,
    marks: Mapping[str, Bars] | None = None,
) -> History:
    """The result of a machine that has run over a whole feed."""
    assert isinstance(machine.feed, Feed)  # noqa: S101  # a window has no history
    return History(
        program=machine.program,
        feed=machine.feed,
        terms=machine.terms,
        bars=tuple(bars),
        finer=dict(finer or {}),
        funding=dict(funding or {}),
        marks=dict(marks or {}),
        equity=machine.equity,
        fills=machine.output("fills"),
        closed_orders=machine.output("closed_orders")[[n for n in CLOSED_ORDER.names or () if n not in SEQUENCE]],
        round_trips=machine.output("round_trips"),
        denied=machine.output("denied"),
        notifications=machine.output("notifications"),
        working=machine.working(),
        account=machine.arrays["account"][0],
        lanes=machine.arrays["lanes"],
        suppressed_signals=np.maximum(machine.arrays["suppressed_signals"], 0),
    )


def feed_for(
    bars: Sequence[Bars],
    terms: Terms,
    finer: Mapping[Instrument, Bars] | None = None,
    funding: Mapping[str, FundingRates] | None = None,
    marks: Mapping[str, Bars] | None = None,
) -> Feed:
    """The bars as these terms need them; `funding` holds for its instruments instead of the terms' constant rate.

    `marks` are mark prices. Raises InputError for funding or mark prices of an instrument that the run does not have,
    and the errors of `feed_of`.
    """
    names = [str(b.instrument) for b in bars]
    for what, series in (("is funding", funding), ("are mark prices", marks)):
        for name in series or {}:
            if name not in names:
                raise InputError(
                    f"There {what} of {name}, but the run has {', '.join(names)}.{did_you_mean(name, names)}"
                )
    rates: dict[str, float | FundingRates] = {name: terms.of(name).funding_rate for name in names}
    needs_average_range = terms.slippage_model == "atr"
    charged = rates | dict(funding or {})
    return feed_of(bars, finer=finer, needs_average_range=needs_average_range, funding_rate=charged, marks=marks)


def columns_of(history: History, columns: Mapping[str, Column]) -> dict[str, NDArray[np.float64]]:
    """The values of wires at every bar, one row per instrument: the run is repeated, which gives the same bits."""
    keep = {name: column.index for name, column in columns.items() if column.index >= 0}
    machine = Machine(history.program, history.feed, history.terms, equity=False, keep=keep)
    machine.run(history.feed.size)
    result: dict[str, NDArray[np.float64]] = dict(machine.kept)
    for name, column in columns.items():
        if column.index < 0:
            lanes = range(len(history.feed.instruments))
            result[name] = np.array([_market_column(history, lane, column) for lane in lanes], np.float64)
    return {name: result[name] for name in columns}


def _market_column(history: History, lane: int, column: Column) -> Any:
    """The values of a column of the market, or of one from outside."""
    k = -1 - column.index
    if k >= DATA:
        return history.feed.outside(history.program.external[k - DATA])[lane]
    return history.feed.columns[lane][k]


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
            values[name] = float(_market_column(history, lane, column)[bar])
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
    """The Python files of those packages, sorted."""
    return sorted(file for room in rooms for file in (root / room).rglob("*.py"))
