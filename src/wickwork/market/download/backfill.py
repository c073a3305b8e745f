"""Download the missing bars of a stored series.

A bar is missing if it is neither stored nor known to be a hole; only missing spans are requested, in order, page by
page. A response may be shorter than the request, at either end: it covers the time from its first to its last row, and
the rest is requested again. A span is a hole of the exchange if it lies between two rows of one response, or if
requests for exactly that span came back empty and the exchange has a later bar. Holes are stored with the bars, a batch
at a time, and are not requested again unless `holes` is set. A stopped download continues after its last batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from wickwork.market.download.connection import Connection, Page, next_traded_day, page
from wickwork.market.download.request import OnPause
from wickwork.market.raw import Finding
from wickwork.market.spans import Span, filled, windows, without
from wickwork.market.store import Store
from wickwork.model.bars import COLUMNS, Bars
from wickwork.model.errors import NotFound
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import Timeframe

BATCH = 20
"""Pages that are stored together; each store rewrites the file of a year, so one page at a time would be slow."""


@dataclass(frozen=True)
class Progress:
    """State of a download: missing bars that were answered, of `total`; bars added; end (ms) of the last stored bar.

    A bar that the exchange does not have counts as answered.
    """

    answered: int
    total: int
    added: int
    stored_until: int | None
    findings: tuple[Finding, ...] = ()


def missing(
    store: Store, instrument: Instrument, timeframe: Timeframe, wanted: Span, holes: bool = False
) -> list[Span]:
    """The spans within `wanted` (ms UTC) whose bars are neither stored nor known to be holes, in order.

    With `holes`, known holes are missing as well.
    """
    step = timeframe.milliseconds
    span = (timeframe.floor(wanted[0] + step - 1), timeframe.floor(wanted[1] + step - 1))
    try:
        stored = store.load(instrument, timeframe, *span)
    except NotFound:
        return without(span, [])
    covered = () if holes else store.covered(instrument, timeframe)
    return without(span, [*filled(stored.opened_at, timeframe), *covered])


def backfill(
    store: Store,
    connection: Connection,
    instrument: Instrument,
    timeframe: Timeframe,
    wanted: Span,
    holes: bool = False,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_pause: OnPause = lambda seconds, why: None,
) -> Progress:
    """Download what is missing of a span (ms UTC), up to the last closed bar; return the final progress.

    `on_progress` is called after every page and every stored batch, `on_pause` before every pause. Pages that arrived
    are stored before an error or an interruption is raised. Raises RequestFailed, InputError, and errors of the store.
    """
    step = timeframe.milliseconds
    end = min(wanted[1], timeframe.floor(connection.now))
    start = max(wanted[0], timeframe.floor(connection.exchange.since))
    if start >= end:
        return Progress(0, 0, 0, None)
    spans = missing(store, instrument, timeframe, (start, end), holes)
    state = Progress(0, sum(b - a for a, b in spans) // step, 0, None)
    on_progress(state)
    pending: list[Page] = []
    empty: list[Span] = []
    there = store.find(instrument, timeframe)
    latest = there.last if there else None

    def flush() -> None:
        nonlocal state, latest, empty
        times = [int(one.bars.opened_at[-1]) for one in pending if len(one.bars)]
        latest = max([*times, *([] if latest is None else [latest])], default=None)
        holes = [] if latest is None else [one for one in empty if one[1] <= latest]
        if latest is not None and (pending or holes):  # holes can be stored only with bars
            added = _append(store, instrument, timeframe, pending, holes, connection.now)
            until = max(times) + step if times else state.stored_until
            state = replace(state, added=state.added + added, stored_until=until)
            pending.clear()
            empty = [one for one in empty if one not in holes]
            on_progress(state)

    def wait(seconds: float, why: str) -> None:
        flush()
        on_pause(seconds, why)

    try:
        for one in _pages(connection, instrument, timeframe, spans, holes, wait):
            if one.empty:
                empty.append(one.span)
            else:
                pending.append(one)
            answered = state.answered + sum(max(0, min(b, one.span[1]) - max(a, one.span[0])) for a, b in spans) // step
            state = replace(state, answered=answered, findings=(*state.findings, *one.findings))
            on_progress(state)
            if len(pending) + len(empty) >= BATCH:
                flush()
    finally:
        flush()
    return state


def _pages(
    connection: Connection,
    instrument: Instrument,
    timeframe: Timeframe,
    spans: list[Span],
    together: bool,
    on_pause: OnPause,
) -> Iterator[Page]:
    """The pages of the spans, in order; long stretches without trades are skipped."""
    step = timeframe.milliseconds
    length = connection.segment.page * step
    for start, stop in windows(spans, length) if together else spans:
        cursor = start
        while cursor < stop:
            end = min(cursor + length, stop)
            last = page(connection, instrument, timeframe, (cursor, end), on_pause)
            if last.empty and stop - end > length:
                day = next_traded_day(connection, instrument, (end, stop), on_pause)
                last = replace(last, span=(cursor, max(end, timeframe.floor(day))))
            answers = [last]
            while gaps := without((cursor, last.span[1]), [one.span for one in answers]):
                answers += [page(connection, instrument, timeframe, gap, on_pause) for gap in gaps]
            yield from sorted(answers, key=lambda one: one.span)
            cursor = last.span[1]


def _append(
    store: Store, instrument: Instrument, timeframe: Timeframe, pages: list[Page], holes: list[Span], now: int
) -> int:
    """Store pages, the spans that they cover, and holes in one step; return the number of new bars."""
    times = np.concatenate([np.empty(0, np.int64), *(one.bars.opened_at for one in pages)])
    opens, highs, lows, closes, volumes = (
        np.concatenate([np.empty(0), *(getattr(one.bars, name) for one in pages)]) for name in COLUMNS
    )
    source = pages[0].bars.source if pages else ""
    bars = Bars.of(instrument, timeframe, times, opens, highs, lows, closes, volumes, source=source)
    return store.append(bars, seen_at=now, covered=[*(one.span for one in pages), *holes]).added
