"""Progress of a download, on a terminal or as lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from wickwork.cli import output

if TYPE_CHECKING:
    from wickwork.market.download.backfill import Progress


class Meter(Protocol):
    """Receives the progress of downloads."""

    def show(self, name: str, progress: Progress) -> None:
        """Called after a page arrived or a batch was stored."""

    def on_pause(self, seconds: float, why: str) -> None:
        """Called before a pause with its length (s) and reason."""

    def close(self) -> None:
        """Called at the end."""


class PauseNotes:
    """Without a terminal: a line on stderr for each pause."""

    def show(self, name: str, progress: Progress) -> None:
        """Nothing; the table at the end has the result."""

    def on_pause(self, seconds: float, why: str) -> None:
        """Print the reason of the pause."""
        output.note(_pause(seconds, why))

    def close(self) -> None:
        """Nothing to close."""


class ProgressBars:
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
        """Update the bar of a series."""
        if not progress.total:
            return
        if name not in self.tasks:
            self.shown.start()
            self.tasks[name] = self.shown.add_task(name, total=progress.total)
        self.shown.update(self.tasks[name], completed=progress.answered)

    def on_pause(self, seconds: float, why: str) -> None:
        """Print the reason of the pause above the bars."""
        self.shown.console.print(_pause(seconds, why), style="yellow", markup=False, highlight=False)

    def close(self) -> None:
        """Stop updating the bars."""
        self.shown.stop()


def _pause(seconds: float, why: str) -> str:
    return f"{why} Again in {seconds:.1f} s."


@contextmanager
def metered() -> Iterator[Meter]:
    """Progress bars on a terminal, lines elsewhere."""
    meter: Meter = ProgressBars() if output.is_terminal() and sys.stderr.isatty() else PauseNotes()
    try:
        yield meter
    finally:
        meter.close()
