"""A run whose fills are reported, killed wherever it can be killed: the same bits, and one ledger with its venue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.engine.live_cases import Paper
from tests.engine.test_live import paper
from tests.engine.test_slow_venue import money_of
from wickwork.engine import live
from wickwork.engine.advance import Outcome
from wickwork.engine.bot import Bot
from wickwork.engine.journal_entries import INPUT, OUTPUT, sent_commands
from wickwork.engine.paper.venue import ReportingPaperVenue
from wickwork.graph.types import PLACE
from wickwork.model.commands import Command
from wickwork.model.events import OrderRequested, TradingStateChanged
from wickwork.risk.gate import Approved
from wickwork.store.journal import Entry, read_journal
from wickwork.strategies.load import Loaded

STEPS = [f"{when} {what}" for what in (INPUT, OUTPUT, "snapshot") for when in ("before", "after")]
STEPS += ["after send", "after keep"]
BUY = {"verb": PLACE, "size": 0.01}


def busy(folder: Path, count: int = 50, **options: Any) -> Paper:
    """A run with an entry every few bars."""
    folder.mkdir(exist_ok=True)
    run = paper(folder, count=count, reported=True, **options)
    changed = run.strategy.graph.with_params({"fast.period": 2, "slow.period": 4})
    run.strategy = Loaded(changed, run.strategy.catalogue)
    return run


def at_every(where: str, step: int = 3) -> Callable[[str], bool]:
    """One kill at that step of each event in turn."""
    passed, state = Counter[str](), {"next": 1}

    def kill_at(here: str) -> bool:
        passed[here] += 1
        if here == where and passed[here] >= state["next"]:
            state["next"] = passed[here] + step
            return True
        return False

    return kill_at


def lives(run: Paper) -> tuple[Bot, int]:
    """The bot at the end of the bars, and how many processes it took."""
    count = 1
    while (bot := run.go()) is None:
        count += 1
        assert count < 200
    return bot, count


def entries_of(run: Paper) -> list[tuple[str, Any]]:
    """What the journal says of the run itself."""
    return [(entry.kind, entry.data) for entry in read_journal(run.journal) if entry.kind in (INPUT, OUTPUT)]


@pytest.mark.parametrize("where", STEPS)
def test_killed_at_every_step_it_writes_the_journal_of_the_unbroken_run(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SAVE_EVERY", 4)
    count, step = (80, 2) if where == "after input" else (50, 3)
    whole = busy(tmp_path / "whole", count)
    unbroken, _ = lives(whole)
    run = busy(tmp_path / "killed", count, kill_at=at_every(where, step))
    bot, processes = lives(run)
    assert processes > 3
    assert entries_of(run) == entries_of(whole)
    assert bot.save() == unbroken.save()
    assert run.exchange is not None
    assert money_of(bot) == money_of(run.exchange.bot)
    assert run.replay() == []


@pytest.mark.parametrize("where", [STEPS[0], STEPS[1], STEPS[2], STEPS[3], "after send"])
def test_orders_of_people_between_bars_leave_one_ledger_after_kills(where: str, tmp_path: Path) -> None:
    state = {"bar": 0}

    def requests(outcome: Outcome) -> OrderRequested | None:
        if outcome.bar <= state["bar"]:
            return None
        state["bar"] = outcome.bar + 2
        return OrderRequested(at=0, source="a test", instrument="BTC/USDT", intent=BUY)

    run = busy(tmp_path, requests=requests, kill_at=at_every(where))
    bot, count = lives(run)
    assert count > 3
    assert run.exchange is not None
    assert len([1 for _, data in entries_of(run) if data.get("event") == "OrderRequested"]) > 5
    assert money_of(bot) == money_of(run.exchange.bot)
    assert run.replay() == []


@pytest.mark.parametrize("where", ["nowhere", *STEPS[:4]])
def test_an_order_that_the_risk_gate_denied_is_never_sent_also_after_a_kill(where: str, tmp_path: Path) -> None:
    asked = {0, 1, 2}  # a kill may lose the first of them

    def requests(outcome: Outcome) -> TradingStateChanged | None:
        if outcome.bar in asked or outcome.bar > 6:
            return None
        asked.add(outcome.bar)
        return TradingStateChanged(at=0, state="halted", reason="a test")

    run = busy(tmp_path, requests=requests, kill_at=at_every(where))
    bot, _ = lives(run)
    assert run.exchange is not None
    assert bot.trading_state == "halted"
    commands = [data.get("commands", []) for _, data in entries_of(run)]
    assert sum(map(len, commands)) > 1
    assert run.exchange.open_orders() == []
    assert run.exchange.positions() == {"BTC/USDT": 0.0}
    assert len(bot.machine.working()) == 0
    assert run.replay() == []


def test_the_exchange_numbers_its_fills(tmp_path: Path) -> None:
    """A run tells repeated fills by these numbers, so no two may be the same, also in another process."""
    run = busy(tmp_path, kill_at=at_every("after input", 10))
    lives(run)
    inputs = [data for kind, data in entries_of(run) if kind == INPUT]
    fills = [data["fields"]["fill"] for data in inputs if data["event"] == "Filled"]
    assert len(fills) > 5
    assert fills == [str(k + 1) for k in range(len(fills))]


def test_commands_that_were_written_and_not_sent_are_sent_when_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A venue that does not read the journal, as an exchange, gets them from the run."""
    got: dict[int, list[Command]] = {}
    send = ReportingPaperVenue.send

    async def watched(venue: ReportingPaperVenue, cause: Entry, commands: Sequence[Approved] = ()) -> None:
        if cause.number > venue.last_line:
            got[cause.number] = [one.command for one in commands]
        await send(venue, cause, commands)

    monkeypatch.setattr(ReportingPaperVenue, "send", watched)
    run = busy(tmp_path, kill_at=at_every("after output"))
    _, processes = lives(run)
    assert processes > 3
    entries = {entry.number: entry for entry in read_journal(run.journal) if entry.kind == OUTPUT}
    written = {number: sent_commands(entry.data) for number, entry in entries.items()}
    assert sum(bool(commands) for commands in written.values()) > 3
    assert {number: commands for number, commands in got.items() if commands} == {
        number: commands for number, commands in written.items() if commands
    }
