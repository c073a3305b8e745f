"""Opening a run that keeps a journal: begin it, refuse it, or find where it was.

A journal `X` has two side files of its own, `X.state.json` (the saved state) and `X.venue.jsonl` (the venue's
statement). Both name the journal that they belong to by the sum of its first line; those of another journal are refused
and never changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.advance import Outcome
from wickwork.engine.bot import Bot
from wickwork.engine.differences import changes, listed
from wickwork.engine.journal_entries import (
    INPUT,
    NOT_TAKEN,
    START,
    Start,
    code_of,
    input_from,
    kind_of,
    order_prefix,
    start_data,
    start_from,
)
from wickwork.engine.live import Ports, Resumed, resume
from wickwork.engine.paper.exchange import PaperExchange
from wickwork.engine.paper.venue import ReportingPaperVenue
from wickwork.engine.registry import register
from wickwork.graph.check import ValidatedGraph
from wickwork.graph.parts import shared_instruments
from wickwork.graph.program import plan
from wickwork.model.bars import Bars, iso
from wickwork.model.clock import Clock
from wickwork.model.errors import InputError, Refused
from wickwork.model.events import BarsClosed
from wickwork.model.other_bars import other_column, split_column
from wickwork.store.journal import Entry, Journal, read_journal
from wickwork.store.snapshots import load_snapshot, save_snapshot
from wickwork.venues.paper import MESSAGE, PaperVenue, cause_of


@dataclass(frozen=True)
class Run:
    """A run whose files are open, not yet brought to the end of its journal."""

    start: Start
    """What the journal holds; its rules of instruments and its shorter bars hold for the whole run."""
    ports: Ports
    new_bot: Callable[[], Bot]
    snapshot: Mapping[str, Any] | None
    notes: tuple[str, ...] = ()
    """Sentences on what is different from what was given."""

    async def resume(self) -> Resumed:
        """Bring a bot to the end of the journal; raises as `live.resume` does."""
        return await resume(self.new_bot, self.snapshot, self.ports)


def note_late_bars(run: Run, bars: Sequence[Bars], opened_at: int) -> list[str]:
    """Write down the bars up to `opened_at` that are there now and that the run did not take; returns the new notes.

    A backtest over the same bars takes them, so it is another than the run. So do bars of instruments that the run only
    reads, which `bars` carry as columns.
    """
    journal, noted = run.ports.journal, set()
    taken: list[list[int]] = [[] for _ in bars]
    read = {split[0] for one in bars for name in one.columns if (split := split_column(name))}
    lacked: dict[str, list[int]] = {name: [] for name in sorted(read)}
    for entry in read_journal(journal.path):
        if entry.kind == NOT_TAKEN:
            noted.add(entry.data.get("reason"))
        elif kind_of(entry) == INPUT and isinstance(event := input_from(entry.data), BarsClosed):
            for times, row in zip(taken, event.rows, strict=True):
                if row is not None:
                    times.append(event.opened_at)
            for name, times in lacked.items():
                if any(row and not value for row, value in zip(event.rows, _closes_read(event, name), strict=True)):
                    times.append(event.opened_at)
    found = []
    late_bars = [
        (str(one.instrument), np.setdiff1d(one.opened_at[one.opened_at <= opened_at], np.array(times, np.int64)))
        for one, times in zip(bars, taken, strict=True)
    ]
    late_bars += [(name, np.intersect1d(_times_read(bars, name), times)) for name, times in lacked.items()]
    for instrument, late in late_bars:
        if not len(late):
            continue
        first, last = iso(int(late[0])), iso(int(late[-1]))
        which = f"{len(late)} bars from {first} to {last}" if len(late) > 1 else f"the bar of {first}"
        reason = f"{instrument}: {which} came too late; the run had gone on without."
        if reason not in noted:
            journal.append(NOT_TAKEN, {"instrument": instrument, "bars": len(late), "reason": reason})
            found.append(reason)
    return found


def _closes_read(event: BarsClosed, instrument: str) -> Sequence[float | None]:
    """What the lanes were given as the close of an instrument that the run only reads."""
    return event.columns.get(other_column(instrument, "close")) or (None,) * len(event.rows)


def _times_read(bars: Sequence[Bars], instrument: str) -> NDArray[np.int64]:
    """When the bars opened that these bars carry of another instrument."""
    name = other_column(instrument, "close")
    return np.concatenate([b.opened_at[~np.isnan(b.columns[name])] for b in bars if name in b.columns])


def snapshot_path(journal: Path) -> Path:
    """Where the saved state of a run is."""
    return journal.with_name(f"{journal.name}.state.json")


def statement_path(journal: Path) -> Path:
    """Where the paper venue keeps its statement of a run."""
    return journal.with_name(f"{journal.name}.venue.jsonl")


def find_statement(journal: Path) -> Path | None:
    """The statement of a run, also where an older version put it; None where there is none."""
    journal = journal.resolve()
    path, older = statement_path(journal), journal.with_suffix(".venue.jsonl")
    if path.exists():
        return path
    return older if older.exists() and _belongs(older, journal) else None


def _refuse_shared_instruments(validated: ValidatedGraph) -> None:
    """Raise InputError where several strategies of a portfolio trade one instrument, of which a venue reports."""
    for instrument, (first, second, *_) in shared_instruments(validated.graph).items():
        raise InputError(
            f"The strategies {first} and {second} of the portfolio both trade {instrument}, but a venue that reports "
            "has one position in it. Its fills name their orders, and so the strategy; its funding, its liquidations "
            "and what a reduce-only order may close are those of the sum, which nothing divides between the two. "
            f"Leave --reported out, or give {second} a run of its own, on a sub-account of the venue."
        )


def open_run(
    path: Path,
    given: Start,
    validated: ValidatedGraph,
    clock: Clock,
    on_outcome: Callable[[Outcome], None],
    stack: ExitStack,
    registry: Path | None = None,
    cache: Path | None = None,
) -> Run:
    """Open the run of a journal, or begin one as `given`; what is opened is closed with `stack`.

    With a folder `registry` the run is listed there. `cache` is the folder of machine code; None is the one of this
    process's user.

    Raises InputError where the journal is none or is that of another run, Refused where a side file belongs to another
    journal. Nothing is changed then.
    """
    if given.reported:
        _refuse_shared_instruments(validated)
    found = os.path.lexists(path)
    journal = stack.enter_context(Journal(path))
    path = journal.path
    notes: tuple[str, ...] = ()
    if journal.first is None:
        try:
            _refuse_side_files(path)
        except Refused:
            if not found:
                path.unlink()
            raise
        first = journal.append(START, start_data(given))
        start = given
    else:
        first = journal.first
        start, notes = _agreed(path, first, given, validated)
        older = find_statement(path)
        if older is not None and older != statement_path(path):
            older.rename(statement_path(path))
    if registry is not None:
        register(registry, path, first, start)
    snapshot = load_snapshot(snapshot_path(path), first.sum)
    program, name = plan(validated, start.universe.timeframe, cache=cache), order_prefix(first)
    venue: PaperVenue
    if start.reported:
        exchange = PaperExchange(start.universe, start.terms, name=name, cache=cache)
        venue = ReportingPaperVenue(statement_path(path), first.sum, exchange)
    else:
        venue = PaperVenue(statement_path(path), first.sum)
    stack.callback(venue.close)
    ports = Ports(
        journal=journal,
        venue=venue,
        clock=clock,
        on_outcome=on_outcome,
        save_snapshot=lambda saved: save_snapshot(snapshot_path(path), first.sum, saved),
        code=code_of(given),
    )

    def new_bot() -> Bot:
        return Bot(program, start.universe, start.terms, reported=start.reported, name=name)

    return Run(start, ports, new_bot, snapshot, notes)


def _refuse_side_files(path: Path) -> None:
    """Refuse files that have the names of side files where there is no journal: they belong to another one."""
    for file in (snapshot_path(path), statement_path(path)):
        if file.exists():
            raise Refused(
                f"There is no journal {path}, but {file} is there, which belongs to another one; "
                "name another journal with --journal, or move that file away."
            )


def _agreed(path: Path, first: Entry, given: Start, validated: ValidatedGraph) -> tuple[Start, tuple[str, ...]]:
    """The start that the journal holds, and what of it differs from what was given."""
    if first.kind != START:
        raise InputError(f"{path} does not begin with the start of a run; name another --journal.")
    start = start_from(first.data, str(path))
    found = changes(start, given, validated)
    if any(one.fatal for one in found):
        raise InputError(
            f"{path} is the journal of another run. The run was started {listed(found)}. Give the options that it was "
            "started with, or name another --journal."
        )
    return start, (f"The run goes on as it was started: {listed(found)}.",) if found else ()


def _belongs(statement: Path, journal: Path) -> bool:
    """Whether every message of a statement names a line of that journal."""
    sums = {entry.number: entry.sum for entry in read_journal(journal)}
    for message in read_journal(statement):
        if message.kind != MESSAGE:
            return False
        number, cause_sum = cause_of(message)
        if sums.get(number) != cause_sum:
            return False
    return True
