"""A bot among clocks, venues and disks: the only place that waits.

For every event, in this order: it is written to the journal; the bot advances; the outcome is written to the journal;
only then is it sent to the venue and shown. So the journal holds everything that was sent, whenever the process
is killed. After a kill `resume` brings the bot back to the end of the journal by running the same bars again, and sends
what the venue has not received.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from wickwork.engine.advance import Outcome, advance
from wickwork.engine.bot import Bot
from wickwork.engine.faults import refuse_event
from wickwork.engine.journal_entries import (
    ENGINE,
    INPUT,
    NOT_TAKEN,
    OUTPUT,
    SNAPSHOT,
    START,
    STOPPED,
    UNANSWERED,
    input_data,
    input_from,
    kind_of,
    output_data,
    output_from,
    sent_commands,
    sent_orders,
)
from wickwork.engine.order_commands import client_id_of, working_rows
from wickwork.engine.order_list import confirm, in_flight, mark_unknown
from wickwork.model.bars import iso
from wickwork.model.clock import Clock
from wickwork.model.commands import Amend, Place
from wickwork.model.errors import InputError, WickworkError
from wickwork.model.errors import Refused as RefusedError
from wickwork.model.events import (
    AmendRejected,
    BarsClosed,
    Event,
    OrderRequested,
    Rejected,
    Report,
    TradingStateChanged,
)
from wickwork.orders.records import REASONS, REFUSED
from wickwork.risk.gate import ACTIVE, Account, Approved, Refused, WorkingOrder, check
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
        """Send what an entry of the journal caused: the commands that the risk gate approved.

        When a run goes on, it is called again for every entry of the journal: what came before changes nothing.
        """

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
    """The engine and the user's nodes, as `journal_entries.code_of` gives them."""
    requests: asyncio.Queue[OrderRequested | TradingStateChanged] | None = None
    """Orders of people and alerts, and changes of the trading state."""


@dataclass(frozen=True)
class Resumed:
    """How a run was brought back."""

    bot: Bot
    saved_bars: int = 0
    """Bars that the saved state has."""
    run_again: int = 0
    """Events that were run again after it."""
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
    tasks = [asyncio.create_task(_source(source, queue)) for source in sources]
    whole = True
    try:
        while (event := await queue.get()) is not None:
            if isinstance(event, Exception):
                raise event
            whole = False
            await _take_with_reports(bot, event, ports)
            whole = True
            queue.task_done()
            if bot.bars - saved_bars >= SAVE_EVERY:
                saved_bars = _save(bot, ports)
    finally:
        for task in tasks:
            task.cancel()
        # After half of an event the bot may be ahead of the journal, or a denial may not have been applied.
        if whole and bot.bars > saved_bars:
            _save(bot, ports)
        await asyncio.gather(*tasks, return_exceptions=True)


async def _source(source: Coroutine[Any, Any, None], queue: asyncio.Queue[Any]) -> None:
    """Run a source of events; however it ends, unless with the run, the run ends with it."""
    try:
        await source
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        await queue.put(WickworkError("A source of events was canceled from outside, so the run has ended."))
    except Exception as error:
        await queue.put(error)


async def _bars(bot: Bot, feed: Iterable[BarsClosed], ports: Ports, queue: asyncio.Queue[Any]) -> None:
    """Put bars into the queue when they have closed, and only when all before them was taken."""
    for event in feed:
        await ports.clock.until(event.opened_at + bot.window.timeframe.milliseconds)
        await queue.join()
        await queue.put(event)
        await queue.join()
    await queue.put(None)


async def _reports(venue: Venue, queue: asyncio.Queue[Any]) -> None:
    while True:
        await queue.put(await venue.next_report())


async def _requests(requests: asyncio.Queue[Any], queue: asyncio.Queue[Any]) -> None:
    while True:
        await queue.put(await requests.get())


async def _take_with_reports(bot: Bot, event: Event, ports: Ports) -> None:
    """Take one event; bars after the reports that they lead to.

    Nothing comes between them, so that `Venue.rebuild` finds the same order in the journal.
    """
    if bot.kept.unknown:
        confirm(bot, ports.venue.open_orders())
    if isinstance(event, (OrderRequested, TradingStateChanged)):
        try:
            refuse_event(bot, event)
        except InputError as error:
            ports.journal.append(NOT_TAKEN, {"bar": bot.bars, "reason": str(error)})
            return
    if isinstance(event, BarsClosed):
        opened = bot.window.opened_at
        if opened is not None and event.opened_at <= opened:
            count = sum(row is not None for row in event.rows)
            reason = f"The bars of {iso(event.opened_at)} came too late: after those of {iso(opened)}."
            ports.journal.append(
                NOT_TAKEN, {"bar": bot.bars, "opened_at": event.opened_at, "bars": count, "reason": reason}
            )
            return
        refuse_event(bot, event)
        for report in ports.venue.take_bars(event):
            await take(bot, report, ports)
    await take(bot, event, ports)


async def take(bot: Bot, event: Event, ports: Ports) -> None:
    """One event: written, evaluated, the outcome written, then sent. What the risk gate denies is an event as well."""
    refuse_event(bot, event)
    ports.journal.append(INPUT, input_data(bot.bars, event))
    await _finish(bot, event, ports)


