"""The clock that a run is handed; history has none."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Tells the time of the run and waits for a moment of it."""

    def now(self) -> int:
        """The time of the run in ms since 1970, UTC."""

    async def until(self, moment: int) -> None:
        """Return at that moment (ms, UTC), at once where it has passed."""
