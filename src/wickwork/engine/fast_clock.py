"""The clock of a run on paper."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class FastClock:
    """A clock that begins at a past time (ms since 1970, UTC) and runs at `speed` times real time (above 0).

    With a speed of infinity it never waits; its time is then the last one passed to `until`.
    """

    begin: int
    speed: float = 1.0
    _started: float = field(default_factory=time.monotonic)
    _reached: int = 0

    def now(self) -> int:
        """The time of the run."""
        if self.speed == float("inf"):
            return max(self.begin, self._reached)
        return self.begin + int((time.monotonic() - self._started) * 1000.0 * self.speed)

    async def until(self, moment: int) -> None:
        """Wait for a time of the run (ms, UTC); other tasks run at least once."""
        self._reached = max(self._reached, moment)
        wait = 0.0 if self.speed == float("inf") else (moment - self.now()) / 1000.0 / self.speed
        await asyncio.sleep(max(wait, 0.0))
