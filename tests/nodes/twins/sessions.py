"""Twins of nodes/sessions.py."""

from __future__ import annotations

import datetime

from tests.nodes.twins.calendar import label, when
from tests.nodes.twins.common import Bars, Numbers, twin

DAY = datetime.timedelta(days=1)


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
def session(moment: list[int], *, begin: int, end: int, days: str) -> list[bool]:
    return [session_of(ms, begin, end, days) is not None for ms in moment]


@twin
def session_range(bar: Bars, moment: list[int], *, begin: int, end: int, days: str) -> tuple[list[float], ...]:
    of = [session_of(ms, begin, end, days) for ms in moment]
    answers: list[tuple[float, ...]] = []
    for i, now in enumerate(of):
        latest = next((s for s in reversed(of[: i + 1]) if s is not None), None)
        rows = [k for k in range(i + 1) if latest is None or of[k] == latest]
        known = latest is not None and (rows[0] > 0 or when(moment[0]) == latest)
        high, low = max(bar.high[k] for k in rows), min(bar.low[k] for k in rows)
        begins = now is not None and rows == [i] and known
        answers.append((bar.open[rows[0]], high, low, len(rows) if now is not None else 0, begins, known))
    return tuple(map(list, zip(*answers, strict=True))) if answers else ([], [], [], [], [], [])


@twin
def opening_range(
    bar: Bars, moment: list[int], length: int, *, minutes: int, begin: int
) -> tuple[Numbers, Numbers, list[bool]]:
    high, low, complete = [], [], []
    starts = [session_of(ms, begin, begin, "every_day") for ms in moment]
    span = datetime.timedelta(minutes=minutes)
    for i, start in enumerate(starts):
        assert start is not None
        today = [k for k in range(i + 1) if starts[k] == start]
        rows = [k for k in today if when(moment[k]) < start + span]
        missed = not rows or (rows[0] == 0 and when(moment[0]) != start)
        rows = rows or today[:1]
        high.append(max(bar.high[k] for k in rows))
        low.append(min(bar.low[k] for k in rows))
        complete.append(not missed and when(moment[i] + length) >= start + span)
    return high, low, complete


@twin
def previous_period(bar: Bars, moment: list[int], *, anchor: str) -> tuple[list[float], ...]:
    labels = [label(ms, anchor) for ms in moment]
    answers: list[tuple[float, ...]] = []
    for i, now in enumerate(labels):
        earlier = [other for other in labels[:i] if other != now]
        wanted = earlier[-1] if earlier else now
        rows = [k for k in range(i + 1) if labels[k] == wanted]
        known = bool(earlier) and (rows[0] > 0 or label(moment[0] - 1, anchor) != wanted)
        high, low = max(bar.high[k] for k in rows), min(bar.low[k] for k in rows)
        answers.append((bar.open[rows[0]], high, low, bar.close[rows[-1]], known))
    return tuple(map(list, zip(*answers, strict=True))) if answers else ([], [], [], [], [])
