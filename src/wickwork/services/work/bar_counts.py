"""How many bars a run would load, known before they are loaded, so that no request can take all memory."""

from __future__ import annotations

from collections.abc import Sequence

from wickwork.launch.bar_sources import BarSource, StoreSource
from wickwork.launch.markets import AUTO, NONE, MarketRequest
from wickwork.market.demo import DEMO_START, DEMO_STOP
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import Timeframe, parse_timeframe

INTERACTIVE_BARS = 1_000_000
"""Bars of all instruments, finer ones included, that are computed while somebody waits."""
JOB_BARS = 8_000_000
"""Those of a job: ten years of minutes and more."""


def refuse_many_bars(source: BarSource, wanted: MarketRequest, read_only: Sequence[str], most: int) -> None:
    """Raise InputError where a run would load more than `most` bars, and NotFound for unknown instruments."""
    count = bar_count(source, wanted, read_only)
    if count <= most:
        return
    more = " A backtest may have more." if most < JOB_BARS else ""
    raise InputError(
        f"The run has {count:,} bars, finer ones included, and at most {most:,} are taken here; choose a shorter span, "
        f"a longer timeframe, fewer instruments, or `finer` none.{more}"
    )


def bar_count(source: BarSource, wanted: MarketRequest, read_only: Sequence[str]) -> int:
    """At most how many bars a run would load: of its instruments, finer ones, and those that it only reads."""
    instruments = source.find(wanted.instruments, wanted.venue)
    frame = wanted.timeframe or source.usual(instruments[0])
    others = [source.find([name], wanted.venue)[0] for name in read_only]
    count = sum(_bars(source, one, _base(source, one, frame), wanted) for one in (*instruments, *others))
    return count + sum(
        _bars(source, one, finer, wanted) for one in instruments for finer in _finer(source, one, wanted)
    )


def _base(source: BarSource, instrument: Instrument, frame: Timeframe) -> Timeframe:
    """The timeframe of which bars of `frame` are made."""
    have = source.timeframes(instrument)
    return frame if frame in have else next((one for one in have if one.divides(frame)), frame)


def _finer(source: BarSource, instrument: Instrument, wanted: MarketRequest) -> list[Timeframe]:
    if wanted.finer == NONE:
        return []
    if wanted.finer != AUTO:
        return [parse_timeframe(wanted.finer)]
    frame = wanted.timeframe or source.usual(instrument)
    return [one for one in source.timeframes(instrument) if one < frame and one.divides(frame)][:1]


def _bars(source: BarSource, instrument: Instrument, frame: Timeframe, wanted: MarketRequest) -> int:
    first, stop, rows = DEMO_START, DEMO_STOP, None
    if isinstance(source, StoreSource):
        found = source.store.find(instrument, frame)
        if found is None:
            return 0
        first, stop, rows = found.first, found.last + frame.milliseconds, found.rows
    begin = first if wanted.start is None else max(first, wanted.start)
    end = stop if wanted.stop is None else min(stop, wanted.stop)
    span = max(-(-(end - begin) // frame.milliseconds), 0)
    return span if rows is None else min(span, rows)
