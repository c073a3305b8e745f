"""Twins of nodes/sessions.py."""

from __future__ import annotations

import datetime

from tests.nodes.twins.calendar import label, when
from tests.nodes.twins.common import Bars, Numbers, nan, twin

DAY = datetime.timedelta(days=1)


def minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def session_of(ms: int, begin: int, end: int, days: str) -> datetime.datetime | None:
    """When the session began that contains the moment: tried with that of its day and that of the day before."""
    midnight = when(ms).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (midnight, midnight - DAY):
        start = day + datetime.timedelta(minutes=begin)
        stop = day + datetime.timedelta(minutes=end)
        stop += DAY if stop <= start else datetime.timedelta(0)
        stop -= DAY if stop - start > DAY else datetime.timedelta(0)
        fits = days == "every_day" or (days == "weekdays") == (start.weekday() < 5)
        if fits and start <= when(ms) < stop:
            return start
    return None


@twin
def session(moment: list[int], *, begin: str, end: str, days: str) -> list[bool]:
    return [session_of(ms, minutes(begin), minutes(end), days) is not None for ms in moment]


@twin
def session_range(
    bar: Bars, moment: list[int], length: int, *, begin: str, end: str, days: str
) -> tuple[list[float], ...]:
    of = [session_of(ms, minutes(begin), minutes(end), days) for ms in moment]
    answers: list[tuple[float, ...]] = []
    for i, now in enumerate(of):
        latest = next((s for s in reversed(of[: i + 1]) if s is not None), None)
        rows = [k for k in range(i + 1) if latest is not None and of[k] == latest]
        number = len(rows) if now is not None else 0
        if latest is None or (rows[0] == 0 and when(moment[0]) != latest):
            answers.append((nan, nan, nan, nan, nan, nan if number else 0, False, False))
            continue
        high, low = max(bar.high[k] for k in rows), min(bar.low[k] for k in rows)
        over = now is None or session_of(moment[i] + length, minutes(begin), minutes(end), days) != now
        whole = (high, low) if over else (nan, nan)
        answers.append((bar.open[rows[0]], *whole, high, low, number, rows == [i], over))
    return tuple(map(list, zip(*answers, strict=True))) if answers else ([], [], [], [], [], [], [], [])


@twin
def opening_range(
    bar: Bars, moment: list[int], length: int, *, minutes: int, begin: str
) -> tuple[Numbers, Numbers, Numbers, Numbers, list[bool]]:
    high, low, complete = [], [], []
    hour, minute = begin.split(":")
    first = int(hour) * 60 + int(minute)
    starts = [session_of(ms, first, first, "every_day") for ms in moment]
    span = datetime.timedelta(minutes=minutes)
    for i, start in enumerate(starts):
        assert start is not None
        today = [k for k in range(i + 1) if starts[k] == start]
        rows = [k for k in today if when(moment[k]) < start + span]
        missed = not rows or (rows[0] == 0 and when(moment[0]) != start)
        high.append(nan if missed else max(bar.high[k] for k in rows))
        low.append(nan if missed else min(bar.low[k] for k in rows))
        complete.append(not missed and when(moment[i] + length) >= start + span)
    whole = [[v if done else nan for v, done in zip(side, complete, strict=True)] for side in (high, low)]
    return whole[0], whole[1], high, low, complete


@twin
def previous_period(bar: Bars, moment: list[int], *, anchor: str) -> tuple[list[float], ...]:
    labels = [label(ms, anchor) for ms in moment]
    answers: list[tuple[float, ...]] = []
    for i, now in enumerate(labels):
        earlier = [other for other in labels[:i] if other != now]
        wanted = earlier[-1] if earlier else now
        rows = [k for k in range(i + 1) if labels[k] == wanted]
        if not earlier or (rows[0] == 0 and label(moment[0] - 1, anchor) == wanted):
            answers.append((nan, nan, nan, nan, False))
            continue
        high, low = max(bar.high[k] for k in rows), min(bar.low[k] for k in rows)
        answers.append((bar.open[rows[0]], high, low, bar.close[rows[-1]], True))
    return tuple(map(list, zip(*answers, strict=True))) if answers else ([], [], [], [], [])
