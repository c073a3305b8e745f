"""A run whose fills a venue reports from outside: bars to the venue, reports to the bot, commands back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from wickwork.engine.advance import FIELDS, Outcome, advance
from wickwork.engine.bot import Bot
from wickwork.engine.paper.exchange import PaperExchange
from wickwork.engine.window import Universe
from wickwork.graph.program import Program
from wickwork.model.events import BarsClosed, Event, Report
from wickwork.risk.gate import Account, Approved, check
from wickwork.sim.terms import Terms

Arrange = Callable[[Sequence[Report]], Iterable[Report]]


@dataclass
class Rows:
    """What a run gave, all of it."""

    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {name: [] for name in FIELDS})
    equity: list[float] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        assert outcome.faults == ()
        for name, rows in self.tables.items():
            rows.extend(getattr(outcome, name))


def fast(program: Program, universe: Universe, terms: Terms, bars: Iterable[BarsClosed]) -> tuple[Rows, Bot]:
    """The run with its fills simulated within the bot."""
    bot, rows = Bot(program, universe, terms), Rows()
    for event in bars:
        outcome = advance(bot, event)
        rows.add(outcome)
        rows.equity.append(outcome.equity)
    return rows, bot


def slow(
    program: Program, universe: Universe, terms: Terms, bars: Iterable[BarsClosed], arrange: Arrange = tuple
) -> tuple[Rows, Bot, PaperExchange]:
    """The run with its fills reported; `arrange` may repeat and permute the reports of a bar."""
    bot, rows = Bot(program, universe, terms, reported=True), Rows()
    venue = PaperExchange(universe, terms)
    answers: list[Report] = []
    for event in bars:
        reports = [*answers, *venue.take_bars(event)]
        answers = []
        for one in [*arrange(reports), event]:
            rows.events.append(one)
            outcome = advance(bot, one)
            rows.add(outcome)
            approved = [check(command, account_of(bot)) for command in outcome.commands]
            assert all(isinstance(verdict, Approved) for verdict in approved), approved
            answers += venue.send([verdict for verdict in approved if isinstance(verdict, Approved)])
        rows.equity.append(outcome.equity)
    return rows, bot, venue


def account_of(bot: Bot) -> Account:
    """What the risk gate needs."""
    lanes = bot.machine.arrays["lanes"]
    return Account(
        {str(one): one.rules for one in bot.window.instruments},
        {str(one): float(lane["quantity"]) for one, lane in zip(bot.window.instruments, lanes, strict=True)},
    )
