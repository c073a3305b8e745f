"""Twins of nodes/calendar.py."""

from __future__ import annotations

import datetime

from tests.nodes.twins.common import Bars, Numbers, twin


def when(ms: int) -> datetime.datetime:
    return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(milliseconds=ms)


def label(ms: int, anchor: str) -> tuple[int, ...]:
    """The day, week or month that contains the moment."""
    date = when(ms).date()
    if anchor == "week":
        return tuple(date.isocalendar()[:2])
    return (date.year, date.month, date.day)[: 3 if anchor == "day" else 2]


@twin
def minute(moment: list[int]) -> Numbers:
    return [when(ms).minute for ms in moment]


@twin
def minutes_of_day(moment: list[int]) -> Numbers:
    return [when(ms).hour * 60 + when(ms).minute for ms in moment]


@twin
def day_of_month(moment: list[int]) -> Numbers:
    return [when(ms).day for ms in moment]


@twin
def month(moment: list[int]) -> Numbers:
    return [when(ms).month for ms in moment]


@twin
def year(moment: list[int]) -> Numbers:
    return [when(ms).year for ms in moment]


@twin
def new_period(bar: Bars, moment: list[int], *, anchor: str) -> list[bool]:
    before = [ms - 1 if i == 0 else moment[i - 1] for i, ms in enumerate(moment)]
    return [label(a, anchor) != label(b, anchor) for a, b in zip(before, moment, strict=True)]


@twin
def once_per_period(event: list[bool], moment: list[int], *, anchor: str) -> list[bool]:
    labels = [label(ms, anchor) for ms in moment]
    return [now and not any(event[k] and labels[k] == labels[i] for k in range(i)) for i, now in enumerate(event)]
