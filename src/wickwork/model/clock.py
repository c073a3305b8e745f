"""The interface of the clock of a live run; a backtest has none."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Gives the time of the run and waits for a time of the run."""

    def now(self) -> int:
        """The time of the run in ms since 1970, UTC."""

    async def until(self, moment: int) -> None:
        """Return at that time (ms since 1970, UTC); immediately when it has passed."""
