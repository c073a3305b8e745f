"""What a job's work reported since it was last recorded, and how long it will still take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from wickwork.services.texts import storable

_LOG = 64_000
"""Characters of the log that are kept between two records, the last ones."""
_WINDOW = 60.0
"""Seconds over which the pace is measured."""
_SHORTEST = 0.5
"""Seconds of measuring before a pace is stated."""


class Pace:
    """Estimates the time left from the progress of the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._points: deque[tuple[float, float]] = deque()

    def add(self, share: float) -> None:
        """Note how much is done now, from 0 to 1."""
        now = self._clock()
        self._points.append((now, share))
        while len(self._points) > 2 and (now - self._points[0][0] > _WINDOW or len(self._points) > 2000):
            self._points.popleft()

    def seconds_left(self) -> float | None:
        """Seconds until all is done; None while that is unknown."""
        if not self._points:
            return None
        (first, before), (last, share) = self._points[0], self._points[-1]
        if last - first < _SHORTEST or share <= before:
            return None
        rate = (share - before) / (last - first)
        return round(max((1.0 - share) / rate - (self._clock() - last), 0.0), 1)


class Report:
    """Collects what work reports until it is recorded."""

    def __init__(self, now: Callable[[], int]) -> None:
        """`now` gives the time in ms since 1970, UTC."""
        self._now = now
        self._progress: float | None = None
        self._stage: str | None = None
        self._standing: dict[str, Any] | None = None
        self._lines: deque[str] = deque()
        self._size = 0
        self._pace = Pace()
        self.is_new = False
        """Whether there is something that was not recorded yet."""
        self.has_advanced = False
        """Whether the work has reported any progress of its own, other than preparing."""

    @contextmanager
    def recording(self) -> Iterator[dict[str, Any]]:
        """What is to be recorded, as arguments of `store.database.job_queue.renew`.

        It is no longer new after the block, unless that raises.
        """
        lines, size = tuple(self._lines), self._size
        self._lines.clear()
        self._size, self.is_new = 0, False
        try:
            yield {
                "progress": self._progress,
                "stage": self._stage,
                "log": "".join(lines),
                "seconds_left": self._pace.seconds_left(),
                "standing": self._standing,
            }
        except BaseException:
            self._lines.extendleft(reversed(lines))
            self._size, self.is_new = self._size + size, True
            raise

    def set(self, share: float, stage: str) -> None:
        """How much is done, from 0 to 1, and what is being done."""
        self._progress, self._stage, self.is_new = min(max(share, 0.0), 1.0), storable(stage), True
        if share > 0.0:
            self._pace.add(self._progress)
            self.has_advanced = True

    def stand(self, data: Mapping[str, Any]) -> None:
        """How something that goes on stands now."""
        self._standing, self.is_new = dict(data), True

    def add(self, text: str) -> None:
        """A text for the log, which may have several lines; each gets the time."""
        at = datetime.fromtimestamp(self._now() / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for line in storable(text).rstrip("\n").split("\n"):
            self._lines.append(f"{at} {line}\n")
            self._size += len(self._lines[-1])
        while self._size > _LOG and len(self._lines) > 1:
            self._size -= len(self._lines.popleft())
        self.is_new = True
