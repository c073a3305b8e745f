"""A run compared with a backtest over the very bars that it took: every difference, and there should be none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from dataclasses import replace as changed_copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.advance import FIELDS, IDENTITY, PUBLIC_NAMES, Outcome, advance, placed_of
from wickwork.engine.backtest import History, engine_version, feed_for, history_of
from wickwork.engine.bot import Bot, state_of
from wickwork.engine.feed import Feed, charge_table, charges_of
from wickwork.engine.journal_entries import (
    INPUT,
    NOT_TAKEN,
    OUTPUT,
    START,
    Start,
    input_from,
    kind_of,
    order_prefix,
    output_from,
)
from wickwork.engine.machine import Machine
from wickwork.engine.notifications import notifications_of
from wickwork.engine.window import Universe
from wickwork.graph.program import Program
from wickwork.model.bars import Bars, iso
from wickwork.model.errors import InputError
from wickwork.model.events import BarsClosed, Event, OrderRequested, Row, TradingStateChanged
from wickwork.model.instrument import Instrument, Kind
from wickwork.model.messages import Notification
from wickwork.model.timeframe import Timeframe
from wickwork.store.journal import Entry
from wickwork.venues.paper import MESSAGE, cause_of, message_of


@dataclass(frozen=True)
class Difference:
    """One thing that the run and the backtest do not agree on."""

    bar: int
    """−1 where it is no single bar."""
    what: str
    recorded: Any
    replayed: Any

    def __str__(self) -> str:
        at = f"bar {self.bar}, " if self.bar >= 0 else ""
        return f"{at}{self.what}: the run has {self.recorded}, the backtest {self.replayed}"


@dataclass(frozen=True)
class LateBars:
    """Bars that came after later ones, so that the run went on without them."""

    bars: int
    reason: str
    """Which bars these are, and why they were not taken; a sentence."""


@dataclass
class Recorded:
    """A journal read: the start, the events that came in, their outcomes."""

    start: Entry
    events: list[Event] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    """One for each event, in order; the last one may be missing."""
    entries: dict[int, Entry] = field(default_factory=dict)
    """The entries of outcomes by their number."""
    not_taken: list[str] = field(default_factory=list)
    """Bars that came too late and requests that meant nothing, in sentences."""
    late: list[LateBars] = field(default_factory=list)
    """The bars among these."""
    faults: list[Difference] = field(default_factory=list)
    """What breaks the order: bars left out or taken twice."""

    @property
    def unfinished(self) -> bool:
        """Whether the last event has no outcome yet."""
        return len(self.events) > len(self.outcomes)

    @property
    def bars(self) -> list[tuple[BarsClosed, Outcome]]:
        """The bars that have an outcome, with it; what reports led to since the bars before is a part of it."""
        found: list[tuple[BarsClosed, Outcome]] = []
        rows: dict[str, Any] = dict.fromkeys(FIELDS, ())
        for event, outcome in zip(self.events, self.outcomes, strict=False):
            rows = {name: rows[name] + getattr(outcome, name) for name in FIELDS}
            if isinstance(event, BarsClosed):
                found.append((event, changed_copy(outcome, **rows)))
                rows = dict.fromkeys(FIELDS, ())
        return found

    @property
    def is_requested(self) -> bool:
        """Whether people or alerts had a part in it, which no backtest has."""
        return any(isinstance(event, (OrderRequested, TradingStateChanged)) for event in self.events)


def read_run(entries: Iterable[Entry], where: str) -> Recorded:
    """Read a journal. Raises InputError where it is none of a run."""
    found: Recorded | None = None
    bars = 0
    for entry in entries:
        if found is None:
            if entry.kind != START:
                raise InputError(f"{where} does not begin with the start of a run; it is no journal of one.")
            found = Recorded(entry)
        elif kind_of(entry) == INPUT:
            if entry.data["bar"] != bars:
                found.faults.append(Difference(bars, "the bars taken", f"bar {entry.data['bar']}", "this one"))
            event = input_from(entry.data)
            bars += isinstance(event, BarsClosed)
            found.events.append(event)
        elif entry.kind == NOT_TAKEN:
            found.not_taken.append(str(entry.data.get("reason", "")))
            if "bars" in entry.data or "opened_at" in entry.data:
                found.late.append(LateBars(int(entry.data.get("bars", 1)), found.not_taken[-1]))
        elif kind_of(entry) == OUTPUT:
            outcome = output_from(entry.data)
            if len(found.outcomes) + 1 != len(found.events):
                found.faults.append(Difference(outcome.bar, "an outcome", "without its event", "after its event"))
            found.outcomes.append(outcome)
            found.entries[entry.number] = entry
    if found is None:
        raise InputError(f"{where} is empty; it is no journal of a run.")
    return found


def replay(run: Recorded, start: Start, program: Program) -> tuple[list[Difference], History | None]:
    """The differences between a run and the same events run again, and a backtest over its bars.

    A run in which people or alerts had a part has no backtest; all others must equal theirs.
    """
    pairs = run.bars
    differences = list(run.faults)
    if not pairs or differences:
        return differences, None
    # A state is bytes of the records of its engine; what another version decided is comparable, its states are not.
    states = start.engine == engine_version()
    history = None
    if not run.is_requested:
        events = [event for event, _ in pairs]
        source = f"{start.source}, from the journal"
        bars, finer = bars_of(events, start.universe, source)
        marks = marks_of(events, start.universe, source)
        feed = feed_for(bars, start.terms, finer, marks=marks)
        if start.universe.funding:
            feed = changed_copy(feed, funding=_charges(events, feed, start))
        machine = Machine(program, feed, start.terms)
        machine.run(len(pairs))
        history = history_of(machine, bars, finer, marks=marks)
        differences += _compared([outcome for _, outcome in pairs], history)
        if states and not start.reported and not differences and state_of(machine) != run.outcomes[-1].state:
            differences.append(
                Difference(len(pairs) - 1, "what it remembers", run.outcomes[-1].state, state_of(machine))
            )
    bot = Bot(program, start.universe, start.terms, reported=start.reported, name=order_prefix(run.start))
    return differences or _run_again(run, bot, states), history


def _run_again(run: Recorded, bot: Bot, states: bool) -> list[Difference]:
    """The first event at which a bot that takes the same events again has another outcome or state."""
    for event, then in zip(run.events, run.outcomes, strict=False):
        now = advance(bot, event)
        if not states:
            now = changed_copy(now, state=then.state)
        if now != then:
            changed = [name for name in Outcome.__dataclass_fields__ if getattr(now, name) != getattr(then, name)]
            what = f"{', '.join(changed)} when the events are run again"
            return [Difference(then.bar, what, getattr(then, changed[0]), getattr(now, changed[0]))]
    return []


def against_statement(run: Recorded, statement: Iterable[Entry]) -> list[Difference]:
    """The differences between a run and the messages in the venue's statement.

    What the run wrote down last may not have been sent yet; everything else must have arrived once, and nothing may
    have been sent before it was written down.
    """
    found, delivered = [], set()
    for message in statement:
        if message.kind != MESSAGE:
            if message.data.get("journal") != run.start.sum:
                found.append(Difference(-1, "the journal that the statement names", run.start.sum, "another"))
            continue
        (number, cause_sum), sent = cause_of(message), message_of(message.data)
        entry = run.entries.get(number)
        if entry is None or entry.sum != cause_sum:
            found.append(Difference(-1, f"message {message.number} to the venue", "no line that it came from", sent))
        elif message_of(entry.data) != sent:
            found.append(Difference(entry.data["bar"], "a message to the venue", message_of(entry.data), sent))
        if number in delivered:
            found.append(Difference(-1, f"line {number + 1}", "one message to the venue", "two of them"))
        delivered.add(number)
    last = max(delivered, default=-1)
    for number, entry in run.entries.items():
        if number < last and number not in delivered and message_of(entry.data):
            found.append(Difference(entry.data["bar"], "a message to the venue", message_of(entry.data), "nothing"))
    return found


def bars_of(
    events: Sequence[BarsClosed], universe: Universe, source: str = "the journal"
) -> tuple[list[Bars], dict[Instrument, Bars]]:
    """The bars of events, by instrument, and the shorter ones inside them. `source` says where they come from."""
    bars, finer = [], {}
    for lane, instrument in enumerate(universe.instruments):
        rows: list[tuple[int, Row]] = []
        inside: list[tuple[int, Row]] = []
        for event in events:
            row, within = event.rows[lane], event.finer[lane]
            if row is None:
                continue
            rows.append((event.opened_at, row))
            if within and universe.finer and len(within) == universe.most_finer:
                step = universe.finer.milliseconds
                inside += [(event.opened_at + i * step, one) for i, one in enumerate(within)]
        bars.append(_bars(instrument, universe.timeframe, rows, source).with_columns(_columns(events, lane)))
        if inside and universe.finer:
            finer[instrument] = _bars(instrument, universe.finer, inside, source)
    return bars, finer


def marks_of(events: Sequence[BarsClosed], universe: Universe, source: str) -> dict[str, Bars]:
    """The mark prices of events, by the name of their instrument."""
    found = {}
    for lane, instrument in enumerate(universe.instruments):
        if str(instrument) in universe.marks:
            known = [(event.opened_at, event.marks[lane]) for event in events if lane < len(event.marks)]
            rows = [(at, (*mark, 0.0)) for at, mark in known if mark is not None]
            found[str(instrument)] = _bars(instrument, universe.timeframe, rows, source)
    return found


def _charges(events: Sequence[BarsClosed], feed: Feed, start: Start) -> NDArray[np.int64]:
    """What the bars charge, in the layout of `Feed.funding`: the rates of the events, else the constant ones."""
    universe, terms = start.universe, start.terms
    constant = (terms.of(str(i)).funding_rate if i.kind is Kind.PERPETUAL else 0.0 for i in feed.instruments)
    table = charge_table(feed.opened_at, *constant)
    for lane, instrument in enumerate(feed.instruments):
        if str(instrument) in universe.funding:
            given = [event.funding[lane] if lane < len(event.funding) else None for event in events]
            table[1:, lane] = [rate or 0.0 for rate in given[1:]]
    return charges_of(table)


def _columns(events: Sequence[BarsClosed], lane: int) -> dict[str, list[float]]:
    """The columns from outside of one instrument, a value for each of its bars."""
    own = [event for event in events if event.rows[lane] is not None]
    names = list(own[0].columns) if own else []
    found = {name: [event.columns.get(name, ())[lane : lane + 1] for event in own] for name in names}
    return {
        name: [float("nan") if not one or one[0] is None else one[0] for one in values]
        for name, values in found.items()
    }


def _bars(instrument: Instrument, timeframe: Timeframe, rows: list[tuple[int, Row]], source: str) -> Bars:
    """The rows of a journal as bars."""
    opens, highs, lows, closes, volumes = np.array([row for _, row in rows], np.float64).reshape(-1, 5).T
    return Bars.of(instrument, timeframe, [at for at, _ in rows], opens, highs, lows, closes, volumes, source=source)


def _compared(outcomes: Sequence[Outcome], history: History) -> list[Difference]:
    """Bar by bar: equity, and every row of every table, to the last bit."""
    found = []
    replayed: dict[str, dict[int, list[tuple[Any, ...]]]] = {name: {} for name in FIELDS}
    for name, table in (("closed_orders", history.closed_orders), ("fills", history.fills), ("denied", history.denied)):
        for row in table[list(FIELDS[name])].tolist():
            replayed[name].setdefault(row[FIELDS[name].index("bar")], []).append(row)
    created = dict(
        zip(history.closed_orders["order"].tolist(), history.closed_orders["created_bar"].tolist(), strict=True)
    )
    created |= dict(zip(history.working["id"].tolist(), history.working["created_bar"].tolist(), strict=True))
    for row in placed_of(history.closed_orders, history.working):
        replayed["placed"].setdefault(created[row[0]], []).append(row)
    messages: dict[int, list[Notification]] = {}
    rows = history.notifications
    texts = notifications_of(history.program, history.feed.instruments, rows)
    for bar, message in zip(rows["bar"].tolist(), texts, strict=True):
        messages.setdefault(bar, []).append(message)
    for outcome in outcomes:
        at = outcome.bar
        if outcome.opened_at != history.feed.opened_at[at]:
            found.append(Difference(at, "its time", iso(outcome.opened_at), iso(history.feed.opened_at[at])))
        for name in FIELDS:
            mine, theirs = list(getattr(outcome, name)), replayed[name].get(at, [])
            if name == "placed":  # kind and prices may have changed until the order ended
                mine, theirs = _identities(mine), _identities(theirs)
            if mine != theirs:
                found.append(Difference(at, name, named(name, mine), named(name, theirs)))
        if list(outcome.notifications) != messages.get(at, []):
            written, again = map(_messages, (outcome.notifications, messages.get(at, [])))
            found.append(Difference(at, "notifications", written, again))
        equity = float(history.equity[at])
        if outcome.equity != equity:
            found.append(Difference(at, "equity", outcome.equity, equity))
    return found


def _messages(given: Iterable[Notification]) -> list[Mapping[str, Any]]:
    """Messages as they are in JSON."""
    return [asdict(one) for one in given]


def _identities(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """What of the orders never changes: the first fields of their rows."""
    return [row[: len(IDENTITY)] for row in rows]


def named(table: str, rows: Iterable[Sequence[Any]]) -> list[Mapping[str, Any]]:
    """Rows with the names of their fields, as they are in JSON."""
    names = [PUBLIC_NAMES[table].get(name, name) for name in FIELDS[table]]
    return [dict(zip(names, row, strict=False)) for row in rows]
