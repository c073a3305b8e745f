"""A bot among clocks, venues and disks: the only place that waits.

For every moment, in this order: the bars are written to the journal; the bot advances; what came of it is written to
the journal; only then the venue and the world hear of it. So whatever is killed whenever, the journal knows at least as
much as the world. After a kill `recover` brings the bot back to the end of the journal by hearing the same bars again,
and sends what the venue has not heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from wickwork.engine.backtest import engine_version
from wickwork.engine.bot import Bot, Outcome, advance
from wickwork.engine.record import DONE, HEARD, START, STOPPED, done_data, done_from, heard_data, heard_from
from wickwork.model.bars import iso
from wickwork.model.clock import Clock
from wickwork.model.errors import WickworkError
from wickwork.model.event import BarsClosed
from wickwork.store.journal import Entry, Journal, read_journal

SAVE_EVERY = 500
"""Moments between two saved states."""


class Venue(Protocol):
    """Where orders go. It knows a message that it has heard before."""

    heard: int

    async def send(self, because: Entry) -> None:
        """Take what that entry of the journal says of orders."""


@dataclass(frozen=True)
class Ends:
    """What a run is handed besides its bot and its bars."""

    journal: Journal
    venue: Venue
    clock: Clock
    tell: Callable[[Outcome], None]
    """Hears every outcome, after it was written down."""
    keep: Callable[[dict[str, Any]], None]
    """Keeps a saved state, so that a restart need not hear all bars again."""


async def run(bot: Bot, feed: Iterable[BarsClosed], ends: Ends) -> None:
    """Hear the bars of a feed, each when it has closed, until the feed ends or the task is cancelled."""
    since = 0
    try:
        for event in feed:
            await ends.clock.until(event.opened_at + bot.window.timeframe.milliseconds)
            await hear(bot, event, ends)
            since += 1
            if since == SAVE_EVERY:
                _keep(bot, ends)
                since = 0
    finally:
        _keep(bot, ends)


async def hear(bot: Bot, event: BarsClosed, ends: Ends) -> None:
    """The bars of one moment: written, heard, written, done."""
    bot.window.refuse_faults(event)
    ends.journal.append(HEARD, heard_data(bot.bars, event))
    outcome = advance(bot, event)
    # What nobody hears of need not be waited for: hearing the bars again gives it again.
    entry = ends.journal.append(DONE, done_data(outcome), durable=outcome.is_eventful)
    await ends.venue.send(entry)
    ends.tell(outcome)


async def recover(bot: Bot, saved: Mapping[str, Any] | None, ends: Ends) -> int:
    """Bring a new bot to where the journal ends; returns how many moments it had to hear again.

    Raises WickworkError where the saved state knows more than the journal, or where the bot does now what it did not
    do then.
    """
    entries = read_journal(ends.journal.path)
    again = 0
    states = next(iter(read_journal(ends.journal.path))).data["engine"] == engine_version()
    if saved is not None:
        for entry in _until(saved, entries, ends.journal):
            if entry.kind == DONE:
                await ends.venue.send(entry)  # it may have been saved before it was sent
        if saved.get("engine") == engine_version():
            bot.load(saved["bot"])
        else:  # another layout, perhaps; and running all bars again compares every decision
            entries = read_journal(ends.journal.path)
    pending: BarsClosed | None = None
    for entry in entries:
        if entry.kind == HEARD:
            pending = heard_from(entry.data)
        elif entry.kind == DONE and pending is not None:
            _compare(advance(bot, pending), done_from(entry.data), states)
            again, pending = again + 1, None
            await ends.venue.send(entry)
    if pending is not None:
        outcome = advance(bot, pending)
        await ends.venue.send(ends.journal.append(DONE, done_data(outcome)))
        ends.tell(outcome)
        again += 1
    return again


def stop(bot: Bot, ends: Ends) -> None:
    """Write down that the run was stopped on purpose; it can go on later."""
    ends.journal.append(STOPPED, {"bars": bot.bars})


def _keep(bot: Bot, ends: Ends) -> None:
    """Save the state together with the line of the journal up to which it has heard."""
    last = ends.journal.last
    if last is not None and last.kind in (DONE, START):
        ends.keep({"number": last.number, "sum": last.sum, "engine": engine_version(), "bot": bot.save()})


def _until(saved: Mapping[str, Any], entries: Iterable[Entry], journal: Journal) -> Iterator[Entry]:
    """The lines up to the one at which a state was saved."""
    last = journal.last
    if last is None or saved["number"] > last.number:
        raise WickworkError(
            f"The saved state of this run knows line {saved['number'] + 1} of {journal.path}, which ends with line "
            f"{last.number + 1 if last else 0}: something was done before it was written down, or the journal was cut. "
            "Do not go on with it; begin another run with --journal."
        )
    for entry in entries:
        if entry.number == saved["number"] and entry.sum != saved["sum"]:
            raise WickworkError(
                f"The saved state of this run belongs to another journal than {journal.path}; delete the state to hear "
                "all bars again."
            )
        yield entry
        if entry.number == saved["number"]:
            return


def _compare(now: Outcome, then: Outcome, states: bool) -> None:
    """A state is bytes of the records of its engine: one of another version is not comparable, its decisions are."""
    if now != then and (states or replace(now, state=then.state) != then):
        raise WickworkError(
            f"At bar {then.bar} ({iso(then.opened_at)}) this version of Wickwork or of a node does something else than "
            "the run did; go on with the version that began it, or begin another run with --journal."
        )
