"""Runs on paper in this process, with everything that they are handed in a folder, and ways to end them early."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from wickwork import Bars, FundingRates, Terms
from wickwork.engine import live
from wickwork.engine.advance import Outcome
from wickwork.engine.bot import Bot
from wickwork.engine.fast_clock import FastClock
from wickwork.engine.journal_entries import START, Start, code_of, start_data, start_from, start_of
from wickwork.engine.paper.exchange import PaperExchange
from wickwork.engine.paper.venue import ReportingPaperVenue
from wickwork.engine.replay import Difference, against_statement, read_run, replay
from wickwork.engine.window import Universe
from wickwork.graph.program import plan
from wickwork.market.stream import stream
from wickwork.model.events import OrderRequested, TradingStateChanged
from wickwork.store.journal import Journal, read_journal
from wickwork.strategies.load import Loaded
from wickwork.venues.paper import PaperVenue


class Killed(BaseException):
    """What a kill is within one process: nothing catches it, nothing is tidied up."""


@dataclass
class Paper:
    """One run on paper, begun or gone on with by `go`."""

    folder: Path
    strategy: Loaded
    bars: list[Bars]
    finer: list[Bars] = field(default_factory=list)
    terms: Terms = field(default_factory=Terms)
    kill_at: Callable[[str], bool] = lambda where: False
    """Asked before and after everything that a run does to the world."""
    told: list[Outcome] = field(default_factory=list)
    run: Callable[..., Any] = live.run
    code: dict[str, Any] = field(default_factory=dict)
    resumed: live.Resumed | None = None
    reported: bool = False
    funding: dict[str, FundingRates] = field(default_factory=dict)
    marks: dict[str, Bars] = field(default_factory=dict)
    exchange: PaperExchange | None = None
    """The other side of the last process, where fills are reported."""
    requests: Callable[[Outcome], OrderRequested | TradingStateChanged | None] | None = None
    """What a person sends after an outcome."""

    @property
    def journal(self) -> Path:
        return self.folder / "run.jsonl"

    @property
    def start(self) -> Start:
        finer = self.finer[0].timeframe if self.finer else None
        instruments = tuple(b.instrument for b in self.bars)
        universe = Universe(instruments, self.bars[0].timeframe, finer, tuple(self.funding), tuple(self.marks))
        first = min(int(b.opened_at[0]) for b in self.bars)
        return start_of(
            self.strategy.check(),
            universe,
            self.terms,
            source="a test",
            synthetic=True,
            first=first,
            reported=self.reported,
        )

    def bot(self) -> Bot:
        start = self.start
        program = plan(self.strategy.check(), start.universe.timeframe)
        return Bot(program, start.universe, self.terms, reported=self.reported, name="run")

    def go(self) -> Bot | None:
        """Run to the end of the bars; None when killed on the way.

        Nothing waits for the disk here: what is written outlives a kill without that.
        """
        with patch("os.fsync"):
            return self._go()

    def _go(self) -> Bot | None:
        state = self.folder / "state.json"
        journal = Journal(self.journal)
        first = journal.first or journal.append(START, start_data(self.start))
        venue = self._venue(first.sum)
        append, send = journal.append, venue.send

        def watched(kind: str, data: Any, *, durable: bool = True) -> Any:
            self._dare(f"before {kind}")
            entry = append(kind, data, durable=durable)
            self._dare(f"after {kind}")
            return entry

        async def sending(cause: Any, commands: Any = ()) -> None:
            before = venue.last_line
            await send(cause, commands)
            if venue.last_line > before:
                self._dare("after send")

        def keep(saved: dict[str, Any]) -> None:
            state.write_text(json.dumps(saved, allow_nan=False))
            self._dare("after keep")

        journal.append, venue.send = watched, sending  # type: ignore[method-assign]
        queue: asyncio.Queue[Any] | None = None if self.requests is None else asyncio.Queue()

        def on_outcome(outcome: Outcome) -> None:
            self.told.append(outcome)
            if self.requests is not None and queue is not None and (wanted := self.requests(outcome)) is not None:
                queue.put_nowait(wanted)

        code = self.code or code_of(self.start)
        ports = live.Ports(journal, venue, FastClock(0, float("inf")), on_outcome, keep, code, queue)
        try:
            saved = json.loads(state.read_text()) if state.exists() else None
            return asyncio.run(self._life(saved, ports))
        except Killed:
            return None
        finally:
            journal.close()
            venue.close()

    def _venue(self, first: str) -> PaperVenue:
        path = self.folder / "venue.jsonl"
        if not self.reported:
            return PaperVenue(path, first)
        universe = self.start.universe
        self.exchange = PaperExchange(universe, self.terms, name="run")
        return ReportingPaperVenue(path, first, self.exchange)

    async def _life(self, saved: Any, ports: live.Ports) -> Bot:
        self.resumed = await live.resume(self.bot, saved, ports)
        bot = self.resumed.bot
        finer, after = {b.instrument: b for b in self.finer}, bot.window.opened_at
        feed = stream(self.bars, finer, after=after, funding=self.funding, marks=self.marks)
        await self.run(bot, feed, ports, self.resumed.saved_bars)
        return bot

    def _dare(self, where: str) -> None:
        if self.kill_at(where):
            raise Killed(where)

    def replay(self) -> list[Difference]:
        """Every difference between the run and the backtest, and between the run and the venue's statement."""
        recorded = read_run(read_journal(self.journal), "the journal")
        start = start_from(recorded.start.data, "the journal")
        assert start.identity == self.start.identity
        with patch("wickwork.engine.replay.order_prefix", lambda first: "run"):
            differences, _ = replay(recorded, start, plan(self.strategy.check(), start.universe.timeframe))
        return differences + against_statement(recorded, read_journal(self.folder / "venue.jsonl"))
