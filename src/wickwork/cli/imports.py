"""Import files into the store, and check stored bars and files."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from wickwork.cli import output
from wickwork.cli.output import columns, many
from wickwork.context import Context
from wickwork.launch.bar_sources import StoreSource
from wickwork.market.quality import Report, check_bars
from wickwork.market.raw import Finding
from wickwork.market.sources import Imported, NaiveTimes, import_file, read_bars
from wickwork.market.sources.formats import ending_of, files_below
from wickwork.market.store import Appended, Store
from wickwork.model.bars import iso
from wickwork.model.errors import InputError, NotFound
from wickwork.model.instrument import Instrument, parse_instrument
from wickwork.model.timeframe import parse_timeframe

SHOWN = 5
"""Findings of a file that are shown; the rest are counted, and `wick data check FILE` shows all."""


def import_all(
    paths: Sequence[Path], instrument: str, timeframe: str, venue: str, accept_corrections: bool, as_json: bool
) -> int:
    """Import files and folders, show the result for each, and return the number of failures."""
    frame = parse_timeframe(timeframe) if timeframe else None
    owner = parse_instrument(instrument) if instrument else None
    files: list[Path] = []
    for path in paths:
        files += files_below(path) if path.is_dir() else [path]
    store, now = Context().store, int(time.time() * 1000)
    alone = len(files) == 1
    done: list[Imported] = []
    for path in _with_progress(files):
        try:
            whose = _owner(path, owner, venue)
            done.append(import_file(store, path, whose, frame, accept_corrections, now))
        except InputError as error:
            if alone:
                raise
            done.append(Imported(path, None, None, Appended(0, 0, 0), error=str(error)))
    failed = [one for one in done if one.error]
    if as_json:
        output.write_json([_imported(one) for one in done])
    else:
        _show_imported(done)
    if failed:
        output.note(f"{len(failed)} of {many(len(done), 'file')} could not be imported; {failed[0].error}")
    return len(failed)


def _owner(path: Path, instrument: Instrument | None, venue: str) -> Instrument | None:
    """The instrument of a file, changed by the options."""
    if not venue:
        return instrument
    if instrument is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NaiveTimes)  # the import itself warns
            instrument = read_bars(path).instrument
    return replace(instrument, venue=venue.lower())


def _with_progress(files: Sequence[Path]) -> Iterator[Path]:
    """The files, with a progress bar on a terminal if there are several."""
    if len(files) < 2 or not output.is_terminal():
        yield from files
        return
    from rich.progress import track

    yield from track(files, description="importing", console=output.console(), transient=True)


def _show_imported(done: Sequence[Imported]) -> None:
    heads = columns(
        "file", "instrument", "timeframe", "added", "unchanged", "corrected", "findings",
        right=("added", "unchanged", "corrected"),
    )  # fmt: skip
    rows: list[tuple[str, ...]] = []
    for one in done:
        if one.error:
            rows.append((one.path.name, "", "", "", "", "", "not imported"))
            continue
        kinds: Counter[str] = Counter()
        for finding in one.findings:
            kinds[finding.kind] += finding.count
        found = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items()) or "none"
        numbers = (f"{n:,}" for n in (one.appended.added, one.appended.unchanged, one.appended.corrected))
        rows.append((one.path.name, _full_name(one.instrument), str(one.timeframe), *numbers, found))
    output.table(heads, rows)
    for one in done:
        for finding in one.findings[:SHOWN]:
            output.say(f"  {one.path.name}: {finding.sentence}")
        if len(one.findings) > SHOWN:
            output.say(f"  {one.path.name}: {many(len(one.findings) - SHOWN, 'more finding')}.")
        if one.error and one is not next(o for o in done if o.error):
            output.say(f"  {one.error}")
    differing = sum(one.appended.corrected for one in done)
    if differing:
        output.say(f"{many(differing, 'bar')} differed from what is stored (--accept-corrections decides which stay).")


def _full_name(instrument: Instrument | None) -> str:
    if instrument is None:
        return ""
    return f"{instrument.venue}:{instrument}" if instrument.venue else str(instrument)


def _imported(one: Imported) -> dict[str, Any]:
    return {
        "file": str(one.path),
        "instrument": str(one.instrument) if one.instrument else None,
        "venue": one.instrument.venue if one.instrument else None,
        "timeframe": str(one.timeframe) if one.timeframe else None,
        **asdict(one.appended),
        "findings": [_finding(f) for f in one.findings],
        "error": one.error or None,
    }


# ---- quality


def reports_on(what: Sequence[str], timeframe: str, venue: str) -> list[Report]:
    """A report on each file or stored series; on all stored ones when nothing is named."""
    store = Context().store
    if not what:
        series = store.series()
        if not series:
            raise NotFound(f"The store in {store.folder} is empty; import bars first, or name a file.")
        frame = parse_timeframe(timeframe) if timeframe else None
        chosen = [s for s in series if (not frame or s.timeframe == frame) and (not venue or s.venue == venue.lower())]
        if not chosen:
            raise NotFound("The store has no such series; `wick data list` shows what it has.")
        return [check_bars(store.load(s.instrument, s.timeframe)) for s in chosen]
    reports = []
    for name in what:
        path = Path(name)
        if path.is_dir():
            reports += [check_bars(read_bars(file, None, timeframe or None)) for file in files_below(path)]
        elif path.exists() or ending_of(path):
            reports.append(check_bars(read_bars(path, None, timeframe or None)))
        else:
            reports += _of_store(store, name, timeframe, venue)
    return reports


def _of_store(store: Store, name: str, timeframe: str, venue: str) -> list[Report]:
    bar_source = StoreSource(store)
    found = bar_source.find([name], venue)[0]
    frames = [parse_timeframe(timeframe)] if timeframe else bar_source.timeframes(found)
    return [check_bars(store.load(found, frame)) for frame in frames]


def show_reports(reports: Sequence[Report], as_json: bool) -> None:
    """Print the findings of the checks, one line for each hole."""
    if as_json:
        output.write_json([_report(one) for one in reports])
        return
    for number, one in enumerate(reports):
        if number:
            output.say()
        title = f"{_full_name(one.instrument)} {one.timeframe} from {one.source}: {many(one.rows, 'bar')}"
        span = f", {output.clock(iso(one.first))} to {output.clock(iso(one.last))} UTC" if one.rows else ""
        output.say(title + span, style="bold")
        holes = one.of("gap")
        if holes:
            output.say(f"  {many(one.missing, 'bar')} missing in {many(len(holes), 'hole')}")
        if one.findings:
            output.table(columns("", "", ""), [(f.severity, f.kind, f.sentence) for f in one.findings])
        else:
            output.say("  nothing found: every bar is there and valid")


def _report(one: Report) -> dict[str, Any]:
    return {
        "instrument": str(one.instrument),
        "venue": one.instrument.venue,
        "timeframe": str(one.timeframe),
        "source": one.source,
        "bars": one.rows,
        "first": iso(one.first) if one.rows else None,
        "last": iso(one.last) if one.rows else None,
        "valid": one.valid,
        "sound": one.valid,  # its name before version 0.2
        "missing": one.missing,
        "findings": [_finding(f) for f in one.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    timed = finding.first or finding.last
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "first": iso(finding.first) if timed else None,
        "last": iso(finding.last) if timed else None,
        "count": finding.count,
        "sentence": finding.sentence,
    }
