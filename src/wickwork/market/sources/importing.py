"""Import files and folders into the store."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from wickwork.market.raw import Finding
from wickwork.market.sources.cleaning import clean
from wickwork.market.sources.formats import files_below
from wickwork.market.sources.reading import read_without_warning, warn_naive
from wickwork.market.store import Appended, Store
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import Timeframe


@dataclass(frozen=True)
class Imported:
    """Result for one file: what was stored, what was left out and why; or the error, if nothing was stored."""

    path: Path
    instrument: Instrument | None
    timeframe: Timeframe | None
    appended: Appended
    findings: tuple[Finding, ...] = ()
    error: str = ""
    naive_times: bool = False


def import_file(
    store: Store,
    path: Path | str,
    instrument: Instrument | str | None = None,
    timeframe: Timeframe | str | None = None,
    accept_corrections: bool = False,
    now: int | None = None,
) -> Imported:
    """Read a file, sort its rows, leave faulty ones out, and append the bars to the store.

    `now` (ms UTC) is the moment of the import: bars that had not closed by then are left out, and it is kept as the
    time at which corrections were seen. Raises InputError as `read_bars` does, and where no row of the file can be
    taken.
    """
    done = _import(store, Path(path), instrument, timeframe, accept_corrections, now)
    if done.naive_times:
        warn_naive([done.path.name])
    if done.error:
        raise InputError(done.error)
    return done


def import_folder(
    store: Store,
    folder: Path | str,
    instrument: Instrument | str | None = None,
    timeframe: Timeframe | str | None = None,
    accept_corrections: bool = False,
    now: int | None = None,
) -> list[Imported]:
    """Import every file below a folder whose name has a readable ending, in the order of their names.

    A file that cannot be imported does not stop the others; its `error` says why. Raises InputError when there is no
    such folder or nothing in it to read.
    """
    paths = files_below(Path(folder))
    done = []
    for path in paths:
        try:
            done.append(_import(store, path, instrument, timeframe, accept_corrections, now))
        except InputError as error:
            done.append(Imported(path, None, None, Appended(0, 0, 0), error=str(error)))
    naive = [one.path.name for one in done if one.naive_times]
    if naive:
        warn_naive(naive)
    return done


def _import(
    store: Store,
    path: Path,
    instrument: Instrument | str | None,
    timeframe: Timeframe | str | None,
    accept_corrections: bool,
    now: int | None,
) -> Imported:
    raw = read_without_warning(path, instrument, timeframe)
    bars, findings = clean(raw, now)
    error = "" if len(bars) else _nothing_taken(path, len(raw) + len(raw.malformed), findings)
    appended = store.append(bars, accept_corrections, seen_at=now) if len(bars) else Appended(0, 0, 0)
    return Imported(path, raw.instrument, raw.timeframe, appended, tuple(findings), error, raw.naive_times)


def _nothing_taken(path: Path, rows: int, findings: list[Finding]) -> str:
    """Why no row of a file was imported, as a sentence."""
    if not rows:
        return f"{path} has a header and no rows."
    whole = next((one.sentence for one in findings if one.severity == "error"), "")
    if whole:
        return f"{path}: {whole}"
    kinds: Counter[str] = Counter()
    for one in findings:
        kinds[one.kind] += one.count
    counts = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items() if kind != "ticks")
    first = next(one.sentence for one in findings if one.kind != "ticks")
    return f"{path}: none of its {rows:,} rows can be taken ({counts}); the first: {first}"
