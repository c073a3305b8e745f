"""A bot among clocks, venues and disks: the only place that waits.

For every event, in this order: it is written to the journal; the bot advances; the outcome is written to the journal;
only then is it sent to the venue and shown. So the journal is never behind what was sent, whenever the process
is killed. After a kill `resume` brings the bot back to the end of the journal by running the same bars again, and sends
what the venue has not received.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from wickwork.engine.bot import Bot, Outcome, advance
from wickwork.engine.record import (
    ENGINE,
    INPUT,
    OUTPUT,
    SNAPSHOT,
    START,
    STOPPED,
    input_data,
    input_from,
    kind_of,
    output_data,
    output_from,
)
from wickwork.model.bars import iso
from wickwork.model.clock import Clock
from wickwork.model.errors import InputError, WickworkError
from wickwork.model.errors import Refused as RefusedError
from wickwork.model.events import BarsClosed, Event, OrderRequested, Rejected, Report
from wickwork.orders.records import REASONS, REFUSED
from wickwork.risk.gate import Account, Approved, Refused, check
from wickwork.store.journal import Entry, Journal, read_journal
from wickwork.store.snapshots import digest_of

SAVE_EVERY = 500
"""Moments between two saved states, counted over all processes of a run."""


class Venue(Protocol):
    """Where orders go. It recognizes an order that it has received before."""

    last_line: int
    """The line of the journal that caused the last message, as the venue's statement has it; −1 before the first."""
    last_sum: str

    async def send(self, cause: Entry, commands: Sequence[Approved]) -> None:
        """Send what an entry of the journal caused: the commands that the risk gate approved."""

    async def next_report(self) -> Report:
        """Wait for the next report that comes by itself."""

    def take_bars(self, event: BarsClosed) -> Sequence[Report]:
        """The reports that bars lead to, where the venue is simulated outside of the run; else none."""

    def rebuild(self, entries: Iterable[Entry]) -> None:
        """Bring a simulated venue to where a journal ends; a real one is there already."""

    def open_orders(self) -> Sequence[str]:
        """The client ids of the orders that work there."""

    def balances(self) -> Mapping[str, float]:
        """What the account holds there, by currency."""


@dataclass(frozen=True)
class Ports:
    """What connects a run to the world besides its bars."""

    journal: Journal
    venue: Venue
    clock: Clock
    on_outcome: Callable[[Outcome], None]
    """Called with every outcome after it was written down."""
    save_snapshot: Callable[[dict[str, Any]], None]
    """Saves a state, so that a restart need not run all bars again."""
    code: Mapping[str, Any]
    """The engine and the user's nodes, as `record.code_of` gives them."""
    requests: asyncio.Queue[OrderRequested] | None = None
    """Orders of people and alerts."""


@dataclass(frozen=True)
class Resumed:
    """How a run was brought back."""

    bot: Bot
    saved_bars: int = 0
    """Bars that the saved state has."""
    run_again: int = 0
    """Bars that were run again after it."""
    note: str = ""
    """Why a saved state was not used, or which code goes on; empty where there is nothing to say."""


async def run(bot: Bot, feed: Iterable[BarsClosed], ports: Ports, saved_bars: int = 0) -> None:
    """Take events from one queue until the feed ends or the task is cancelled: bars, reports, requests.

    Bars come when they have closed. `saved_bars` is how many bars the last saved state has.
    """
    queue: asyncio.Queue[Event | Exception | None] = asyncio.Queue(1)
    sources = [_bars(bot, feed, ports, queue), _reports(ports.venue, queue)]
    if ports.requests is not None:
        sources.append(_requests(ports.requests, queue))
    tasks = [asyncio.create_task(source) for source in sources]
    try:
        while (event := await queue.get()) is not None:
            if isinstance(event, Exception):
                raise event
            await take(bot, event, ports)
            queue.task_done()
            if bot.bars - saved_bars >= SAVE_EVERY:
                saved_bars = _save(bot, ports)
    finally:
        for task in tasks:
            task.cancel()
        last = ports.journal.last
        # A last line of an event without an outcome: the bot may be ahead of the journal.
        if bot.bars > saved_bars and last is not None and kind_of(last) != INPUT:
            _save(bot, ports)


async def _bars(bot: Bot, feed: Iterable[BarsClosed], ports: Ports, queue: asyncio.Queue[Any]) -> None:
    """Put bars into the queue, each behind the reports that it leads to, and only when all before it was taken."""
    try:
        for event in feed:
            await ports.clock.until(event.opened_at + bot.window.timeframe.milliseconds)
            await queue.join()
            for report in ports.venue.take_bars(event):
                await queue.put(report)
            await queue.put(event)
            await queue.join()
        await queue.put(None)
    except Exception as error:  # whatever it is, the run ends with it
        await queue.put(error)


async def _reports(venue: Venue, queue: asyncio.Queue[Any]) -> None:
    try:
        while True:
            await queue.put(await venue.next_report())
    except Exception as error:
        await queue.put(error)


async def _requests(requests: asyncio.Queue[OrderRequested], queue: asyncio.Queue[Any]) -> None:
    while True:
        await queue.put(await requests.get())


async def take(bot: Bot, event: Event, ports: Ports) -> None:
    """One event: written, evaluated, the outcome written, then sent. What the risk gate denies is an event as well."""
    if isinstance(event, BarsClosed):
        bot.window.refuse_faults(event)
    ports.journal.append(INPUT, input_data(bot.bars, event))
    outcome = advance(bot, event)
    # An outcome that is sent nowhere need not be waited for: running the events again gives it again.
    entry = ports.journal.append(OUTPUT, output_data(outcome), durable=outcome.is_eventful)
    approved, refused = passed(bot, outcome)
    await ports.venue.send(entry, approved)
    ports.on_outcome(outcome)
    for one in refused:
        at = (bot.window.opened_at or 0) + bot.window.timeframe.milliseconds
        await take(bot, Rejected(at=at, order=one.command.order, reason=REASONS[REFUSED]), ports)


