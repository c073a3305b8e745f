"""How far a download is, for who waits for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from wickwork.cli import output

if TYPE_CHECKING:
    from wickwork.market.download.backfill import Progress


class Meter(Protocol):
    """What is told while it lasts."""

    def show(self, name: str, progress: Progress) -> None:
        """A page of a series came, or a batch was stored."""

    def on_pause(self, seconds: float, why: str) -> None:
        """There is a pause."""

    def close(self) -> None:
        """It is over."""


class Notes:
    """Where nobody looks: a line on stderr for each pause."""

    def show(self, name: str, progress: Progress) -> None:
        """Nothing: the table at the end tells it."""

    def on_pause(self, seconds: float, why: str) -> None:
        """Why it takes longer."""
        output.note(_pause(seconds, why))

    def close(self) -> None:
        """Nothing to close."""


class Bars:
    """On a terminal: a progress bar for each series."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Shown

        self.shown = Shown(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("bars"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
        )
        self.tasks: dict[str, Any] = {}

    def show(self, name: str, progress: Progress) -> None:
        """Move the bar of a series."""
        if not progress.total:
            return
        if name not in self.tasks:
            self.shown.start()
            self.tasks[name] = self.shown.add_task(name, total=progress.total)
        self.shown.update(self.tasks[name], completed=progress.answered)

    def on_pause(self, seconds: float, why: str) -> None:
        """A line above the bars."""
        self.shown.console.print(_pause(seconds, why), style="yellow", markup=False, highlight=False)

    def close(self) -> None:
        """Leave the bars as they are."""
        self.shown.stop()


def _pause(seconds: float, why: str) -> str:
    return f"{why} Again in {seconds:.1f} s."


@contextmanager
def metered() -> Iterator[Meter]:
    """Bars for a person, notes for a pipe."""
    meter: Meter = Bars() if output.is_terminal() and sys.stderr.isatty() else Notes()
    try:
        yield meter
    finally:
        meter.close()
