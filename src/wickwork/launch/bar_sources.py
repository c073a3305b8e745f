"""Sources of bars: the demo market, the store, a file, a folder of files."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from wickwork.context import Context
from wickwork.market.demo import DEMO_SOURCE, DEMO_START, DEMO_STOP, demo_bars, demo_instrument
from wickwork.market.sources import load_bars
from wickwork.market.sources.formats import files_below
from wickwork.market.sources.naming import read_path
from wickwork.market.store import SeriesInfo, Store
from wickwork.model.bars import COLUMNS, Bars, iso
from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.model.instrument import Instrument, parse_instrument
from wickwork.model.timeframe import HOUR, MINUTE, Timeframe

ONE_HOUR = Timeframe(HOUR)


LOCAL = "local"
"""Name of the venue of bars without one."""


class BarSource(Protocol):
    """A source of bars."""

    source: str
    synthetic: bool

    def find(self, names: list[str], venue: str) -> list[Instrument]:
        """The instruments of those names, or the default ones; NotFound names those that exist."""

    def timeframes(self, instrument: Instrument) -> list[Timeframe]:
        """The timeframes of an instrument, the shortest first; empty if every timeframe can be built."""

    def usual(self, instrument: Instrument) -> Timeframe:
        """The default timeframe."""

    def load(self, instrument: Instrument, timeframe: Timeframe, start: int | None, stop: int | None) -> Bars:
        """The bars that open at or after `start` and before `stop`."""

    def extent(self, instrument: Instrument) -> str:
        """The time covered by bars, as text; empty if there are none."""


class DemoSource:
    """The demo market."""

    source, synthetic = DEMO_SOURCE, True

    def find(self, names: list[str], venue: str) -> list[Instrument]:
        """The instruments of those names."""
        return [demo_instrument(name) for name in names or ["BTC/USDT"]]

    def timeframes(self, instrument: Instrument) -> list[Timeframe]:
        """The timeframes of an instrument, the shortest first."""
        return []

    def usual(self, instrument: Instrument) -> Timeframe:
        """The default timeframe."""
        return ONE_HOUR

    def load(self, instrument: Instrument, timeframe: Timeframe, start: int | None, stop: int | None) -> Bars:
        """The bars of a span."""
        if timeframe.milliseconds < MINUTE:
            raise InputError(f"The demo market has no bars of {timeframe}; its fastest are of 1m.")
        return demo_bars(instrument, timeframe, start, stop)

    def extent(self, instrument: Instrument) -> str:
        """The time covered by bars."""
        return f"from {iso(DEMO_START)} to {iso(DEMO_STOP)}"


class StoreSource:
    """The bar store."""

    source, synthetic = "store", False

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Context().store

    @cached_property
    def _series(self) -> list[SeriesInfo]:
        return self.store.series()

    def find(self, names: list[str], venue: str) -> list[Instrument]:
        """The instruments of those names."""
        return [self._find(name, venue) for name in names or ["BTC/USDT"]]

    def _find(self, name: str, venue: str) -> Instrument:
        wanted = parse_instrument(name)
        place = wanted.venue or venue.lower()
        no_venue = place == LOCAL
        same = {one.instrument for one in self._series if str(one.instrument) == str(wanted)}
        there = {one for one in same if one.venue == ("" if no_venue else place)} if place else same
        if len(there) == 1:
            return next(iter(there))
        venues = ", ".join(one.venue or LOCAL for one in sorted(same, key=lambda one: one.venue))
        if there:
            raise InputError(
                f"The store has {wanted} of several venues ({venues}); choose one with --venue, or write "
                f"{venues.split(', ')[0].upper()}:{wanted}."
            )
        if same:
            raise NotFound(f"The store has no {wanted} of the venue {place!r}; it has it of {venues}.")
        hint = did_you_mean(str(wanted), (str(one.instrument) for one in self._series))
        if hint:
            raise NotFound(f"The store has no bars of {wanted}.{hint}")
        raise NotFound(
            f"The store has no bars of {wanted}; `wick data list` shows what it has, `wick data import` and "
            "`wick data download` add to it."
        )

    def timeframes(self, instrument: Instrument) -> list[Timeframe]:
        """The timeframes of an instrument, the shortest first."""
        return sorted(one.timeframe for one in self._series if one.instrument == instrument)

    def usual(self, instrument: Instrument) -> Timeframe:
        """The default timeframe."""
        return ONE_HOUR

    def load(self, instrument: Instrument, timeframe: Timeframe, start: int | None, stop: int | None) -> Bars:
        """The bars of a span."""
        return self.store.load(instrument, timeframe, start, stop)

    def extent(self, instrument: Instrument) -> str:
        """The time covered by bars."""
        return _extent([(one.first, one.last) for one in self._series if one.instrument == instrument])


class FileSource:
    """A file, or every readable file below a folder; files of one instrument and timeframe are joined.

    Bars that have not closed at `now` (ms UTC) are left out with a warning, as an import does.
    """

    synthetic = False

    def __init__(self, path: Path, instruments: list[str], venue: str, timeframe: Timeframe | None, now: int) -> None:
        self.source = path.name
        self.bars: dict[Instrument, dict[Timeframe, Bars]] = {}
        if path.is_dir():
            found = _of_folder(path, {str(parse_instrument(name)) for name in instruments}, now)
        elif len(instruments) > 1:
            raise InputError(f"{path} is one file, which holds one instrument; name a folder with a file for each.")
        else:
            found = [_of_file(path, instruments[0] if instruments else None, timeframe, now)]
        named = {str(one): one.venue for one in map(parse_instrument, instruments) if one.venue}
        parts: dict[tuple[Instrument, Timeframe], list[Bars]] = {}
        for bars in _of_one_venue(found, path, venue.lower(), named):
            owner = replace(bars.instrument, venue=venue.lower() or bars.instrument.venue)
            parts.setdefault((owner, bars.timeframe), []).append(replace(bars, instrument=owner))
        for (owner, frame), pieces in sorted(parts.items(), key=lambda item: (str(item[0][0]), item[0][1])):
            self.bars.setdefault(owner, {})[frame] = joined(pieces)

    def find(self, names: list[str], venue: str) -> list[Instrument]:
        """The instruments of those names."""
        known = {str(one): one for one in self.bars}
        wanted = [str(parse_instrument(name)) for name in names] or list(known)
        for name in wanted:
            if name not in known:
                raise NotFound(
                    f"{self.source} has no {name}.{did_you_mean(name, known) or ' It has ' + _listed(known)}"
                )
        return [known[name] for name in wanted]

    def timeframes(self, instrument: Instrument) -> list[Timeframe]:
        """The timeframes of an instrument, the shortest first."""
        return sorted(self.bars[instrument])

    def usual(self, instrument: Instrument) -> Timeframe:
        """The default timeframe."""
        have = self.timeframes(instrument)
        return have[0] if len(have) == 1 else ONE_HOUR

    def load(self, instrument: Instrument, timeframe: Timeframe, start: int | None, stop: int | None) -> Bars:
        """The bars of a span."""
        return self.bars[instrument][timeframe].between(start, stop)

    def extent(self, instrument: Instrument) -> str:
        """The time covered by bars."""
        return _extent([(b.opened_at[0], b.opened_at[-1]) for b in self.bars[instrument].values() if len(b)])


def source_of(data: str, instruments: list[str], venue: str, timeframe: Timeframe | None) -> BarSource:
    """The source of a text: `demo`, `store`, or the path of a file or folder."""
    if data == "demo":
        return DemoSource()
    if data == "store":
        return StoreSource()
    return FileSource(Path(data), instruments, venue, timeframe, int(time.time() * 1000))


def joined(pieces: list[Bars]) -> Bars:
    """Bars of one instrument and timeframe from several files, sorted by the first bar of each file."""
    if len(pieces) == 1:
        return pieces[0]
    pieces = sorted((p for p in pieces if len(p)), key=lambda p: int(p.opened_at[0])) or pieces[:1]
    names = ", ".join(p.source for p in pieces[:3]) + (", …" if len(pieces) > 3 else "")
    times = np.concatenate([p.opened_at for p in pieces])
    opens, highs, lows, closes, volumes = (np.concatenate([getattr(p, name) for p in pieces]) for name in COLUMNS)
    first = pieces[0]
    return Bars.of(first.instrument, first.timeframe, times, opens, highs, lows, closes, volumes, source=names)


def _of_file(path: Path, instrument: str | None, timeframe: Timeframe | None, now: int) -> Bars:
    """The bars of a file; `timeframe` is used only if the file does not state its own."""
    try:
        return load_bars(path, instrument, now=now)
    except NotFound:
        raise
    except InputError:
        if timeframe is None:
            raise
        return load_bars(path, instrument, timeframe, now)


def _of_folder(folder: Path, wanted: set[str], now: int) -> list[Bars]:
    found = []
    for path in files_below(folder):
        named = read_path(path).instrument
        if wanted and named and str(named) not in wanted:
            continue
        bars = load_bars(path, now=now)
        if not wanted or str(bars.instrument) in wanted:
            found.append(bars)
    if not found:
        raise NotFound(f"{folder} has no bars of {_listed(sorted(wanted))}")
    return found


def _of_one_venue(found: list[Bars], path: Path, venue: str, named: Mapping[str, str]) -> list[Bars]:
    """The bars without those of further venues; `named` has the venues of single instruments.

    Raises InputError where an instrument has bars of several venues and none of them is chosen.
    """
    venues: dict[str, set[str]] = {}
    for bars in found:
        venues.setdefault(str(bars.instrument), set()).add(bars.instrument.venue)
    chosen: dict[str, str] = {}
    for name, several in venues.items():
        wanted = named.get(name, venue)
        if len(several) == 1 or (wanted or LOCAL) in several:
            chosen[name] = wanted if len(several) > 1 else next(iter(several))
            continue
        words = ", ".join(sorted(one or LOCAL for one in several))
        raise InputError(
            f"{path} has {name} of several venues ({words}); choose one with --venue (in a configuration "
            f"execution.venue), or name the folder of one."
        )
    return [bars for bars in found if bars.instrument.venue == chosen[str(bars.instrument)]]


def _listed(names: Iterable[str]) -> str:
    words = list(names)
    return ", ".join(words[:8]) + (", …" if len(words) > 8 else ".")


def _extent(spans: list[tuple[int, int]]) -> str:
    if not spans:
        return ""
    return f"from {iso(min(first for first, _ in spans))} to {iso(max(last for _, last in spans))}"