def passed(bot: Bot, outcome: Outcome) -> tuple[list[Approved], list[Refused]]:
    """The commands of an outcome, each through the risk gate: what may be sent, and what may not."""
    if not outcome.commands:
        return [], []
    lanes, instruments = bot.machine.arrays["lanes"], bot.window.instruments
    account = Account(
        rules={str(one): one.rules for one in instruments},
        positions={str(one): float(lane["quantity"]) for one, lane in zip(instruments, lanes, strict=True)},
        state=bot.trading_state,
    )
    verdicts = [check(command, account) for command in outcome.commands]
    approved = [one for one in verdicts if isinstance(one, Approved)]
    return approved, [one for one in verdicts if isinstance(one, Refused)]


async def resume(new_bot: Callable[[], Bot], snapshot: Mapping[str, Any] | None, ports: Ports) -> Resumed:
    """A bot as it was at the end of the journal, from the saved state on, or from the first bar.

    A saved state is used only where the journal holds its digest and the same code wrote it. Raises Refused where the
    saved state or the venue's statement names a line that the journal does not have, and WickworkError where the bot
    does now what it did not do then.
    """
    journal, venue = ports.journal, ports.venue
    last = journal.last
    if venue.last_line > (last.number if last else -1):
        raise _cut(journal, "venue's statement", venue.last_line)
    bot, line, note = _restored(new_bot, snapshot, ports)
    venue.rebuild(read_journal(journal.path))
    saved_bars, again = bot.bars, 0
    code: Mapping[str, Any] = {}
    pending: Event | None = None
    for entry in read_journal(journal.path):
        kind = kind_of(entry)
        if kind in (START, ENGINE):
            code = {name: entry.data.get(name) for name in ports.code}
        if entry.number == venue.last_line and entry.sum != venue.last_sum:
            raise _cut(journal, "venue's statement", venue.last_line)
        if kind == INPUT and entry.number > line:
            pending = input_from(entry.data)
        elif kind == OUTPUT:
            if pending is not None:
                _compare(advance(bot, pending), output_from(entry.data), code["engine"] == ports.code["engine"])
                again, pending = again + 1, None
            await venue.send(entry, ())
    if code != ports.code:
        journal.append(ENGINE, ports.code)
        note = f"{note} The run goes on with engine {ports.code['engine']}; all its bars were run again.".strip()
    if pending is not None:
        outcome = advance(bot, pending)
        await venue.send(journal.append(OUTPUT, output_data(outcome)), passed(bot, outcome)[0])
        ports.on_outcome(outcome)
        again += 1
    if bot.bars - saved_bars >= SAVE_EVERY:
        saved_bars = _save(bot, ports)
    return Resumed(bot, saved_bars, again, note)


def stop(bot: Bot, ports: Ports) -> None:
    """Write down that the run was stopped on purpose; it can go on later."""
    ports.journal.append(STOPPED, {"bars": bot.bars})


def _save(bot: Bot, ports: Ports) -> int:
    """Save the state behind a line of the journal that holds its digest; returns how many bars it has."""
    content = bot.save()
    entry = ports.journal.append(SNAPSHOT, {"bars": bot.bars, "digest": digest_of(content), **ports.code})
    ports.save_snapshot({"number": entry.number, "sum": entry.sum, "bot": content})
    return bot.bars


def _restored(new_bot: Callable[[], Bot], snapshot: Mapping[str, Any] | None, ports: Ports) -> tuple[Bot, int, str]:
    """A bot from the saved state, the line of the journal where it was saved, and why it was not used."""
    if snapshot is None:
        return new_bot(), -1, ""
    entry = _line_of(snapshot, ports.journal)
    if entry is None or entry.kind != SNAPSHOT or entry.data.get("digest") != digest_of(snapshot.get("bot")):
        return new_bot(), -1, "The saved state is not the one that the journal names, so all bars are run again."
    if {name: entry.data.get(name) for name in ports.code} != ports.code:
        return new_bot(), -1, "The saved state was written by other code, so all bars are run again."
    bot = new_bot()
    try:
        bot.load(snapshot["bot"])
    except InputError:
        return new_bot(), -1, "The saved state cannot be read, so all bars are run again."
    return bot, entry.number, ""


def _line_of(snapshot: Mapping[str, Any], journal: Journal) -> Entry | None:
    """The line at which a state was saved; None where the state names none."""
    number, last = snapshot.get("number"), journal.last
    if not isinstance(number, int) or number < 0:
        return None
    if last is None or number > last.number:
        raise _cut(journal, "saved state", number)
    for entry in read_journal(journal.path):
        if entry.number == number:
            if entry.sum != snapshot.get("sum"):
                raise _cut(journal, "saved state", number)
            return entry
    return None


def _cut(journal: Journal, what: str, number: int) -> RefusedError:
    return RefusedError(
        f"The {what} of this run names line {number + 1} of {journal.path}, which is not there or is another: "
        "something was done before it was written down, or the journal was cut or replaced. "
        "Do not go on with it; begin another run with --journal."
    )


def _compare(now: Outcome, then: Outcome, states: bool) -> None:
    """A state is bytes of the records of its engine: one of another version is not comparable, its decisions are."""
    if now != then and (states or replace(now, state=then.state) != then):
        raise WickworkError(
            f"At bar {then.bar} ({iso(then.opened_at)}) this version of Wickwork or of a node does something else than "
            "the run did; go on with the version that began it, or begin another run with --journal."
        )
