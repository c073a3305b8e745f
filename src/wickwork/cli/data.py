"""`wick data …`: import, show, check and resample stored bars."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import download, funding, options, output
from wickwork.cli.output import columns, many

if TYPE_CHECKING:
    from wickwork.market.store import SeriesInfo
    from wickwork.model.bars import Bars
    from wickwork.model.instrument import Instrument

Instrument_ = Annotated[str, typer.Argument(metavar="INSTRUMENT", help="In any spelling, such as BTC/USDT.")]
Timeframe_ = Annotated[str, typer.Option("--timeframe", metavar="TF", help="Such as 1m, 1h or 1d.")]
OneTimeframe = Annotated[
    str, typer.Option("--timeframe", metavar="TF", help="Such as 1m or 1h; may be left out where there is only one.")
]
Corrections = Annotated[
    bool, typer.Option("--accept-corrections", help="Let new values take the place of stored ones that differ.")
]


def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of files.")],
    instrument: Annotated[
        str,
        typer.Option("--instrument", metavar="NAME", help="The instrument, if the name of the file does not say it."),
    ] = "",
    timeframe: Timeframe_ = "",
    venue: options.Venue = "",
    accept_corrections: Corrections = False,
    as_json: options.Json = False,
) -> None:
    """Import CSV, Parquet, Feather and JSON files, also zipped. Importing a file twice changes nothing."""
    from wickwork.cli.imports import import_all

    failed = import_all(paths, instrument, timeframe, venue, accept_corrections, as_json)
    if failed:
        raise typer.Exit(2)


def check(
    what: Annotated[
        list[str] | None, typer.Argument(metavar="[INSTRUMENT|PATH]...", help="Stored series or files; all if none.")
    ] = None,
    timeframe: Timeframe_ = "",
    venue: options.Venue = "",
    as_json: options.Json = False,
) -> None:
    """Look for holes, errors and outliers; exit code 1 if there are errors."""
    from wickwork.cli.imports import reports_on, show_reports

    reports = reports_on(what or [], timeframe, venue)
    show_reports(reports, as_json)
    bad = [one for one in reports if not one.valid]
    if bad:
        word = "has" if len(bad) == 1 else "have"
        sources = ", ".join(one.source for one in bad[:3])
        output.note(f"{sources} {word} errors; `wick data import` leaves such rows out, or correct the file.")
        raise typer.Exit(1)


def list_(as_json: options.Json = False) -> None:
    """List the series in the bar store."""
    from wickwork.context import Context
    from wickwork.launch.bar_sources import LOCAL
    from wickwork.model.bars import iso

    store = Context().store
    found = store.series()
    if as_json:
        output.write_json([_described(one) for one in found])
        return
    if not found:
        output.say(f"The store in {store.folder} is empty; `wick data download` and `wick data import FILE` add to it.")
        return
    rows = [
        (
            one.venue or LOCAL,
            str(one.instrument),
            str(one.timeframe),
            f"{one.rows:,}",
            output.clock(iso(one.first)),
            output.clock(iso(one.last)),
        )
        for one in found
    ]
    output.table(columns("venue", "instrument", "timeframe", "bars", "first", "last", right=("bars",)), rows)


def show(
    instrument: Instrument_,
    timeframe: OneTimeframe = "",
    venue: options.Venue = "",
    head: Annotated[int | None, typer.Option("--head", metavar="N", min=1, help="Only the first N.")] = None,
    tail: Annotated[int | None, typer.Option("--tail", metavar="N", min=1, help="Only the last N.")] = None,
    start: options.From = "",
    stop: options.To = "",
    as_json: options.Json = False,
) -> None:
    """Show stored bars: the last ten, unless --head, --tail, --from or --to are given."""
    from wickwork.model.errors import InputError

    if head and tail:
        raise InputError("Give --head or --tail, not both.")
    first, end = options.span(start, stop)
    bars = _stored(instrument, timeframe, venue, first, end)
    if head:
        bars = bars.slice(0, head)
    elif tail or (first is None and end is None):
        bars = bars.slice(max(0, len(bars) - (tail or 10)), len(bars))
    rows = _rows(bars)
    if as_json:
        output.write_json(rows)
        return
    if not rows:
        output.say(f"There are no {bars.timeframe} bars of {bars.instrument} in that span.")
        return
    names = ("open", "high", "low", "close", "volume")
    lines = [(output.clock(row["opened_at"]), *(_cell(name, row[name]) for name in names)) for row in rows]
    output.table(columns("opened at (UTC)", *names, right=names), lines, title=f"{bars.instrument} {bars.timeframe}")


def resample(
    instrument: Instrument_,
    to: Annotated[str, typer.Option("--to", metavar="TF", help="The slower timeframe.")],
    timeframe: OneTimeframe = "",
    venue: options.Venue = "",
    accept_corrections: Corrections = False,
    as_json: options.Json = False,
) -> None:
    """Build bars of a longer timeframe from stored ones, and store them."""
    from wickwork.context import Context
    from wickwork.market.resample import resample as make_slower
    from wickwork.model.errors import InputError

    bars = _stored(instrument, timeframe, venue, None, None)
    slower = make_slower(bars, to)
    if slower.timeframe == bars.timeframe:
        raise InputError(f"The stored bars are {bars.timeframe} already; choose a longer timeframe with --to.")
    done = Context().store.append(slower, accept_corrections, seen_at=_now())
    if as_json:
        output.write_json(
            {
                "instrument": str(slower.instrument),
                "venue": slower.instrument.venue,
                "timeframe": str(slower.timeframe),
                "bars": len(slower),
                "added": done.added,
                "unchanged": done.unchanged,
                "corrected": done.corrected,
            }
        )
        return
    output.say(
        f"{slower.instrument} {bars.timeframe} → {slower.timeframe}: {many(len(slower), 'bar')}, "
        f"{done.added:,} added, {done.unchanged:,} unchanged, {done.corrected:,} corrected."
    )


def remove(
    instrument: Instrument_,
    timeframe: OneTimeframe = "",
    venue: options.Venue = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this nothing is deleted.")] = False,
    as_json: options.Json = False,
) -> None:
    """Delete a stored series with its record of corrections."""
    from wickwork.context import Context
    from wickwork.model.errors import Refused

    store = Context().store
    found, frame = _series(store, instrument, timeframe, venue)
    name = f"{found} {frame}" + (f" of {found.venue}" if found.venue else "")
    if not yes:
        rows = next((s.rows for s in store.series() if s.instrument == found and str(s.timeframe) == frame), 0)
        raise Refused(f"This would delete {many(rows, 'bar')} of {name}; add --yes if that is meant.")
    gone = store.remove(found, frame)
    if as_json:
        output.write_json({"instrument": str(found), "venue": found.venue, "timeframe": frame, "removed": gone})
    else:
        output.say(f"{name}: {many(gone, 'bar')} deleted.")


VERBS: dict[str, Callable[..., None]] = {
    **download.VERBS,
    **funding.VERBS,
    "import": import_,
    "check": check,
    "list": list_,
    "show": show,
    "resample": resample,
    "remove": remove,
}


def _now() -> int:
    return int(time.time() * 1000)


def _described(one: SeriesInfo) -> dict[str, Any]:
    from wickwork.model.bars import iso

    return {
        "venue": one.venue,
        "instrument": str(one.instrument),
        "timeframe": str(one.timeframe),
        "bars": one.rows,
        "first": iso(one.first),
        "last": iso(one.last),
    }


def _series(store: Any, instrument: str, timeframe: str, venue: str) -> tuple[Instrument, str]:
    """The series that the options name; venue and timeframe may be left out if there is only one."""
    from wickwork.launch.bar_sources import StoreSource
    from wickwork.model.errors import InputError, NotFound
    from wickwork.model.timeframe import parse_timeframe

    bar_source = StoreSource(store)
    found = bar_source.find([instrument], venue)[0]
    have = bar_source.timeframes(found)
    there = ", ".join(map(str, have))
    if not timeframe:
        if len(have) > 1:
            raise InputError(f"The store has {found} in several timeframes; choose one with --timeframe {there}.")
        return found, str(have[0])
    frame = parse_timeframe(timeframe)
    if frame not in have:
        raise NotFound(f"The store has no {frame} bars of {found}; choose --timeframe {there}.")
    return found, str(frame)


def _stored(instrument: str, timeframe: str, venue: str, start: int | None, stop: int | None) -> Bars:
    from wickwork.context import Context

    store = Context().store
    found, frame = _series(store, instrument, timeframe, venue)
    return store.load(found, frame, start, stop)


def _rows(bars: Bars) -> list[dict[str, Any]]:
    from wickwork.model.bars import COLUMNS, iso

    values = [getattr(bars, name).tolist() for name in COLUMNS]
    times = [iso(moment) for moment in bars.opened_at]
    return [dict(zip(("opened_at", *COLUMNS), row, strict=True)) for row in zip(times, *values, strict=True)]


def _cell(name: str, value: float) -> str:
    return output.amount(round(value, 4)) if name == "volume" else output.price(value)
