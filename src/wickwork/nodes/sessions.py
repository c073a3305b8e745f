"""Daily windows of trading hours (UTC): when one is open, its prices, its opening range, and the previous day.

What belongs to a session is not known before the data has shown one from its beginning on. Until then these nodes
answer with the bars so far, and their output `known` (or `complete`) is false.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, BarLength, Between, Choice, Condition, Event, Moment, Series
from wickwork.model.timeframe import DAY, MINUTE
from wickwork.nodes.calendar import BY_DAY, Anchor, begins, number_of
from wickwork.nodes.time import MONDAY, NEVER

Begin = Annotated[int, Between(0, 1439)]
End = Annotated[int, Between(0, 1440)]
Days = Annotated[int, Choice("every_day", "weekdays", "weekend")]
EVERY_DAY, WEEKDAYS, WEEKEND = range(3)


def session_start(moment: int, begin: int) -> int:
    """When the latest daily window that begins at that minute of the day began."""
    return moment - (moment - begin * MINUTE) % DAY


def is_open(moment: int, begin: int, end: int, days: int) -> bool:
    """Whether the moment is inside the daily window from `begin` until before `end` (minutes of the day)."""
    start = session_start(moment, begin)
    length = (end - begin) % 1440
    length = length if length > 0 else 1440
    workday = (start - MONDAY) // DAY % 7 < 5
    chosen = (days == EVERY_DAY) | ((days == WEEKDAYS) == workday)
    return chosen & (moment - start < length * MINUTE)


@node(
    title="Session",
    phrase="the bar is in the session of minutes {begin} to {end} of the day (UTC)",
    group="time",
    terms=("trading hours", "time window", "market hours", "kill zone", "time filter"),
)
def session(moment: Moment, *, begin: Begin = 0, end: End = 480, days: Days = EVERY_DAY) -> Condition:
    """True on the bars that open inside a daily window, such as the trading hours of a market (UTC).

    `begin` and `end` are minutes of the day: 09:30 is 570. A bar that opens at `begin` is inside, one that opens at
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
    """Answers of `session_range`."""

    open: Series
    high: Series
    low: Series
    bar: Annotated[Series, Between(0, 1e9)]
    begins: Event
    known: Condition


@node(
    title="Session range",
    phrase={
        "open": "the open of the session of minutes {begin} to {end} of the day",
        "high": "the high of the session of minutes {begin} to {end} of the day",
        "low": "the low of the session of minutes {begin} to {end} of the day",
        "bar": "the number of the bar in the session of minutes {begin} to {end} of the day",
        "begins": "the session of minutes {begin} to {end} of the day begins",
        "known": "there was a session of minutes {begin} to {end} of the day",
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
    memory: SessionSoFar, bars: Bar, moment: Moment, *, begin: Begin = 0, end: End = 480, days: Days = EVERY_DAY
) -> tuple[SessionSoFar, SessionPrices]:
    """The open, and the highest high and lowest low so far, of a daily session; outside, those of the latest session.

    For the window and its settings see `session`. `bar` is the number of the bar within the session: 1 on its first
    bar, 0 outside. `begins` fires on the first bar of a session; where the data begins inside of one, only if that
    session begins with it. `known` is true where the prices are those of a session whose beginning is in the data.
    Before the first session they are those of all bars so far; of one that the data begins inside of, those since then.
    """
    start = session_start(moment, begin)
    inside = is_open(moment, begin, end, days)
    first = memory.seen == 0
    fresh = inside & (start != memory.start)
    begins_now = fresh & (not first or start == moment)
    opened, high, low, known = memory.open, memory.high, memory.low, memory.known
    if first | fresh:
        opened, high, low = bars.open, bars.high, bars.low
        known = 1 if begins_now else 0
    elif inside | (memory.start == NEVER):
        high = bars.high if bars.high > high else high
        low = bars.low if bars.low < low else low
    number = 0 if not inside else 1 if fresh else memory.bars + 1
    kept = SessionSoFar(opened, high, low, start if inside else memory.start, number, known, 1)
    return kept, SessionPrices(opened, high, low, float(number), begins_now, known > 0)


class OpeningSoFar(NamedTuple):
    """Memory of `opening_range`."""

    high: float = 0.0
    low: float = 0.0
    start: int = NEVER
    valid: int = 0


class OpeningRange(NamedTuple):
    """Answers of `opening_range`."""

    high: Series
    low: Series
    complete: Condition


@node(
    title="Opening range",
    phrase={
        "high": "the high of the first {minutes} minutes of the day",
        "low": "the low of the first {minutes} minutes of the day",
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

    The day begins at `begin`, in minutes after midnight UTC (13:30 is 810); the bars that open in the `minutes` from
    then on make the range, at least the first bar. `high` and `low` grow until the range is over and stay for the
    rest of the day. `complete` is true from the bar with whose close the range is over. It stays false on a day that
    the data does not contain from its beginning, and on one without a bar in these minutes, whose first bar counts.
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
    return OpeningSoFar(high, low, start, valid), OpeningRange(high, low, complete)


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
    """Answers of `previous_period`."""

    open: Series
    high: Series
    low: Series
    close: Series
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

    They change on the first bar of each day, week or month; those without bars are passed over. `known` is true where
    the previous one is in the data from its beginning on. On the first day (week, month) of the data the prices are
    those of its bars so far.
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
    if kept.periods < 2:
        return kept, PeriodPrices(kept.open, kept.high, kept.low, kept.close, False)
    known = (kept.periods > 2) | (kept.first_is_whole > 0)
    return kept, PeriodPrices(kept.open_before, kept.high_before, kept.low_before, kept.close_before, known)