async def _finish(bot: Bot, event: Event, ports: Ports) -> None:
    """All that follows an event which the journal holds."""
    outcome = advance(bot, event)
    approved, refused = passed(bot, outcome)
    # An outcome that is sent nowhere need not be waited for: running the events again gives it again.
    data = output_data(outcome, [(one.command, one.reason) for one in refused], bot.kept)
    entry = ports.journal.append(OUTPUT, data, durable=outcome.is_eventful)
    await _send(bot, entry, approved, ports)
    ports.on_outcome(outcome)
    for one in refused:
        await take(bot, _denial(bot, one), ports)


async def _send(bot: Bot, entry: Entry, approved: Sequence[Approved], ports: Ports) -> None:
    """Send the commands of an outcome. A venue that does not answer in time may have them or not."""
    orders = [one.command.order for one in approved if isinstance(one.command, Place)]
    bot.kept.sent.update(dict.fromkeys(orders, entry.at))
    try:
        await ports.venue.send(entry, approved)
    except TimeoutError as error:
        mark_unknown(bot, orders)
        about = {"orders": [one.command.order for one in approved], "reason": str(error) or "no answer in time"}
        ports.journal.append(UNANSWERED, {"bar": bot.bars, **about})


def _denial(bot: Bot, one: Refused) -> Rejected | AmendRejected:
    """What the risk gate denied, as a report; an order whose change was denied goes on working."""
    at = (bot.window.opened_at or 0) + bot.window.timeframe.milliseconds
    if isinstance(one.command, Amend):
        return AmendRejected(at=at, order=one.command.order, reason=REASONS[REFUSED])
    return Rejected(at=at, order=one.command.order, reason=REASONS[REFUSED])


def passed(bot: Bot, outcome: Outcome) -> tuple[list[Approved], list[Refused]]:
    """The commands of an outcome, each through the risk gate: what may be sent, and what may not."""
    if not outcome.commands:
        return [], []
    lanes, instruments = bot.machine.arrays["lanes"], bot.window.instruments
    account = Account(
        rules={str(one): one.rules for one in instruments},
        positions={str(one): float(lane["quantity"]) for one, lane in zip(instruments, lanes, strict=True)},
        state=bot.trading_state,
        orders={} if bot.trading_state == ACTIVE else _working_orders(bot),
    )
    verdicts = [check(command, account) for command in outcome.commands]
    approved = [one for one in verdicts if isinstance(one, Approved)]
    return approved, [one for one in verdicts if isinstance(one, Refused)]


def _working_orders(bot: Bot) -> dict[str, WorkingOrder]:
    """The working orders as the venue has them: before the changes that are on their way."""
    found = {}
    for number, row in working_rows(bot).items():
        left = bot.kept.left_at_venue(number, float(row["remaining"]))
        side = "buy" if row["side"] > 0 else "sell"
        instrument = bot.instrument_of(int(row["lane"]))
        found[client_id_of(bot, row)] = WorkingOrder(
            instrument, side, left, bool(row["reduce_only"]), 0 if row["leg"] else int(row["group"])
        )
    return found


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
    denied: list[Refused] = []
    for entry in read_journal(journal.path):
        kind = kind_of(entry)
        if kind in (START, ENGINE):
            code = {name: entry.data.get(name) for name in ports.code}
        if entry.number == venue.last_line and entry.sum != venue.last_sum:
            raise _cut(journal, "venue's statement", venue.last_line)
        if kind == INPUT and entry.number > line:
            pending = input_from(entry.data)
            if denied and pending == _denial(bot, denied[0]):
                denied.pop(0)
        elif kind == OUTPUT:
            if pending is not None:
                now = advance(bot, pending)
                _compare(now, output_from(entry.data), code["engine"] == ports.code["engine"])
                denied = passed(bot, now)[1] + denied
                again, pending = again + 1, None
            bot.kept.sent.update(dict.fromkeys(sent_orders(entry.data), entry.at))
            await venue.send(entry, [Approved(command) for command in sent_commands(entry.data)])
    # The process that sent them has ended: an answer that came to it alone is lost.
    mark_unknown(bot, in_flight(bot))
    if bot.kept.unknown:
        confirm(bot, venue.open_orders())
    if code != ports.code:
        journal.append(ENGINE, ports.code)
        note = f"{note} The run goes on with engine {ports.code['engine']}; all its bars were run again.".strip()
    if pending is not None:
        await _finish(bot, pending, ports)
        again += 1
    for one in denied:
        await take(bot, _denial(bot, one), ports)
    if bot.bars - saved_bars >= SAVE_EVERY:
        saved_bars = _save(bot, ports)
    return Resumed(bot, saved_bars, again, note)


def stop(bot: Bot, ports: Ports) -> None:
    """Write down that the run was stopped on purpose; it can go on later."""
    ports.journal.append(STOPPED, {"bars": bot.bars})


def _save(bot: Bot, ports: Ports) -> int:
    """Save the state after writing its digest to the journal; returns how many bars it has."""
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
    """The error where a snapshot or a statement names a line that the journal does not have."""
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
