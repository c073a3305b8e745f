"""The missing bars of a stored series, from the exchange into the store.

What is neither stored nor known to be a hole is missing, and only that is requested, in order, page after page. An
answer may be shorter than the request, at either end: it covers what lies between its first and its last row, and the
rest is requested again. A span is a hole of the exchange's own when it lies between two rows of one answer, or when
requests for just that span came back empty and the exchange has a later bar. Holes are stored with the bars, a batch at
a time, and not requested again unless that is wanted; whatever stops a download, the next one goes on from the last
batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from wickwork.market.download.asking import Waiting
from wickwork.market.download.place import Page, Place, next_traded_day, page
from wickwork.market.raw import Finding
from wickwork.market.spans import Span, filled, windows, without
from wickwork.market.store import Store
from wickwork.model.bars import COLUMNS, Bars
from wickwork.model.errors import NotFound
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import Timeframe

BATCH = 20
"""So many pages are stored at once; writing each by itself would write the file of a year again for every page."""


@dataclass(frozen=True)
class Progress:
    """How far a download is: bars answered for, of so many that were missing; bars added, and the end (ms) of the last.

    An answer counts whether the exchange has the bars or not.
    """

    asked: int
    total: int
    added: int
    stored_until: int | None
    findings: tuple[Finding, ...] = ()


def missing(
    store: Store, instrument: Instrument, timeframe: Timeframe, wanted: Span, holes: bool = False
) -> list[Span]:
    """The spans of a wanted one, on the grid, whose bars are neither stored nor known to be absent, in order.

    With `holes` those that are known to be absent are missing as well.
    """
    step = timeframe.milliseconds
    span = (timeframe.floor(wanted[0] + step - 1), timeframe.floor(wanted[1] + step - 1))
    try:
        stored = store.load(instrument, timeframe, *span)
    except NotFound:
        return without(span, [])
    covered = () if holes else store.covered(instrument, timeframe)
    return without(span, [*filled(stored.opened_at, timeframe), *covered])


def fill(
    store: Store,
    place: Place,
    instrument: Instrument,
    timeframe: Timeframe,
    wanted: Span,
    holes: bool = False,
    tell: Callable[[Progress], None] = lambda _: None,
    waiting: Waiting = lambda seconds, why: None,
) -> Progress:
    """Download what is missing of a wanted span, up to the last closed bar; return what became of it.

    `tell` hears of every page and of every batch that was stored, `waiting` of every pause. Whatever stops it, an error
    of the exchange or of the disk or an interruption, the pages that came are stored first. Raises Unanswered,
    InputError and the errors of the store.
    """
    step = timeframe.milliseconds
    end = min(wanted[1], timeframe.floor(place.now))
    start = max(wanted[0], timeframe.floor(place.exchange.since))
    if start >= end:
        return Progress(0, 0, 0, None)
    spans = missing(store, instrument, timeframe, (start, end), holes)
    state = Progress(0, sum(b - a for a, b in spans) // step, 0, None)
    tell(state)
    pending: list[Page] = []
    empty: list[Span] = []
    there = store.find(instrument, timeframe)
    latest = there.last if there else None

    def flush() -> None:
        nonlocal state, latest, empty
        times = [int(one.bars.opened_at[-1]) for one in pending if len(one.bars)]
        latest = max([*times, *([] if latest is None else [latest])], default=None)
        holes = [] if latest is None else [one for one in empty if one[1] <= latest]
        if latest is not None and (pending or holes):  # holes can be kept only beside bars
            added = _append(store, instrument, timeframe, pending, holes, place.now)
            until = max(times) + step if times else state.stored_until
            state = replace(state, added=state.added + added, stored_until=until)
            pending.clear()
            empty = [one for one in empty if one not in holes]
            tell(state)

    def wait(seconds: float, why: str) -> None:
        flush()
        waiting(seconds, why)

    try:
        for one in _pages(place, instrument, timeframe, spans, holes, wait):
            if one.empty:
                empty.append(one.span)
            else:
                pending.append(one)
            asked = state.asked + sum(max(0, min(b, one.span[1]) - max(a, one.span[0])) for a, b in spans) // step
            state = replace(state, asked=asked, findings=(*state.findings, *one.findings))
            tell(state)
            if len(pending) + len(empty) >= BATCH:
                flush()
    finally:
        flush()
    return state


def _pages(
    place: Place, instrument: Instrument, timeframe: Timeframe, spans: list[Span], together: bool, waiting: Waiting
) -> Iterator[Page]:
    """Page after page of the spans, in order; long stretches in which nothing was traded are passed over."""
    step = timeframe.milliseconds
    length = place.part.page * step
    for start, stop in windows(spans, length) if together else spans:
        cursor = start
        while cursor < stop:
            end = min(cursor + length, stop)
            last = page(place, instrument, timeframe, (cursor, end), waiting)
            if last.empty and stop - end > length:
                day = next_traded_day(place, instrument, (end, stop), waiting)
                last = replace(last, span=(cursor, max(end, timeframe.floor(day))))
            answers = [last]
            while gaps := without((cursor, last.span[1]), [one.span for one in answers]):
                answers += [page(place, instrument, timeframe, gap, waiting) for gap in gaps]
            yield from sorted(answers, key=lambda one: one.span)
            cursor = last.span[1]


def _append(
    store: Store, instrument: Instrument, timeframe: Timeframe, pages: list[Page], holes: list[Span], now: int
) -> int:
    """Store pages with what they cover, and holes, at once; return how many bars were new."""
    times = np.concatenate([np.empty(0, np.int64), *(one.bars.opened_at for one in pages)])
    opens, highs, lows, closes, volumes = (
        np.concatenate([np.empty(0), *(getattr(one.bars, name) for one in pages)]) for name in COLUMNS
    )
    source = pages[0].bars.source if pages else ""
    bars = Bars.of(instrument, timeframe, times, opens, highs, lows, closes, volumes, source=source)
    return store.append(bars, seen_at=now, covered=[*(one.span for one in pages), *holes]).added
