"""Daily windows of trading hours (UTC): when one is open, its prices, its opening range, and the previous day.

Prices of a session, a range or a day are missing until it is over and the data has shown it from its beginning on: no
strategy trades on the first half of one by mistake. What is known of it before is another output (`high_so_far`).
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.slower import MONDAY, NEVER
from wickwork.graph.types import (
    Bar,
    BarLength,
    Between,
    Choice,
    Condition,
    Event,
    Moment,
    SeriesOrMissing,
    TimeOfDay,
)
from wickwork.model.timeframe import DAY, MINUTE
from wickwork.nodes.calendar import BY_DAY, Anchor, begins, number_of

nan = float("nan")
Begin = Annotated[int, TimeOfDay(), Between(0, 1439)]
End = Annotated[int, TimeOfDay(), Between(0, 1440)]
Days = Annotated[int, Choice("every_day", "weekdays", "weekend")]
EVERY_DAY, WEEKDAYS, WEEKEND = range(3)


def session_start(moment: int, begin: int) -> int:
    """When the latest daily window that begins at that minute of the day began."""
    return moment - (moment - begin * MINUTE) % DAY


def is_open(moment: int, begin: int, end: int, days: int) -> bool:
    """Whether the moment is inside the daily window from `begin` until before `end` (minutes of the day)."""
    start = session_start(moment, begin)
    workday = (start - MONDAY) // DAY % 7 < 5
    chosen = (days == EVERY_DAY) | ((days == WEEKDAYS) == workday)
    return chosen & (moment - start < minutes_open(begin, end) * MINUTE)


def minutes_open(begin: int, end: int) -> int:
    """The length of the window in minutes: a whole day where both ends are equal."""
    length = (end - begin) % 1440
    return length if length > 0 else 1440


@node(
    title="Session",
    phrase="the bar is in the session from {begin} to {end} (UTC)",
    group="time",
    terms=("trading hours", "time window", "market hours", "kill zone", "time filter"),
)
def session(moment: Moment, *, begin: Begin = 0, end: End = 480, days: Days = EVERY_DAY) -> Condition:
    """True on the bars that open inside a daily window, such as the trading hours of a market (UTC).

    `begin` and `end` are times of the day, such as 09:30. A bar that opens at `begin` is inside, one that opens at
    `end` is not. With an `end` before `begin` the window goes over midnight, and belongs to the day on which it began;
    with both equal it is the whole day. `days` may restrict it to Monday to Friday, or to Saturday and Sunday.
    """
    return is_open(moment, begin, end, days)


class SessionSoFar(NamedTuple):
    """Memory of `session_range`: the session so far, or the latest one."""

    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    start: int = NEVER
    bars: int = 0
    known: int = 0
    seen: int = 0


class SessionPrices(NamedTuple):
    """Outputs of `session_range`."""

    open: SeriesOrMissing
    high: SeriesOrMissing
    low: SeriesOrMissing
    high_so_far: SeriesOrMissing
    low_so_far: SeriesOrMissing
    bar: Annotated[SeriesOrMissing, Between(0, 1e9)]
    begins: Event
    complete: Condition


@node(
    title="Session range",
    phrase={
        "open": "the open of the session from {begin} to {end}",
        "high": "the high of the session from {begin} to {end}",
        "low": "the low of the session from {begin} to {end}",
        "high_so_far": "the high so far of the session from {begin} to {end}",
        "low_so_far": "the low so far of the session from {begin} to {end}",
        "bar": "the number of the bar in the session from {begin} to {end}",
        "begins": "the session from {begin} to {end} begins",
        "complete": "the session from {begin} to {end} is over",
    },
    group="time",
    terms=(
        "session_open",
        "session_high",
        "session_low",
        "bars_in_session",
        "new_session",
        "asian range",
        "session start",
    ),
)
def session_range(
    memory: SessionSoFar,
    bars: Bar,
    moment: Moment,
    length: BarLength,
    *,
    begin: Begin = 0,
    end: End = 480,
    days: Days = EVERY_DAY,
) -> tuple[SessionSoFar, SessionPrices]:
    """The highest high and the lowest low of a daily session, from its end until the next one begins.

    For the window and its settings see `session`. `high` and `low` are missing while a session is open; from its last
    bar on (the one that closes at `end`, or else the first one after it) they are those of the whole session, and
    `complete` is true. `open`, `high_so_far` and `low_so_far` are those of the session as far as it has come, the
    latest one outside. All are missing of a session that began before the data. `bar` is the number of the bar within
    the session: 1 on its first bar, 0 outside. `begins` fires on the first bar of a session; where the data begins
    inside of one, only if that session begins with it. In price units.
    """
    start = session_start(moment, begin)
    inside = is_open(moment, begin, end, days)
    first = memory.seen == 0
    fresh = inside & (start != memory.start)
    begins_now = fresh & (not first or start == moment)
    opened, high, low, known = memory.open, memory.high, memory.low, memory.known
    if fresh:
        opened, high, low = bars.open, bars.high, bars.low
        known = 1 if begins_now else 0
    elif inside:
        high = bars.high if bars.high > high else high
        low = bars.low if bars.low < low else low
    number = 0 if not inside else 1 if fresh else memory.bars + 1
    kept = SessionSoFar(opened, high, low, start if inside else memory.start, number, known, 1)
    if known == 0:
        return kept, SessionPrices(nan, nan, nan, nan, nan, nan if inside else 0.0, begins_now, False)
    if inside & (moment + length < start + minutes_open(begin, end) * MINUTE):
        return kept, SessionPrices(opened, nan, nan, high, low, float(number), begins_now, False)
    return kept, SessionPrices(opened, high, low, high, low, float(number), begins_now, True)


class OpeningSoFar(NamedTuple):
    """Memory of `opening_range`."""

    high: float = 0.0
    low: float = 0.0
    start: int = NEVER
    valid: int = 0


class OpeningRange(NamedTuple):
    """Outputs of `opening_range`."""

    high: SeriesOrMissing
    low: SeriesOrMissing
    high_so_far: SeriesOrMissing
    low_so_far: SeriesOrMissing
    complete: Condition


@node(
    title="Opening range",
    phrase={
        "high": "the high of the first {minutes} minutes of the day",
        "low": "the low of the first {minutes} minutes of the day",
        "high_so_far": "the high so far of the first {minutes} minutes of the day",
        "low_so_far": "the low so far of the first {minutes} minutes of the day",
        "complete": "the first {minutes} minutes of the day are over",
    },
    group="time",
    terms=("orb", "opening range breakout", "initial balance", "first hour", "first bars of the day"),
    source="Crabel 1990",
)
def opening_range(
    memory: OpeningSoFar,
    bars: Bar,
    moment: Moment,
    length: BarLength,
    *,
    minutes: Annotated[int, Between(1, 1440)] = 60,
    begin: Begin = 0,
) -> tuple[OpeningSoFar, OpeningRange]:
    """The highest high and the lowest low of the first minutes of each day: what an opening-range breakout leaves.

    The day begins at `begin` (UTC); the bars that open in the `minutes` from then on make the range. `high` and `low`
    are missing until the range is over, and stay for the rest of the day; `complete` is true from the bar with whose
    close it is over. `high_so_far` and `low_so_far` begin with the first bar of the range and grow with it. All are
    missing on a day that the data does not contain from its beginning, and on one without a bar in these minutes. In
    price units.
    """
    start = session_start(moment, begin)
    span = minutes * MINUTE
    high, low, valid = memory.high, memory.low, memory.valid
    if start != memory.start:
        valid = 1 if (moment - start < span) & ((memory.start != NEVER) | (moment == start)) else 0
        high, low = bars.high, bars.low
    elif moment - start < span:
        high = bars.high if bars.high > high else high
        low = bars.low if bars.low < low else low
    complete = (valid > 0) & (moment + length >= start + span)
    kept = OpeningSoFar(high, low, start, valid)
    if valid == 0:
        return kept, OpeningRange(nan, nan, nan, nan, False)
    return kept, OpeningRange(high if complete else nan, low if complete else nan, high, low, complete)


class Periods(NamedTuple):
    """Memory of `previous_period`: the period so far and the one before it."""

    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    open_before: float = 0.0
    high_before: float = 0.0
    low_before: float = 0.0
    close_before: float = 0.0
    number: int = NEVER
    periods: int = 0
    first_is_whole: int = 0


class PeriodPrices(NamedTuple):
    """Outputs of `previous_period`."""

    open: SeriesOrMissing
    high: SeriesOrMissing
    low: SeriesOrMissing
    close: SeriesOrMissing
    known: Condition


@node(
    title="Previous day, week or month",
    phrase={
        "open": "the open of the previous {anchor}",
        "high": "the high of the previous {anchor}",
        "low": "the low of the previous {anchor}",
        "close": "the close of the previous {anchor}",
        "known": "the previous {anchor} is known",
    },
    group="time",
    terms=("previous_day", "pdh", "pdl", "previous day high", "yesterday", "last week", "prior close"),
)
def previous_period(
    memory: Periods, bars: Bar, moment: Moment, *, anchor: Anchor = BY_DAY
) -> tuple[Periods, PeriodPrices]:
    """Open, high, low and close of the day, week or month before the present one (UTC; weeks begin on Monday).

    They change on the first bar of each day, week or month; those without bars are passed over. Missing, and `known`
    false, until a day (week, month) is over that is in the data from its beginning on. In price units.
    """
    number, m = number_of(moment, anchor), memory
    if number != m.number:
        whole = m.first_is_whole if m.periods > 0 else 1 if begins(moment, anchor) else 0
        periods = m.periods + 1
        kept = Periods(
            bars.open, bars.high, bars.low, bars.close, m.open, m.high, m.low, m.close, number, periods, whole
        )
    else:
        high = bars.high if bars.high > m.high else m.high
        low = bars.low if bars.low < m.low else m.low
        kept = Periods(
            m.open, high, low, bars.close, m.open_before, m.high_before, m.low_before, m.close_before, number,
            m.periods, m.first_is_whole,
        )  # fmt: skip
    if (kept.periods > 2) | ((kept.periods == 2) & (kept.first_is_whole > 0)):
        return kept, PeriodPrices(kept.open_before, kept.high_before, kept.low_before, kept.close_before, True)
    return kept, PeriodPrices(nan, nan, nan, nan, False)
