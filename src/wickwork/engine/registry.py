"""The registry of runs: the path of the journal of every run that was opened on this machine.

One small file for each run, named by the first line of its journal, so that a journal that was moved is found again
when it is opened at its new place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wickwork.engine.journal_entries import OUTPUT, START, STOPPED, Start, kind_of
from wickwork.model.errors import InputError, NotFound, WickworkError
from wickwork.store.durable import locked, make_folder, replace_file
from wickwork.store.journal import Entry, read_journal

RUNNING, ENDED, INTERRUPTED, MISSING, DAMAGED = "running", "stopped", "interrupted", "missing", "damaged"
"""States of a run: its process works; it was stopped; it was killed; its journal is gone; its journal is damaged."""


@dataclass(frozen=True)
class RunSummary:
    """A run as its registry and its journal have it."""

    journal: Path
    strategy: str
    instruments: tuple[str, ...]
    timeframe: str
    mode: str
    begun: int
    """When its journal was started (ms, UTC)."""
    state: str
    bars: int = 0
    fills: int = 0
    equity: float | None = None
    """At the close of its last bar; None before the first."""
    last: int | None = None
    """When its last entry was written (ms, UTC)."""


def register(folder: Path, journal: Path, first: Entry, start: Start) -> None:
    """Write down the path of a run's journal. Raises WickworkError if it cannot be written."""
    data = {
        "journal": str(journal),
        "strategy": start.graph.name,
        "instruments": [str(one) for one in start.universe.instruments],
        "timeframe": str(start.universe.timeframe),
        "mode": "paper",
        "begun": first.at,
    }
    try:
        make_folder(folder)
        replace_file(folder / f"{first.sum[:16]}.json", json.dumps(data, ensure_ascii=False).encode())
    except OSError as error:
        raise WickworkError(f"The registry of runs {folder} cannot be written: {error.strerror}.") from None


def list_runs(folder: Path) -> list[RunSummary]:
    """The registered runs, newest first. Files that are not entries of the registry are ignored."""
    return sorted((run for _, run in _files(folder)), key=lambda run: -run.begun)


def forget_missing(folder: Path) -> int:
    """Remove the entries of runs whose journal is gone; returns how many there were."""
    gone = [file for file, run in _files(folder) if run.state == MISSING]
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def _files(folder: Path) -> Iterator[tuple[Path, RunSummary]]:
    """The entries of the registry with the summaries of their runs; unreadable ones are left out."""
    for file in sorted(folder.glob("*.json")):
        try:
            data = json.loads(file.read_bytes())
            journal = Path(data["journal"])
            about = (str(data["strategy"]), tuple(data["instruments"]), str(data["timeframe"]), str(data["mode"]))
            begun = int(data["begun"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        yield file, _summary(journal, about, begun, file.stem)


def _summary(journal: Path, about: tuple[str, tuple[str, ...], str, str], begun: int, key: str) -> RunSummary:
    """Read one journal; `about` and `begun` are from the list of runs, `key` is the hash of its first line."""
    bars, fills, equity, last = 0, 0, None, None
    try:
        for entry in read_journal(journal):
            if entry.number == 0 and (entry.kind != START or entry.sum[:16] != key):
                return RunSummary(journal, *about, begun, MISSING)  # another journal has its place
            last = entry
            if kind_of(entry) == OUTPUT:
                bars, equity = entry.data["bar"] + 1, entry.data["equity"]
                fills += len(entry.data.get("fills", ()))
    except NotFound:
        return RunSummary(journal, *about, begun, MISSING)
    except (InputError, KeyError, TypeError):
        return RunSummary(journal, *about, begun, DAMAGED, bars, fills, equity, last.at if last else None)
    if _is_open(journal):
        state = RUNNING
    else:
        state = ENDED if last is not None and last.kind == STOPPED else INTERRUPTED
    return RunSummary(journal, *about, begun, state, bars, fills, equity, last.at if last else None)


def _is_open(journal: Path) -> bool:
    """Whether a process has the journal open."""
    lock = journal.with_name(journal.name + ".lock")
    if not lock.exists():
        return False
    try:
        with locked(lock, "", patience=0.0):
            return False
    except WickworkError:
        return True
    except OSError:
        return False
