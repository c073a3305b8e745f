"""What a run does when something happens: `advance(bot, event)`.

No clock, no network, no files: the same bot and the same events always give the same outcome, and bars alone give bit
for bit that of a backtest over them. It changes the bot in place, because copying the whole state would cost more than
the bar; `Bot.save` and `Bot.load` make a copy if one is needed.

Where fills are simulated within the bot, bars are all that it takes. Where a venue reports them, the bot takes its
reports, and the bars fill nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from wickwork.engine.bot import Bot, state_of, words_of
from wickwork.engine.faults import refuse_event
from wickwork.engine.machine import COUNTERS
from wickwork.engine.notifications import notifications_of
from wickwork.engine.order_commands import commands_between, note_changes, working_rows
from wickwork.engine.order_notes import counters_of, moment_of, note_step
from wickwork.engine.reports import apply_report, in_order, request
from wickwork.model.commands import Command
from wickwork.model.events import BarsClosed, Event, Fault, OrderReport, OrderRequested, Report
from wickwork.model.messages import Notification
from wickwork.model.order_kinds import LIQUIDATION
from wickwork.orders.records import ACCOUNT, CLOSED_ORDER, DENIED, FILL, SEQUENCE
from wickwork.risk.gate import ACTIVE, REDUCING, known_state

Rows = tuple[tuple[Any, ...], ...]
IDENTITY = ("order", "lane", "action", "side", "leg")
"""What of an order never changes."""
PLACED = (*IDENTITY, "kind", "quantity", "limit", "stop")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "placed": PLACED,
    "closed_orders": tuple(name for name in CLOSED_ORDER.names or () if name not in SEQUENCE),
    "fills": FILL.names or (),
    "denied": DENIED.names or (),
}
"""The tables of an outcome: orders placed, orders closed, fills, and intents that were denied."""
PUBLIC_NAMES: Mapping[str, Mapping[str, str]] = {
    "placed": {"quantity": "asked"},
    "closed_orders": {"quantity": "asked", "created_bar": "placed"},
    "fills": {"finer_bar": "fine"},
    "denied": {},
}
"""The names in journals and JSON of fields that have other names in the records, by table."""
_COUNTED = tuple(COUNTERS)
_COUNTERS = words_of(ACCOUNT, *COUNTERS.values())
_NEXT_ID = words_of(ACCOUNT, "next_id")[0]


@dataclass(frozen=True)
class Outcome:
    """What came of one event; rows as `FIELDS` names them."""

    bar: int
    """Its number in the run, from 0."""
    opened_at: int
    equity: float
    """At the close of the last bar."""
    placed: Rows
    closed_orders: Rows
    fills: Rows
    denied: Rows
    state: str
    """A hash of the bot's state after it."""
    commands: tuple[Command, ...] = ()
    """What the venue is to be sent; none where fills are simulated within the bot."""
    faults: tuple[Fault, ...] = ()
    """What the venue reported and should not have done."""
    notifications: tuple[Notification, ...] = ()
    """The messages that the strategy recorded."""

    @property
    def is_eventful(self) -> bool:
        """Whether anything happened that is sent or shown."""
        tables = (self.placed, self.closed_orders, self.fills, self.denied)
        return any(map(bool, (*tables, self.commands, self.faults, self.notifications)))


def advance(bot: Bot, event: Event) -> Outcome:
    """Take one event: bars (the venue fills what they allow, then the strategy decides), a report, or a request.

    Raises InputError, with the bot as it was before, where bars are faulty or do not follow the last ones, and where a
    report or a request does not belong to the run.
    """
    refuse_event(bot, event)
    machine = bot.machine
    account = machine.raw["account"][0]
    bot.kept.begin_event()
    start = counters_of(bot)
    before = working_rows(bot) if bot.reported else {}
    own: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    if isinstance(event, Report):
        own, faults = _take_report(bot, event)
    else:
        if isinstance(event, BarsClosed):
            _take_bars(bot, event)
        elif isinstance(event, OrderRequested):
            request(bot, event)
        else:
            bot.trading_state = known_state(event.state)
        note_step(bot, event, before, start)
    outcome = _outcome(bot, start.next_id)
    if bot.reported:
        commands = commands_between(bot, before, start.next_id, own)
        note_changes(bot, commands, before, moment_of(bot, event))
        outcome = replace(outcome, commands=commands, faults=faults)
    account[_COUNTERS] = 0
    return outcome


def _take_bars(bot: Bot, event: BarsClosed) -> None:
    """Give the bars of one moment to the machine, and run it over them."""
    machine, window = bot.machine, bot.window
    if window.push(event):
        window.forget_funding(machine.funding_passed)
        machine.set_funding(window.funding, window.funding_before)
    bot.point_to_bars()
    machine.run(machine.done + 1)


def _take_report(bot: Bot, report: Report) -> tuple[tuple[str, ...], tuple[Fault, ...]]:
    """Apply a report and those that waited for it; after a fault the run only reduces positions.

    Returns the orders that were reported, by client id, and the faults.
    """
    own: list[str] = []
    faults: list[Fault] = []
    for one in in_order(bot, report):
        if isinstance(one, OrderReport):
            own.append(one.order)
        start, before = counters_of(bot), working_rows(bot)
        faults += apply_report(bot, one)
        note_step(bot, one, before, start)
    if faults and bot.trading_state == ACTIVE:
        bot.trading_state = REDUCING
    return tuple(own), tuple(faults)


def _outcome(bot: Bot, first_new: int) -> Outcome:
    """What the rows of the outputs say since the event began; `first_new` is the first id of an order placed in it."""
    machine = bot.machine
    account = machine.raw["account"][0]
    written = account[_COUNTERS].tolist()
    found = {
        name: _rows(machine.output(name)[list(FIELDS[name])]) if many and name in FIELDS else ()
        for name, many in zip(_COUNTED, written, strict=True)
    }
    return Outcome(
        bar=machine.done - 1,
        opened_at=bot.window.opened_at or 0,
        equity=float(machine.arrays["account"]["equity"][0]),
        placed=placed_of(machine.output("closed_orders"), machine.working(), first_new)
        if account[_NEXT_ID] != first_new
        else (),
        closed_orders=found["closed_orders"],
        fills=found["fills"],
        denied=found["denied"],
        state=state_of(machine),
        notifications=notifications_of(machine.program, bot.window.instruments, machine.output("notifications")),
    )


def placed_of(closed_orders: NDArray[Any], working: NDArray[Any], first: int = 1) -> Rows:
    """The orders with an id of at least `first`, as rows of `PLACED`, in the order in which they came to life.

    Kind, quantity and prices are those of now: a stop that was hit may have become a market order. A liquidation is
    the venue's own and is not placed.
    """
    live = working[working["id"] >= first][["id", *PLACED[1:]]].tolist()
    own = (closed_orders["order"] >= first) & (closed_orders["kind"] != LIQUIDATION)
    gone = closed_orders[own][[*PLACED]].tolist()
    return tuple(sorted(live + gone))


def _rows(table: NDArray[Any]) -> Rows:
    """The records of a table as tuples."""
    return tuple(table.tolist())
