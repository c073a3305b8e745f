"""Twins of nodes/time.py."""

from __future__ import annotations

import datetime
import math

from tests.nodes.twins.common import Bars, Flags, Numbers, nan, twin


@twin
def number(unused: Numbers, *, value: float) -> Numbers:
    return [value] * len(unused)


@twin
def previous(source: Numbers, *, bars: int) -> Numbers:
    return ([nan] * bars + source)[: len(source)]


@twin
def change(source: Numbers, *, bars: int) -> Numbers:
    return [x - y for x, y in zip(source, previous(source, bars=bars), strict=True)]


@twin
def bars_since(condition: Flags) -> Numbers:
    last = [next((ago for ago in range(i + 1) if condition[i - ago]), nan) for i in range(len(condition))]
    return [nan if now is None else ago for now, ago in zip(condition, last, strict=True)]


@twin
def value_when(condition: Flags, value: Numbers) -> Numbers:
    return [
        nan if now is None or math.isnan(ago) else value[i - int(ago)]
        for i, (now, ago) in enumerate(zip(condition, bars_since(condition), strict=True))
    ]


def when(ms: int) -> datetime.datetime:
    return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(milliseconds=ms)


@twin
def hour(moment: list[int]) -> Numbers:
    return [when(ms).hour for ms in moment]


@twin
def weekday(moment: list[int]) -> Numbers:
    return [when(ms).weekday() for ms in moment]


@twin
def timeframe(bar: Bars, moment: list[int], length: int, *, to: int) -> tuple[Numbers, ...]:
    """Sort the bars into slower ones; find the bar on which each is known to be complete; the newest one is shown."""
    monday = 4 * 86_400_000 if to % (7 * 86_400_000) == 0 else 0
    groups: dict[int, list[int]] = {}
    for i, ms in enumerate(moment):
        groups.setdefault((ms - monday) // to * to + monday, []).append(i)
    starts = sorted(groups)
    answer = [[nan] * len(moment) for _ in range(5)]
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        rows = groups[start]
        if start == starts[0] and moment[rows[0]] != start:
            continue
        if moment[rows[-1]] + length == start + to:
            shown = rows[-1]
        elif following is not None:
            shown = groups[following][0]
        else:
            continue
        answer[0][shown] = bar.open[rows[0]]
        answer[1][shown] = max(bar.high[k] for k in rows)
        answer[2][shown] = min(bar.low[k] for k in rows)
        answer[3][shown] = bar.close[rows[-1]]
        answer[4][shown] = math.fsum(bar.volume[k] for k in rows)
    return tuple(answer)
