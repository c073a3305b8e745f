"""The missing bars of a stored series, from the exchange into the store.

The store remembers of which spans an exchange was asked. What is neither stored nor asked for is missing, and only that
is asked for, in order, page after page; a hole inside a page is the exchange's own and is not asked for again unless
that is wanted. Bars and what was asked are stored together, a batch at a time, so that whatever stops a download, the
next one goes on from the last batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from wickwork.market.download.asking import Waiting
from wickwork.market.download.place import Place, next_traded_day, page
from wickwork.market.raw import Finding
from wickwork.market.spans import Span, filled, windows, without
from wickwork.market.store import Store
from wickwork.model.bars import COLUMNS, Bars
from wickwork.model.errors import NotFound
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import HOUR, Timeframe

BATCH = 20
"""So many pages are stored at once; writing each by itself would write the file of a year again for every page."""
SETTLED = HOUR
"""A bar that is absent is taken as a hole only so long (ms) after the end of the page; before it may only be late."""


@dataclass(frozen=True)
class Progress:
    """How far a download is: slots of bars asked for, of so many; bars stored, and the end (ms) of what is stored."""

    asked: int
    total: int
    added: int
    stored_until: int | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Page:
    span: Span
    bars: Bars


def missing(
    store: Store, instrument: Instrument, timeframe: Timeframe, wanted: Span, holes: bool = False
) -> list[Span]:
    """The spans of a wanted one, on the grid, whose bars are not stored and were not asked for yet, in order.

    With `holes` it does not count that they were asked for.
    """
    step = timeframe.milliseconds
    span = (timeframe.floor(wanted[0] + step - 1), timeframe.floor(wanted[1] + step - 1))
    try:
        stored = store.load(instrument, timeframe, *span)
    except NotFound:
        return without(span, [])
    asked = () if holes else store.asked(instrument, timeframe)
    return without(span, [*filled(stored.opened_at, timeframe), *asked])


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
    pending: list[_Page] = []

    def flush() -> None:
        nonlocal state
        if not pending or not (sum(len(one.bars) for one in pending) or _exists(store, instrument, timeframe)):
            return  # that there is nothing can be remembered only where there is something
        added = _append(store, pending, place.now)
        state = replace(state, added=state.added + added, stored_until=pending[-1].span[1])
        pending.clear()
        tell(state)

    def wait(seconds: float, why: str) -> None:
        flush()
        waiting(seconds, why)

    try:
        for window, bars, findings in _pages(place, instrument, timeframe, spans, holes, wait):
            pending.append(_Page((window[0], _believed(place, bars, window)), bars))
            asked = state.asked + sum(max(0, min(b, window[1]) - max(a, window[0])) for a, b in spans) // step
            state = replace(state, asked=asked, findings=(*state.findings, *findings))
            tell(state)
            if len(pending) >= BATCH:
                flush()
    finally:
        flush()
    return state


def _pages(
    place: Place, instrument: Instrument, timeframe: Timeframe, spans: list[Span], together: bool, waiting: Waiting
) -> Iterator[tuple[Span, Bars, list[Finding]]]:
    """Page after page of the spans; long stretches in which nothing was traded are passed over."""
    step = timeframe.milliseconds
    length = place.part.page * step
    for start, stop in windows(spans, length) if together else spans:
        cursor = start
        while cursor < stop:
            end = min(cursor + length, stop)
            bars, findings = page(place, instrument, timeframe, (cursor, end), waiting)
            if not len(bars) and stop - end > length:
                end = max(end, timeframe.floor(next_traded_day(place, instrument, (end, stop), waiting)))
            yield (cursor, end), bars, findings
            cursor = end


def _believed(place: Place, bars: Bars, window: Span) -> int:
    """Up to where a page is taken as all that there is."""
    settled = min(window[1], bars.timeframe.floor(place.now - SETTLED))
    last = int(bars.opened_at[-1]) + bars.timeframe.milliseconds if len(bars) else window[0]
    return max(window[0], settled, last)


def _append(store: Store, pages: list[_Page], now: int) -> int:
    """Store pages with what was asked for, at once; return how many bars were new."""
    first = pages[0].bars
    times = np.concatenate([one.bars.opened_at for one in pages])
    opens, highs, lows, closes, volumes = (
        np.concatenate([getattr(one.bars, name) for one in pages]) for name in COLUMNS
    )
    bars = Bars.of(first.instrument, first.timeframe, times, opens, highs, lows, closes, volumes, source=first.source)
    return store.append(bars, seen_at=now, asked=[one.span for one in pages]).added


def _exists(store: Store, instrument: Instrument, timeframe: Timeframe) -> bool:
    try:
        store.asked(instrument, timeframe)
    except NotFound:
        return False
    return True
