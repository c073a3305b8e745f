"""Spans of time: `(start, stop)` in ms since 1970 UTC; start is included, stop is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from wickwork.model.bars import Times
from wickwork.model.timeframe import Timeframe

Span = tuple[int, int]


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The union of spans, sorted; adjacent spans are merged, empty ones dropped."""
    merged: list[Span] = []
    for start, stop in sorted(one for one in spans if one[0] < one[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return tuple(merged)


def without(wanted: Span, taken: Iterable[Span]) -> list[Span]:
    """A span minus other spans, sorted."""
    left, cursor = [], wanted[0]
    for start, stop in union(taken):
        if cursor < min(start, wanted[1]):
            left.append((cursor, min(start, wanted[1])))
        cursor = max(cursor, stop)
    if cursor < wanted[1]:
        left.append((cursor, wanted[1]))
    return left


def filled(times: Times, timeframe: Timeframe) -> list[Span]:
    """The spans without a missing bar; `times` are ascending opening times."""
    if not len(times):
        return []
    step = timeframe.milliseconds
    breaks = np.flatnonzero(np.diff(times) > step)
    starts = times[np.concatenate([[0], breaks + 1])].tolist()
    stops = (times[np.append(breaks, len(times) - 1)] + step).tolist()
    return list(zip(starts, stops, strict=True))


def windows(spans: Iterable[Span], length: int) -> Iterator[Span]:
    """The spans, sorted; neighbours that fit into `length` (ms) together are joined, including the gap between them."""
    window: Span | None = None
    for start, stop in spans:
        if window and stop <= window[0] + length:
            window = (window[0], stop)
            continue
        if window:
            yield window
        window = (start, stop)
    if window:
        yield window
