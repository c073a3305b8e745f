"""The clock and the calendar (UTC), and where a day, a week or a month begins."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.slower import MONDAY, NEVER
from wickwork.graph.types import Bar, Between, Choice, Condition, Event, EventOrMissing, Moment, Series
from wickwork.model.timeframe import DAY, MINUTE, WEEK

nan = float("nan")
BY_DAY, BY_WEEK, BY_MONTH = range(3)
Anchor = Annotated[int, Choice("day", "week", "month")]


def date_of(moment: int) -> tuple[int, int, int]:
    """Year, month (1 to 12) and day (1 to 31) of a moment, UTC, in the Gregorian calendar.

    Years are counted from 1 March, so that the leap day is the last day of a year; 146,097 days are 400 years.
    """
    days = moment // DAY + 719_468  # since 0000-03-01
    era = days // 146_097
    day = days - era * 146_097
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5 - 1
    year += era * 400
    return (year, month + 3, day) if month < 10 else (year + 1, month - 9, day)


def number_of(moment: int, anchor: int) -> int:
    """The number of the day, week or month that contains the moment: consecutive ones differ by 1."""
    if anchor == BY_DAY:
        return moment // DAY
    if anchor == BY_WEEK:
        return (moment - MONDAY) // WEEK
    year, month, _ = date_of(moment)
    return year * 12 + month


def begins(moment: int, anchor: int) -> bool:
    """Whether a day, week or month begins at exactly this moment."""
    return number_of(moment - 1, anchor) != number_of(moment, anchor)


@node(title="Minute", phrase="the minute of the hour", group="time", terms=("minute of the hour", "clock"))
def minute(moment: Moment) -> Annotated[Series, Between(0, 59)]:
    """The minute of the hour (UTC) in which the bar opens: 0 to 59."""
    return float(moment // MINUTE % 60)


@node(
    title="Minutes of the day",
    phrase="the minute of the day (UTC)",
    group="time",
    terms=("time of day", "clock", "minutes since midnight"),
)
def minutes_of_day(moment: Moment) -> Annotated[Series, Between(0, 1439)]:
    """The minutes from midnight (UTC) to the minute in which the bar opens: 0 to 1439, so 09:30 is 570."""
    return float(moment // MINUTE % 1440)


@node(title="Day of the month", phrase="the day of the month", group="time", terms=("dayofmonth", "date", "calendar"))
def day_of_month(moment: Moment) -> Annotated[Series, Between(1, 31)]:
    """The day of the month (UTC) on which the bar opens: 1 to 31."""
    return float(date_of(moment)[2])


@node(title="Month", phrase="the month", group="time", terms=("date", "calendar", "season"))
def month(moment: Moment) -> Annotated[Series, Between(1, 12)]:
    """The month (UTC) in which the bar opens: January is 1, December is 12."""
    return float(date_of(moment)[1])


@node(title="Year", phrase="the year", group="time", terms=("date", "calendar"))
def year(moment: Moment) -> Series:
    """The year (UTC) in which the bar opens, such as 2024."""
    return float(date_of(moment)[0])


class Number(NamedTuple):
    """Memory of `new_period`: the number of the day, week or month of the bar before."""

    number: int = NEVER


@node(
    title="New day, week or month",
    phrase="a new {anchor} begins",
    group="time",
    terms=("new_day", "new_week", "new_month", "timeframe.change", "first bar of the day", "day open"),
)
def new_period(memory: Number, bars: Bar, moment: Moment, *, anchor: Anchor = BY_DAY) -> tuple[Number, Event]:
    """Fires on the first bar of each day, week or month (UTC; weeks begin on Monday).

    A bar belongs to the day on which it opens. On the first bar of the data it fires only where the day, week or month
    begins with this bar.
    """
    number = number_of(moment, anchor)
    fires = number != memory.number if memory.number != NEVER else begins(moment, anchor)
    return Number(number), fires


class Fired(NamedTuple):
    """Memory of `once_per_period`: the day, week or month in which it fired last."""

    number: int = NEVER


@node(
    title="Once per day, week or month",
    phrase="{event}, for the first time in the {anchor}",
    group="time",
    terms=("once_per_day", "first event of the day", "one trade per day", "limit"),
)
def once_per_period(
    memory: Fired, event: Condition, moment: Moment, *, anchor: Anchor = BY_DAY
) -> tuple[Fired, EventOrMissing]:
    """Fires on the first bar of each day, week or month (UTC; weeks begin on Monday) on which the event is true."""
    number = number_of(moment, anchor)
    fires = event & (number != memory.number)
    return Fired(number if fires else memory.number), 1.0 if fires else 0.0
