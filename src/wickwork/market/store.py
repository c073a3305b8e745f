"""The store of bars: Parquet files under one folder, by venue, instrument, timeframe and year.

An append changes a series as a whole or not at all, whenever the process dies; the same append twice changes nothing;
and a bar that is stored stays as it is until someone accepts its correction, so that a run over stored bars can be
repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wickwork.market import series as files
from wickwork.market.series import Correction, Manifest, Rows
from wickwork.market.spans import Span, union
from wickwork.model.bars import COLUMNS, Bars
from wickwork.model.errors import NotFound, WickworkError, did_you_mean
from wickwork.model.instrument import Instrument, Rules, parse_instrument
from wickwork.model.timeframe import Timeframe, parse_timeframe
from wickwork.store import durable
from wickwork.store.home import home

SAME_VOLUME = 1e-12
"""Relative difference up to which volumes count as equal: float sums depend on the order of summation."""


@dataclass(frozen=True)
class Appended:
    """Result of an append: numbers of new bars, of bars stored already, and of bars that differ."""

    added: int
    unchanged: int
    corrected: int


@dataclass(frozen=True)
class SeriesInfo:
    """One stored series; `first` and `last` are the opening times of its first and last bar (ms, UTC)."""

    venue: str
    instrument: Instrument
    timeframe: Timeframe
    rows: int
    first: int
    last: int


def default_folder() -> Path:
    """Default folder of the bars: `bars` in the home folder of Wickwork."""
    return home() / "bars"


@dataclass(frozen=True)
class Store:
    """Bars kept under `folder`, which need not exist yet. Several processes may read and write it at once.

    Instruments and timeframes may be given in any spelling. An instrument's own venue counts; `venue` is for one that
    has none.
    """

    folder: Path = field(default_factory=default_folder)
    patience: float = 10.0
    """Seconds to wait for another writer of the same series."""

    def append(
        self, bars: Bars, accept_corrections: bool = False, seen_at: int | None = None, covered: Iterable[Span] = ()
    ) -> Appended:
        """Add bars to their series; atomic and idempotent.

        A stored bar whose new values differ (the volume by more than `SAME_VOLUME`) keeps its old ones, and the
        difference is recorded (with `seen_at`, ms UTC, if given); with `accept_corrections` it takes the new values and
        is recorded as well. Rules of the instrument
        (tick, lot) are kept with the series. `covered` are spans (ms, UTC) for which the venue gave all that it has;
        they are kept as well, once there is a bar. Raises WickworkError where the disk refuses or another process is
        writing the series.
        """
        spans = union(covered)
        if not len(bars) and not spans:
            return Appended(0, 0, 0)
        folder = files.folder_of(self.folder, bars.instrument, bars.timeframe)
        with self._writing(bars.instrument, bars.timeframe):
            old = files.read_manifest(folder)
            if old is None and not len(bars):
                return Appended(0, 0, 0)
            files.remove_unused_files(folder, old)
            before = old or Manifest(bars.instrument, bars.timeframe)
            durable.make_folder(folder)
            after, appended = _with_bars(folder, before, bars, accept_corrections, seen_at)
            after = replace(after, covered=union([*before.covered, *spans]))
            if after != old or after.instrument.rules != before.instrument.rules:
                durable.sync_folder(folder)
                files.write_manifest(folder, after)
                files.remove_unused_files(folder, after)
        return appended

    def load(
        self,
        instrument: Instrument | str,
        timeframe: Timeframe | str,
        start: int | None = None,
        stop: int | None = None,
        venue: str = "",
    ) -> Bars:
        """The stored bars that open at or after `start` and before `stop` (ms, UTC); NotFound if there is no series."""
        wanted, frame = _key(instrument, timeframe, venue)
        folder = files.folder_of(self.folder, wanted, frame)
        before: Manifest | None = None
        while True:
            manifest = files.read_manifest(folder)
            if manifest is None:
                raise self._absent(wanted, frame)
            parts = [
                part
                for part in manifest.years
                if (start is None or part.last >= start) and (stop is None or part.first < stop)
            ]
            try:
                rows = files.read_years(folder, parts)
                break
            except FileNotFoundError as error:
                # Another process replaced the file after the manifest was read: read both again.
                if manifest == before:
                    raise WickworkError(
                        f"The store has lost a file of {wanted} {frame} in {folder}; remove the series and import it."
                    ) from error
                before = manifest
        opens, highs, lows, closes, volumes = rows.values
        bars = Bars.of(manifest.instrument, frame, rows.times, opens, highs, lows, closes, volumes, source="store")
        return bars.between(start, stop)

    def series(self) -> list[SeriesInfo]:
        """All series in the store, sorted by venue, instrument and timeframe."""
        manifests = (files.read_manifest(path.parent) for path in self.folder.glob(f"[!.]*/*/*/{files.MANIFEST}"))
        found = [_info(one) for one in manifests if one and one.years]
        return sorted(found, key=lambda one: (one.venue, str(one.instrument), one.timeframe))

    def find(self, instrument: Instrument | str, timeframe: Timeframe | str, venue: str = "") -> SeriesInfo | None:
        """One stored series; None if there is none."""
        wanted, frame = _key(instrument, timeframe, venue)
        manifest = files.read_manifest(files.folder_of(self.folder, wanted, frame))
        return _info(manifest) if manifest and manifest.years else None

    def remove(self, instrument: Instrument | str, timeframe: Timeframe | str, venue: str = "") -> int:
        """Delete a series with its record of corrections; return how many bars it had. NotFound if there is none."""
        wanted, frame = _key(instrument, timeframe, venue)
        folder = files.folder_of(self.folder, wanted, frame)
        if files.read_manifest(folder) is None:
            raise self._absent(wanted, frame)
        with self._writing(wanted, frame):
            manifest = files.read_manifest(folder)
            (folder / files.MANIFEST).unlink(
                missing_ok=True
            )  # without its manifest the series does not exist; the rest are unused files
            durable.sync_folder(folder)
            files.remove_unused_files(folder, None)
        return sum(part.rows for part in manifest.years) if manifest else 0

    def corrections(
        self, instrument: Instrument | str, timeframe: Timeframe | str, venue: str = ""
    ) -> list[Correction]:
        """Bars that arrived later with other values than those stored, in order of arrival."""
        wanted, frame = _key(instrument, timeframe, venue)
        folder = files.folder_of(self.folder, wanted, frame)
        manifest = files.read_manifest(folder)
        if manifest is None:
            raise self._absent(wanted, frame)
        return files.read_corrections(folder, manifest)

    def covered(self, instrument: Instrument | str, timeframe: Timeframe | str, venue: str = "") -> tuple[Span, ...]:
        """The spans (ms UTC) for which all bars of the venue are stored, in order; NotFound if there is no series."""
        wanted, frame = _key(instrument, timeframe, venue)
        manifest = files.read_manifest(files.folder_of(self.folder, wanted, frame))
        if manifest is None:
            raise self._absent(wanted, frame)
        return manifest.covered

    @contextmanager
    def _writing(self, instrument: Instrument, timeframe: Timeframe) -> Iterator[None]:
        """Lock a series for writing; errors of the disk become WickworkError."""
        what = f"{instrument} {timeframe}"
        locks = self.folder / ".locks"
        name = "+".join(files.folder_of(Path(), instrument, timeframe).parts)
        try:
            durable.make_folder(locks)
            with durable.locked(locks / f"{name}.lock", f"{what} in {self.folder}", self.patience):
                yield
        except OSError as error:
            raise WickworkError(
                f"The store could not write {what} in {self.folder}: {error.strerror or error}. "
                "The series is whole, as before or as after; correct the cause and try again."
            ) from error

    def _absent(self, instrument: Instrument, timeframe: Timeframe) -> NotFound:
        there = self.series()
        name = f"{instrument.venue}:{instrument}" if instrument.venue else str(instrument)
        same = [one for one in there if str(one.instrument) == str(instrument)]
        if same:
            hint = " It has " + ", ".join(f"{one.timeframe} of the venue {one.venue!r}" for one in same) + "."
        elif there:
            hint = did_you_mean(str(instrument), (str(one.instrument) for one in there))
        else:
            hint = " It is empty; import or download bars first."
        return NotFound(f"The store has no {timeframe} bars of {name}.{hint}")


def _info(manifest: Manifest) -> SeriesInfo:
    name, years = manifest.instrument, manifest.years
    rows = sum(part.rows for part in years)
    return SeriesInfo(name.venue, name, manifest.timeframe, rows, years[0].first, years[-1].last)


def _key(instrument: Instrument | str, timeframe: Timeframe | str, venue: str) -> tuple[Instrument, Timeframe]:
    wanted = parse_instrument(instrument)
    return (wanted if wanted.venue else replace(wanted, venue=venue.lower())), parse_timeframe(timeframe)


def _with_bars(
    folder: Path, before: Manifest, bars: Bars, accept: bool, seen_at: int | None
) -> tuple[Manifest, Appended]:
    """Write the changed years into new files; return the manifest that lists them."""
    parts = {part.year: part for part in before.years}
    values = np.array([getattr(bars, name) for name in COLUMNS])
    years = bars.opened_at.astype("datetime64[ms]").astype("datetime64[Y]").astype(np.int64) + 1970
    added = corrected = 0
    found: list[Correction] = []
    for year in (int(one) for one in np.unique(years)):
        fresh = Rows(bars.opened_at[years == year], values[:, years == year])
        stored = files.read_years(folder, [parts[year]] if year in parts else [])
        merged, new, differs = _merge(stored, fresh, accept)
        added += int(new.sum())
        corrected += int(differs.sum())
        if differs.any():
            found += _corrections(stored, fresh, differs, accept, bars.source, seen_at)
        if new.any() or (accept and differs.any()):
            parts[year] = files.write_year(folder, year, merged)
    rules = bars.instrument.rules if bars.instrument.rules != Rules() else before.instrument.rules
    after = Manifest(
        replace(before.instrument, rules=rules),
        before.timeframe,
        tuple(parts[year] for year in sorted(parts)),
        _recorded(folder, before, found),
    )
    return after, Appended(added, len(bars) - added - corrected, corrected)


def _merge(stored: Rows, fresh: Rows, accept: bool) -> tuple[Rows, NDArray[np.bool_], NDArray[np.bool_]]:
    """Stored and fresh bars merged, and two masks over the fresh bars: new ones, and ones that differ."""
    place = np.searchsorted(stored.times, fresh.times)
    known = np.zeros(len(fresh.times), dtype=bool)
    inside = place < len(stored.times)
    known[inside] = stored.times[place[inside]] == fresh.times[inside]
    differs = np.zeros_like(known)
    old, new = stored.values[:, place[known]], fresh.values[:, known]
    differs[known] = (old[:-1] != new[:-1]).any(axis=0) | ~np.isclose(old[-1], new[-1], rtol=SAME_VOLUME, atol=0.0)
    values = stored.values.copy()
    if accept:
        values[:, place[differs]] = fresh.values[:, differs]
    times = np.insert(stored.times, place[~known], fresh.times[~known])
    return Rows(times, np.insert(values, place[~known], fresh.values[:, ~known], axis=1)), ~known, differs


def _corrections(
    stored: Rows, fresh: Rows, differs: NDArray[np.bool_], accept: bool, source: str, seen_at: int | None
) -> list[Correction]:
    times = fresh.times[differs]
    old = stored.values[:, np.searchsorted(stored.times, times)].T.tolist()
    new = fresh.values[:, differs].T.tolist()
    return [
        Correction(when, tuple(was), tuple(now), accept, source, seen_at)
        for when, was, now in zip(times.tolist(), old, new, strict=True)
    ]


def _recorded(folder: Path, before: Manifest, found: list[Correction]) -> str:
    """The file with known and new corrections; the present one if all of them are recorded already."""
    if not found:
        return before.corrections
    known = files.read_corrections(folder, before)
    latest = {one.opened_at: (one.old, one.new, one.accepted) for one in known}
    fresh = [one for one in found if latest.get(one.opened_at) != (one.old, one.new, one.accepted)]
    return files.write_corrections(folder, [*known, *fresh]) if fresh else before.corrections
