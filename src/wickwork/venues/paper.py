"""The paper venue: it takes orders as an exchange does, and keeps a statement of its own.

What fills is decided by the simulated venue's rules (`wickwork.sim`), within the bot. The statement is the other
party's account: its first line names the journal that it belongs to, and every message names the line of that journal
which caused it. So a replay finds messages that were sent before they were written down, were sent twice, or never
arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wickwork.model.errors import Refused
from wickwork.model.events import BarsClosed, Report
from wickwork.risk.gate import Approved
from wickwork.store.journal import Entry, Journal

STATEMENT, MESSAGE = "statement", "message"
REPORTED = ("placed", "closed_orders", "ended", "fills")
"""The parts of an outcome that are sent to a venue; `ended` is the name of closed orders in journals of schema 1."""


class PaperVenue:
    """A venue that is open for one run."""

    def __init__(self, path: Path, owner: str, now: Callable[[], int] | None = None) -> None:
        """Open the statement of the journal whose first line has the sum `owner`, or begin one.

        Raises Refused where the statement belongs to another journal; it is not changed then.
        """
        self.path = path
        self._statement = Journal(path, now)
        first, last = self._statement.first, self._statement.last
        if first is None:
            self._statement.append(STATEMENT, {"journal": owner})
        elif first.kind != MESSAGE and (first.kind, first.data.get("journal")) != (STATEMENT, owner):
            self.close()
            raise Refused(
                f"{path} is the statement of another run than this journal's; nothing was sent. "
                "Name another journal with --journal, or move the statement away."
            )
        self.last_line, self.last_sum = cause_of(last) if last and last.kind == MESSAGE else (-1, "")
        """The line of the run's journal that caused the last message (-1: none yet), and its sum."""

    async def send(self, cause: Entry, commands: Sequence[Approved] = ()) -> None:
        """Take what an entry of the run's journal caused. A message that came before changes nothing."""
        message = message_of(cause.data)
        if cause.number <= self.last_line or not message:
            return
        self._statement.append(MESSAGE, {"cause_line": cause.number, "cause_sum": cause.sum, **message})
        self.last_line, self.last_sum = cause.number, cause.sum

    async def next_report(self) -> Report:
        """Nothing is reported by itself: what fills is decided within the run, from its bars."""
        await asyncio.Event().wait()
        raise AssertionError("never set")

    def take_bars(self, event: BarsClosed) -> Sequence[Report]:
        """Nothing is reported of bars either."""
        return ()

    def rebuild(self, entries: Iterable[Entry]) -> None:
        """The statement is all that this venue has."""

    def open_orders(self) -> Sequence[str]:
        """Its orders work within the run."""
        return ()

    def balances(self) -> Mapping[str, float]:
        """Its money is within the run."""
        return {}

    def close(self) -> None:
        """Close the statement and release its lock."""
        self._statement.close()


def cause_of(message: Entry) -> tuple[int, str]:
    """The number and the sum of the journal's line that caused a message; older statements call them otherwise."""
    data = message.data
    if "cause_line" in data:
        return int(data["cause_line"]), str(data["cause_sum"])
    return int(data["because"]), str(data["mark"])


def message_of(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an outcome that is sent to a venue; empty where nothing is."""
    return {name: outcome[name] for name in REPORTED if outcome.get(name)}
