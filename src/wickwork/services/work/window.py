"""Parts of long columns for charts: a window, and of it no more points than can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.model.bars import iso
from wickwork.model.errors import InputError

MOST_POINTS = 300_000
"""Points that all curves of one answer may have: some 10 MB of JSON."""


def refuse_many_points(points: int, curves: int) -> None:
    """Raise InputError where so many curves of so many points are more than `MOST_POINTS`."""
    if points * curves > MOST_POINTS:
        raise InputError(
            f"{curves:,} curves of {points:,} points are more than {MOST_POINTS:,} points; ask for fewer `points` or "
            "fewer wires."
        )


@dataclass(frozen=True)
class Window:
    """The bars from number `start` to before `stop`, and when the first and the last of them opened (ms UTC)."""

    start: int
    stop: int
    opened: int
    last: int


def bar_window(times: NDArray[np.int64], start: int | None, stop: int | None) -> Window:
    """The bars from number `start` to before `stop`, all for None. Raises InputError where there are none."""
    first, end = max(start or 0, 0), min(len(times) if stop is None else stop, len(times))
    if first >= end:
        raise InputError(f"The window has no bars; the run has the bars 0 to {len(times) - 1}.")
    return Window(first, end, int(times[first]), int(times[end - 1]))


def time_window(times: NDArray[np.int64], start: int | None, stop: int | None) -> Window:
    """The bars that open at or after `start` and before `stop` (ms UTC), all for None.

    Raises InputError where there are none.
    """
    first = 0 if start is None else int(np.searchsorted(times, start))
    end = len(times) if stop is None else int(np.searchsorted(times, stop))
    if first >= end:
        span = f"its bars open from {iso(times[0])} to {iso(times[-1])}" if len(times) else "there are none at all"
        raise InputError(f"The window has no bars; {span}.")
    return Window(first, end, int(times[first]), int(times[end - 1]))


def grid(first: int, last: int, points: int) -> NDArray[np.int64]:
    """At most `points` evenly spaced times (ms UTC) from `first` to `last`, both included."""
    return np.unique(np.linspace(first, last, points).astype(np.int64))


def lowest_and_highest(
    times: NDArray[np.int64], values: NDArray[np.float64], window: Window, points: int
) -> dict[str, list[Any]]:
    """A curve of at most `points` points: `times` (ms UTC) and `values`, null where a value is missing.

    Where the window has more bars, it is divided into stretches, and the lowest and the highest value of each are
    given in their order in time, so that no peak is lost.
    """
    chosen = np.arange(window.start, window.stop)
    if len(chosen) > points:
        chosen = _extremes(values[window.start : window.stop], max(points // 2, 1)) + window.start
    shown = values[chosen]
    known = np.isfinite(shown)
    return {
        "times": times[chosen].tolist(),
        "values": [value if is_known else None for value, is_known in zip(shown.tolist(), known.tolist(), strict=True)],
    }


def _extremes(values: NDArray[np.float64], stretches: int) -> NDArray[np.intp]:
    """The places of the lowest and of the highest value of each stretch, in order."""
    edges = np.linspace(0, len(values), stretches + 1).astype(np.intp)
    size = int(np.diff(edges).max())
    places = edges[:-1, None] + np.arange(size)
    inside = places < edges[1:, None]
    places = np.minimum(places, len(values) - 1)
    taken = values[places]
    low = np.where(inside & np.isfinite(taken), taken, np.inf).argmin(axis=1)
    high = np.where(inside & np.isfinite(taken), taken, -np.inf).argmax(axis=1)
    rows = np.arange(stretches)
    chosen = np.zeros(len(values), np.bool_)
    chosen[places[rows, low]] = True
    chosen[places[rows, high]] = True
    return np.flatnonzero(chosen)
