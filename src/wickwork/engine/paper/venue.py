"""The venue of a run whose fills are reported: the simulated exchange, and the statement of what was sent to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from wickwork.engine.journal_entries import INPUT, OUTPUT, input_from, kind_of, sent_commands
from wickwork.engine.paper.exchange import PaperExchange
from wickwork.model.events import BarsClosed, Event, Report
from wickwork.risk.gate import Approved
from wickwork.store.journal import Entry
from wickwork.venues.paper import PaperVenue


class ReportingPaperVenue(PaperVenue):
    """A paper venue that matches outside of the run and reports, as an exchange does."""

    def __init__(self, path: Path, owner: str, exchange: PaperExchange) -> None:
        """Open the statement of the journal whose first line has the sum `owner`, as `PaperVenue` does."""
        super().__init__(path, owner)
        self._exchange = exchange
        self._answers: list[Report] = []
        self._unsent: list[list[Approved]] = []
        self._within = False
        """Whether the journal ended among the reports of bars that the run had not taken yet."""
        self._reported = 0
        """The number of the last report that the journal held when the exchange was rebuilt."""
        self._rebuilt = -1
        """The last line of that journal, up to which the exchange has all commands."""

    async def send(self, cause: Entry, commands: Sequence[Approved] = ()) -> None:
        """Take commands; their answers are reported with the next bars."""
        if cause.number <= self._rebuilt:
            commands = ()
        if self._within:
            self._unsent.append(list(commands))
        else:
            self._answers += self._exchange.send(commands)
        await super().send(cause)

    def take_bars(self, event: BarsClosed) -> Sequence[Report]:
        """Answers to the commands since the last bars, and what these bars lead to."""
        found = [*self._answers, *self._exchange.take_bars(event)]
        self._answers = [report for commands in self._unsent for report in self._exchange.send(commands)]
        self._unsent, self._within = [], False
        reports = [report for report in found if report.number > self._reported]
        self._reported = 0
        return reports

    def rebuild(self, entries: Iterable[Entry]) -> None:
        """Take the bars and the commands of a journal again, in the order in which they came here."""
        group: list[list[Approved]] = []
        event: Event | None = None
        within, reported = False, 0
        for entry in entries:
            self._rebuilt = entry.number
            if kind_of(entry) == INPUT:
                event = input_from(entry.data)
                if isinstance(event, Report) and event.number:  # a report of bars that the run takes after it
                    within, reported = True, max(reported, event.number)
                elif isinstance(event, BarsClosed):
                    # Its reports came before the bars: so the exchange had these bars before all that they led to.
                    self._answers += self._exchange.take_bars(event)
                    for commands in group:
                        self._answers += self._exchange.send(commands)
                    within, group = False, []
            elif kind_of(entry) == OUTPUT and event is not None:
                approved = [Approved(command) for command in sent_commands(entry.data)]
                if within:
                    group.append(approved)
                else:
                    self._answers += self._exchange.send(approved)
        self._unsent = group  # caused by reports of bars that the run has not taken yet
        self._within, self._reported = within, reported

    def open_orders(self) -> Sequence[str]:
        """The client ids of the working orders."""
        return self._exchange.open_orders()

    def balances(self) -> Mapping[str, float]:
        """Cash and equity of the account."""
        return self._exchange.balances()
