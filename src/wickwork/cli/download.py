"""`wick data download` and `wick data update`: bars from exchanges into the store."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import options, output
from wickwork.cli.meter import Meter, metered
from wickwork.cli.output import columns, many

if TYPE_CHECKING:
    from wickwork.market.download.backfill import Progress
    from wickwork.market.download.connection import Connection
    from wickwork.market.spans import Span
    from wickwork.market.store import SeriesInfo, Store
    from wickwork.model.instrument import Instrument, Kind
    from wickwork.model.timeframe import Timeframe

Address = Annotated[
    str,
    typer.Option(
        "--address", metavar="URL", envvar="WICKWORK_EXCHANGE_ADDRESS", help="Download from a mirror or a test server."
    ),
]
Timeframes = Annotated[
    list[str] | None, typer.Option("--timeframe", metavar="TF", help="Such as 1m or 1h; may be given several times.")
]
FOREVER = 2**62
MOST_SHOWN = 5
"""Findings of a series that are shown; the rest are counted."""


def download(
    instruments: Annotated[list[str], typer.Argument(metavar="INSTRUMENT", help="Such as BTC/USDT, BTC/USDT:USDT.")],
    timeframe: Timeframes = None,
    venue: Annotated[str, typer.Option("--venue", metavar="NAME", help="binance, bybit or kucoin.")] = "",
    start: options.From = "",
    stop: options.To = "",
    holes: Annotated[
        bool, typer.Option("--holes", help="Request again the bars that the exchange did not have.")
    ] = False,
    address: Address = "",
    as_json: options.Json = False,
) -> None:
    """Download bars from an exchange; no key is needed. A second call requests only what is missing."""
    from wickwork.context import Context
    from wickwork.model.errors import InputError
    from wickwork.model.instrument import parse_instrument
    from wickwork.model.timeframe import parse_timeframe

    first, end = options.span(start, stop)
    store = Context().store
    beginnings = {(one.instrument, one.timeframe): one.first for one in store.series()}
    jobs = []
    with metered() as meter:
        places = Places(address, meter)
        for name in instruments:
            wanted = parse_instrument(name)
            wanted = replace(wanted, venue=wanted.venue or venue.lower())
            for frame in dict.fromkeys(parse_timeframe(one) for one in timeframe or ["1h"]):
                found, frame = places.find(wanted, frame)
                begin = beginnings.get((found, frame)) if first is None else first
                if begin is None:
                    raise InputError(f"The store has no {frame} bars of {found} of {found.venue} yet; give --from.")
                if begin >= places.of(found).now:
                    raise InputError(f"--from {start} lies in the future; no bar has closed since.")
                jobs.append(_Job(found, frame, (begin, FOREVER if end is None else end)))
        done = _work(store, jobs, places, meter, holes)
    _finish(store, done, as_json)


def update(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="INSTRUMENT", help="Stored instruments; all if none.")
    ] = None,
    timeframe: Timeframes = None,
    venue: options.Venue = "",
    address: Address = "",
    as_json: options.Json = False,
) -> None:
    """Bring stored series of exchanges up to the last closed bar."""
    from wickwork.context import Context

    store = Context().store
    jobs = [
        _Job(one.instrument, one.timeframe, (one.last + one.timeframe.milliseconds, FOREVER))
        for one in _chosen(store, names or [], timeframe or [], venue)
    ]
    with metered() as meter:
        done = _work(store, jobs, Places(address, meter), meter, keep_going=True)
    _finish(store, done, as_json)


def _chosen(store: Store, names: Sequence[str], timeframes: Sequence[str], venue: str) -> list[SeriesInfo]:
    """The stored series that the options name; NotFound if none of them is of an exchange."""
    from wickwork.launch.bar_sources import StoreSource
    from wickwork.market.download.exchanges import EXCHANGES
    from wickwork.model.errors import NotFound
    from wickwork.model.instrument import parse_instrument
    from wickwork.model.timeframe import parse_timeframe

    frames = {parse_timeframe(one) for one in timeframes}
    series = [one for one in store.series() if not frames or one.timeframe in frames]
    if names:
        chosen = []
        for name in names:
            wanted = parse_instrument(name)
            connection = wanted.venue or venue.lower()
            same = [s for s in series if str(s.instrument) == str(wanted) and connection in ("", s.venue)]
            if not same:
                found = StoreSource(store).find([name], venue)[0]
                raise NotFound(f"The store has no such timeframe of {found}; `wick data list` shows what it has.")
            chosen += same
        series = chosen
    elif venue:
        series = [one for one in series if one.venue == venue.lower()]
    series = list(dict.fromkeys(one for one in series if one.venue in EXCHANGES))
    if not series:
        raise NotFound(
            f"The store has no such series of {', '.join(EXCHANGES)}; `wick data list` shows what it has, "
            "`wick data download` adds to it."
        )
    return series


# ---- downloading


@dataclass(frozen=True)
class _Job:
    instrument: Instrument
    timeframe: Timeframe
    span: Span

    def __str__(self) -> str:
        return f"{self.instrument.venue}:{self.instrument} {self.timeframe}"


@dataclass(frozen=True)
class _Done:
    """Result of a job; `error` is why it did not finish, `given_up` is true where a repetition cannot help."""

    job: _Job
    progress: Progress | None = None
    error: str = ""
    given_up: bool = False


class Places:
    """The connections that are open."""

    def __init__(self, address: str, meter: Meter) -> None:
        self.address, self.meter = address, meter
        self.opened: dict[tuple[str, Kind], Connection] = {}

    def of(self, instrument: Instrument) -> Connection:
        """The connection to the segment that trades the instrument."""
        from wickwork.market.download.connection import connect
        from wickwork.market.download.request import Timing

        key = instrument.venue, instrument.kind
        if key not in self.opened:
            life = Timing(_now, time.sleep, random.random)
            with output.working(f"requesting the instruments of {instrument.venue or 'the exchange'}"):
                self.opened[key] = connect(*key, life, self.meter.on_pause, self.address)
        return self.opened[key]

    def find(self, instrument: Instrument, timeframe: Timeframe) -> tuple[Instrument, Timeframe]:
        """The instrument with its rules, and the timeframe, if the exchange has them."""
        from wickwork.market.download.connection import find, timeframe_of

        connection = self.of(instrument)
        return find(connection, instrument), timeframe_of(connection, timeframe)


def _work(
    store: Store, jobs: Sequence[_Job], places: Places, meter: Meter, holes: bool = False, keep_going: bool = False
) -> list[_Done]:
    """Run the jobs in order until one fails; with `keep_going`, run all of them.

    When it is interrupted, it says what is stored.
    """
    from wickwork.market.download.backfill import Progress, backfill
    from wickwork.market.download.request import RequestFailed
    from wickwork.model.errors import InputError, WickworkError

    done: list[_Done] = []
    silent: set[str] = set()
    for job in jobs:
        if job.instrument.venue in silent or (not keep_going and any(one.error for one in done)):
            done.append(_Done(job, error="it was not begun."))
            continue
        reached = Progress(0, 0, 0, None)

        def on_progress(progress: Progress, job: _Job = job) -> None:
            nonlocal reached
            reached = progress
            meter.show(str(job), progress)

        try:
            connection = places.of(job.instrument)
            try:
                found, frame = places.find(job.instrument, job.timeframe)
                backfill(store, connection, found, frame, job.span, holes, on_progress, meter.on_pause)
                done.append(_Done(job, reached))
            except InputError as error:
                done.append(_Done(job, reached, str(error), given_up=keep_going))
        except InputError:
            raise
        except WickworkError as error:
            if isinstance(error, RequestFailed):
                silent.add(job.instrument.venue)
            done.append(_Done(job, reached, f"{error} {_left_off(reached)}"))
        except KeyboardInterrupt:
            meter.close()
            output.note(f"{job}: {_left_off(reached)}")
            raise
    return done


def _left_off(reached: Progress) -> str:
    """What is stored of an unfinished download, and how to continue it."""
    from wickwork.model.bars import iso

    if reached.stored_until is None:
        return "Nothing new is stored; the same command tries again."
    until = output.clock(iso(reached.stored_until))
    return f"{many(reached.added, 'new bar')} up to {until} stored; the same command goes on from there."


def _now() -> int:
    return int(time.time() * 1000)


# ---- results


def _finish(store: Store, done: Sequence[_Done], as_json: bool) -> None:
    """Show the results; exit with 2 if a job did not finish."""
    there = {(one.instrument, one.timeframe): one for one in store.series()}
    if as_json:
        output.write_json([_described(one, there.get((one.job.instrument, one.job.timeframe))) for one in done])
    else:
        _show(done, [there.get((one.job.instrument, one.job.timeframe)) for one in done])
    failed = [one for one in done if one.error and not one.given_up]
    if failed:
        first = failed[0]
        rest = f" {many(len(failed) - 1, 'further series', 'further series')} not done." if len(failed) > 1 else ""
        output.note(f"{first.job}: {first.error}{rest}")
        raise typer.Exit(2)


def _show(done: Sequence[_Done], there: Sequence[SeriesInfo | None]) -> None:
    from wickwork.model.bars import iso

    heads = columns("venue", "instrument", "timeframe", "added", "bars", "absent", "first", "last",
                    right=("added", "bars", "absent"))  # fmt: skip
    rows: list[tuple[str, ...]] = []
    for one, stored in zip(done, there, strict=True):
        job = one.job
        name = job.instrument.venue, str(job.instrument), str(job.timeframe), f"{_added(one):,}"
        if stored is None:
            rows.append((*name, "0", "", "", ""))
        else:
            times = (output.clock(iso(moment)) for moment in (stored.first, stored.last))
            rows.append((*name, f"{stored.rows:,}", f"{_absent(stored):,}", *times))
    output.table(heads, rows)
    for one in done:
        findings = one.progress.findings if one.progress else ()
        for finding in findings[:MOST_SHOWN]:
            output.say(f"  {one.job}: {finding.sentence}")
        if len(findings) > MOST_SHOWN:
            output.say(f"  {one.job}: {many(len(findings) - MOST_SHOWN, 'more finding')}.")
        if one.given_up:
            output.say(f"  {one.job}: {one.error}")


def _described(one: _Done, stored: SeriesInfo | None) -> dict[str, Any]:
    from wickwork.model.bars import iso

    return {
        "instrument": str(one.job.instrument),
        "venue": one.job.instrument.venue,
        "timeframe": str(one.job.timeframe),
        "added": _added(one),
        "bars": stored.rows if stored else 0,
        "absent": _absent(stored) if stored else 0,
        "first": iso(stored.first) if stored else None,
        "last": iso(stored.last) if stored else None,
        "findings": [finding.sentence for finding in one.progress.findings] if one.progress else [],
        "error": one.error or None,
    }


def _added(one: _Done) -> int:
    return one.progress.added if one.progress else 0


def _absent(stored: SeriesInfo) -> int:
    """Bars that are missing between the first and the last."""
    return (stored.last - stored.first) // stored.timeframe.milliseconds + 1 - stored.rows


VERBS: dict[str, Callable[..., None]] = {"download": download, "update": update}
