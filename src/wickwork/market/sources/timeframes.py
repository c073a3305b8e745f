"""How far the rows of a file are apart, and whether that is the timeframe that its name says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wickwork.market.raw import NO_TIME, Finding, Severity, Unreadable
from wickwork.model.bars import Times
from wickwork.model.errors import InputError
from wickwork.model.timeframe import DAY, HOUR, MINUTE, WEEK, Timeframe

_USUAL = (*(MINUTE * n for n in (1, 3, 5, 15, 30)), *(HOUR * n for n in (1, 2, 4, 6, 8, 12)), DAY, 3 * DAY, WEEK)
"""Timeframes (ms) that exchanges have. Rows of one of them are no rare bars of a faster one."""


def usual_timeframe(opened_at: Times, source: str, unreadable: Sequence[Unreadable]) -> Timeframe:
    """The most frequent distance of times; InputError where there is none or where it is not a timeframe."""
    usual, _, _ = _distance(opened_at)
    if not usual and any(one.column == "opened_at" for one in unreadable):
        first = next(one for one in unreadable if one.column == "opened_at")
        raise InputError(f"{source}: {first}; write times as 2024-01-31 12:00, or in ms since 1970.")
    if not usual:
        raise InputError(f"{source} has too few rows to show its timeframe: give the option timeframe (such as 1h).")
    try:
        return Timeframe(usual)
    except InputError:
        raise InputError(
            f"{source} has rows that are {usual} ms apart, which is not a timeframe: "
            "give the option timeframe (such as 1h)."
        ) from None


def timeframe_findings(opened_at: Times, timeframe: Timeframe, given: bool) -> list[Finding]:
    """An error where more than half of the rows are apart as those of another timeframe are.

    Rows that are further apart than a timeframe that was given as an option get a warning: they may be what is left of
    a market in which little is traded.
    """
    usual, often, total = _distance(opened_at)
    step = timeframe.milliseconds
    other = usual < step or usual in _USUAL
    if usual == step or usual % 1000 or often < 2 or 2 * often <= total or not other:
        return []
    timed = opened_at[opened_at != NO_TIME]
    first, last, apart = int(timed.min()), int(timed.max()), Timeframe(usual)
    why = "is the timeframe that was given" if given else "is what the name of the file or of a folder says"
    sentence = f"The rows are {apart} apart, and {timeframe} {why}: give the option timeframe ({apart})."
    severity: Severity = "warning" if given and usual > step else "error"
    return [Finding("timeframe", severity, first, last, len(timed), sentence)]


def _distance(opened_at: Times) -> tuple[int, int, int]:
    """The most frequent distance of times (ms), how often it occurs, and how many distances there are; 0 if none."""
    distances, counts = np.unique(np.diff(np.unique(opened_at[opened_at != NO_TIME])), return_counts=True)
    if not len(distances):
        return 0, 0, 0
    most = int(np.argmax(counts))
    return int(distances[most]), int(counts[most]), int(counts.sum())
