"""The paper venue: it takes orders as an exchange does, and keeps a statement of its own.

What fills is decided by the simulated venue's rules (`wickwork.sim`), within the bot. The statement is the other
party's book: for every message it holds which line of the run's journal it was sent because of, so that a replay can
tell whether anything went out before it was written down, was sent twice, or never arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wickwork.store.journal import Entry, Journal

MESSAGE = "message"
TOLD = ("placed", "ended", "fills")
"""What of an outcome concerns a venue."""


class PaperVenue:
    """A venue that is open for one run."""

    def __init__(self, path: Path, now: Callable[[], int] | None = None) -> None:
        self._statement = Journal(path, now)
        last = self._statement.last
        self.heard = int(last.data["because"]) if last else -1
        """The line of the run's journal because of which the last message came."""

    async def send(self, because: Entry) -> None:
        """Take what an entry of the run's journal says of orders. A message that came before changes nothing."""
        told = message_of(because.data)
        if because.number <= self.heard or not told:
            return
        self._statement.append(MESSAGE, {"because": because.number, "mark": because.sum, **told})
        self.heard = because.number

    def close(self) -> None:
        """Let others have the statement."""
        self._statement.close()


def message_of(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """What of an outcome is sent to a venue; empty where nothing is."""
    return {name: outcome[name] for name in TOLD if outcome.get(name)}
